package io.dynamiccredentials.testkit.junit;

import io.dynamiccredentials.testkit.SecretSource;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * Fails each test in which a secret reached a log, standard output or error, the exception that ended the test, the
 * text form of an object in a field of the test, or a file. Texts and collections of the JDK are no such objects.
 *
 * <pre>{@code
 * @ExtendWith({FakePlatforms.class, LeakDetection.class})
 * class DeployTest { … }
 * }</pre>
 *
 * <p>It knows the secrets of the fakes and issuers that {@link FakePlatforms} started for the test, of those in fields
 * of the test (each {@link SecretSource}), and what a parameter of type {@link LeakDetector} was told. Files are looked
 * at after the test below {@code java.io.tmpdir}, or where a detector registered by {@link #below} says: close leases,
 * whose own files are there too, before the test ends. Tests may run in parallel: each answers for its own secrets.
 */
public final class LeakDetection implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(LeakDetection.class);

    private final List<Path> directories;

    /** Looks at the files below {@code java.io.tmpdir}. For {@code @ExtendWith}. */
    public LeakDetection() {
        this(List.of(Path.of(System.getProperty("java.io.tmpdir"))));
    }

    private LeakDetection(List<Path> directories) {
        this.directories = List.copyOf(directories);
    }

    /** Returns an extension for {@code @RegisterExtension} that looks at the files below {@code directories}. */
    public static LeakDetection below(Path... directories) {
        return new LeakDetection(List.of(directories));
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        detector(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        LeakDetector detector = detector(context);
        FakePlatforms.sources(context).forEach(detector::watch);
        context.getExecutionException().ifPresent(thrown -> detector.inspect("the exception of the test", thrown));
        for (Object instance : context.getRequiredTestInstances().getAllInstances()) {
            for (Field field :
                    ReflectionSupport.findFields(instance.getClass(), any -> true, HierarchyTraversalMode.TOP_DOWN)) {
                ReflectionSupport.tryToReadFieldValue(field, instance)
                        .toOptional()
                        .ifPresent(value -> inspect(detector, field, value));
            }
        }
        detector.check();
    }

    private static void inspect(LeakDetector detector, Field field, Object value) {
        if (value instanceof SecretSource source) {
            detector.watch(source);
        }
        // A test may hold secrets as texts. Only who has a text form of its own making shows them by it.
        if (!value.getClass().getName().startsWith("java.")) {
            detector.inspect("the text form of field \"" + field.getName() + "\"", value);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == LeakDetector.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return detector(context);
    }

    /** Returns the detector of a test, which JUnit closes with the test's store. */
    private LeakDetector detector(ExtensionContext context) {
        return context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(LeakDetector.class, key -> LeakDetector.start(directories), LeakDetector.class);
    }
}
