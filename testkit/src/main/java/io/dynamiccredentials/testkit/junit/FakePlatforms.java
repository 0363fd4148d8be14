package io.dynamiccredentials.testkit.junit;

import io.dynamiccredentials.testkit.FakePlatform;
import io.dynamiccredentials.testkit.LoopbackTls;
import io.dynamiccredentials.testkit.SecretSource;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.testkit.aws.FakeAws;
import io.dynamiccredentials.testkit.azure.FakeEntra;
import io.dynamiccredentials.testkit.gcp.FakeGoogleCloud;
import io.dynamiccredentials.testkit.vault.FakeVault;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Starts the fakes that a test asks for by its parameters, and stops them after it.
 *
 * <pre>{@code
 * @ExtendWith(FakePlatforms.class)
 * class DeployTest {
 *     @Test
 *     void deploy(TestIssuer issuer, FakeVault vault, SettableClock clock) { … }
 * }
 * }</pre>
 *
 * <p>Parameters may be of type {@link SettableClock} (which stands at {@link #START} and is that of all others),
 * {@link TestIssuer}, {@link LoopbackTls}, {@link FakeAws}, {@link FakeEntra}, {@link FakeGoogleCloud} and
 * {@link FakeVault}. All parameters of one type within a test are the same object.
 *
 * <p>Parameters of a test, of a method that runs before or after each test, and of a constructor belong to that test
 * alone: tests may run in parallel. Those of a constructor with one instance for all tests of a class, of
 * {@code @BeforeAll} and {@code @AfterAll} belong to all tests of the class: before each test they are
 * {@linkplain FakePlatform#reset() reset} and the clock is put back; such tests must run one after another, and are
 * refused otherwise.
 *
 * <p>A fake starts when it is asked for, and needs the artifact of its own provider and no other.
 */
public final class FakePlatforms implements ParameterResolver, BeforeEachCallback {
    /** Where the clock stands when a test begins. */
    public static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private static final Namespace NAMESPACE = Namespace.create(FakePlatforms.class);

    private static final String CLOCK = "io.dynamiccredentials.testkit.SettableClock";

    /** By name, since the class of a fake needs its provider's artifact as soon as it is loaded. */
    private static final Map<String, Function<Started, Object>> STARTS = Map.of(
            CLOCK,
            started -> SettableClock.at(START),
            "io.dynamiccredentials.testkit.TestIssuer",
            started -> TestIssuer.start(started.clock()),
            "io.dynamiccredentials.testkit.LoopbackTls",
            started -> started.tls(),
            "io.dynamiccredentials.testkit.aws.FakeAws",
            started -> FakeAws.start(started.clock()),
            "io.dynamiccredentials.testkit.azure.FakeEntra",
            started -> FakeEntra.start(started.clock(), started.tls()),
            "io.dynamiccredentials.testkit.gcp.FakeGoogleCloud",
            started -> FakeGoogleCloud.start(started.clock(), started.tls()),
            "io.dynamiccredentials.testkit.vault.FakeVault",
            started -> FakeVault.start(started.clock()));

    /** Makes the extension, for {@code @ExtendWith}. */
    public FakePlatforms() {}

    @Override
    public void beforeEach(ExtensionContext context) {
        ofTheClass(context).ifPresent(shared -> {
            shared.beginTest();
            AutoCloseable end = shared::endTest;
            context.getStore(NAMESPACE).put(AutoCloseable.class, end);
        });
    }

    /** Has parameters of a constructor belong to the test that it makes an instance for. */
    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext rootContext) {
        return ExtensionContextScope.TEST_METHOD;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return STARTS.containsKey(parameter.getParameter().getType().getName());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        String type = parameter.getParameter().getType().getName();
        if (type.equals(CLOCK)) {
            return of(context).clock();
        }
        return ofTheClass(context)
                .flatMap(shared -> shared.find(type))
                .orElseGet(() -> of(context).get(type));
    }

    /** Returns what was started for a test and for its class, and knows secrets. */
    static List<SecretSource> sources(ExtensionContext context) {
        List<SecretSource> sources = new CopyOnWriteArrayList<>(of(context).sources());
        ofTheClass(context).ifPresent(shared -> sources.addAll(shared.sources()));
        return sources;
    }

    private static Started of(ExtensionContext context) {
        return context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        context.getUniqueId(),
                        id -> new Started(context.getRoot().getStore(NAMESPACE), ofTheClass(context)),
                        Started.class);
    }

    /** Returns what belongs to all tests of the class of a test, if something does. */
    private static Optional<Started> ofTheClass(ExtensionContext context) {
        for (Optional<ExtensionContext> outer = context.getParent();
                outer.isPresent();
                outer = outer.get().getParent()) {
            Started shared = outer.get().getStore(NAMESPACE).get(outer.get().getUniqueId(), Started.class);
            if (shared != null) {
                return Optional.of(shared);
            }
        }
        return Optional.empty();
    }

    /** What was started for one test, or for all of a class. JUnit closes it with the store that holds it. */
    private static final class Started implements AutoCloseable {
        private final ExtensionContext.Store ofAllTests;
        private final Optional<Started> outer;
        private final Map<String, Object> objects = new LinkedHashMap<>();
        private final AtomicInteger tests = new AtomicInteger();

        Started(ExtensionContext.Store ofAllTests, Optional<Started> outer) {
            this.ofAllTests = ofAllTests;
            this.outer = outer;
        }

        synchronized Object get(String type) {
            Object known = objects.get(type);
            if (known == null) {
                known = Objects.requireNonNull(STARTS.get(type)).apply(this);
                objects.put(type, known);
            }
            return known;
        }

        synchronized Optional<Object> find(String type) {
            return Optional.ofNullable(objects.get(type));
        }

        /** Returns the one clock of a test: that of its class, if something belongs to the class. */
        SettableClock clock() {
            return outer.map(Started::clock).orElseGet(this::ownClock);
        }

        private SettableClock ownClock() {
            return (SettableClock) get(CLOCK);
        }

        /** Returns the certificate of all tests, which takes a second to make. */
        LoopbackTls tls() {
            return ofAllTests.getOrComputeIfAbsent(LoopbackTls.class, type -> LoopbackTls.create(), LoopbackTls.class);
        }

        synchronized List<SecretSource> sources() {
            return objects.values().stream()
                    .filter(SecretSource.class::isInstance)
                    .map(SecretSource.class::cast)
                    .toList();
        }

        void beginTest() {
            if (tests.incrementAndGet() > 1) {
                tests.decrementAndGet();
                throw new ExtensionConfigurationException("Fakes that belong to a class are reset before each of its "
                        + "tests, and two tests of it run at once. Ask for them as parameters of the test methods, or "
                        + "run the tests of the class one after another: @Execution(ExecutionMode.SAME_THREAD)");
            }
            reset();
        }

        void endTest() {
            tests.decrementAndGet();
        }

        private synchronized void reset() {
            for (Object object : objects.values()) {
                if (object instanceof FakePlatform platform) {
                    platform.reset();
                }
                if (object instanceof TestIssuer issuer) {
                    issuer.reset();
                }
                if (object instanceof SettableClock clock) {
                    clock.moveTo(START);
                }
            }
        }

        @Override
        public synchronized void close() {
            List<Object> latestFirst = new ArrayList<>(objects.values());
            Collections.reverse(latestFirst);
            RuntimeException first = null;
            for (Object object : latestFirst) {
                try {
                    close(object);
                } catch (RuntimeException e) {
                    if (first == null) {
                        first = e;
                    } else {
                        first.addSuppressed(e);
                    }
                }
            }
            if (first != null) {
                throw first;
            }
        }

        private static void close(Object object) {
            if (object instanceof FakePlatform platform) {
                platform.close();
            }
            if (object instanceof TestIssuer issuer) {
                issuer.close();
            }
        }
    }
}
