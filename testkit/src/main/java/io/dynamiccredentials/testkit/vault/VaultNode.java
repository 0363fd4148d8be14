package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.vault.FakeVault.State;
import io.dynamiccredentials.vault.VaultJwtMethod.Edition;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The server that a fake Vault is: its edition, its state, its namespaces and its quota. Safe for many threads. */
final class VaultNode {
    private static final String API = "/v1/";
    private static final String HEALTH = API + "sys/health";

    private final Clock clock;
    private final VaultHealth health = new VaultHealth();
    private final Map<String, FakeVaultNamespace> namespaces = new ConcurrentHashMap<>();
    private volatile Edition edition = Edition.VAULT;
    private volatile State state = State.ACTIVE;
    private volatile boolean lagging;
    private volatile @Nullable URI active;
    private volatile @Nullable Quota quota;

    VaultNode(Clock clock) {
        this.clock = clock;
        namespace("");
    }

    private static final class Quota {
        private final int most;
        private final Duration interval;
        private Instant since = Instant.MIN;
        private int taken;

        Quota(int most, Duration interval) {
            this.most = most;
            this.interval = interval;
        }

        synchronized void forget() {
            since = Instant.MIN;
        }

        synchronized Optional<Duration> take(Instant now) {
            if (since.equals(Instant.MIN) || !now.isBefore(since.plus(interval))) {
                since = now;
                taken = 0;
            }
            if (taken < most) {
                taken++;
                return Optional.empty();
            }
            return Optional.of(Duration.between(now, since.plus(interval)));
        }
    }

    FakeVaultNamespace namespace(String name) {
        return namespaces.computeIfAbsent(withoutSlashes(name), FakeVaultNamespace::new);
    }

    /** Forgets how much of the quota is used up. */
    void forgetRequests() {
        Quota current = quota;
        if (current != null) {
            current.forget();
        }
    }

    Edition edition() {
        return edition;
    }

    void edition(Edition newEdition) {
        edition = newEdition;
    }

    void state(State newState, @Nullable URI newActive) {
        state = newState;
        active = newActive;
    }

    void lag(boolean newLagging) {
        lagging = newLagging;
    }

    void quota(int most, Duration interval) {
        quota = new Quota(most, interval);
    }

    void noQuota() {
        quota = null;
    }

    /** Returns how long to wait, if the quota is used up. None is for questions about health. */
    Optional<Duration> takeFromQuota(FakeRequest request) {
        Quota current = quota;
        return current == null || isAboutHealth(request) ? Optional.empty() : current.take(clock.instant());
    }

    /** Answers what needs no token, and what the server's state refuses; empty if the request is to be answered. */
    Optional<FakeAnswer> answer(FakeRequest request) {
        boolean aboutHealth = request.path().equals(API + "sys/health");
        boolean aboutSeal = request.path().equals(API + "sys/seal-status")
                && request.method().equals("GET");
        if (aboutHealth || aboutSeal) {
            requireNoNamespace(request);
            return Optional.of(
                    aboutHealth
                            ? health.health(request, state, edition, clock.instant())
                            : health.sealStatus(state, edition));
        }
        Optional<FakeAnswer> redirection = byState(request);
        boolean stale = lagging
                && edition == Edition.VAULT
                && request.header("X-Vault-Index").isPresent();
        if (redirection.isEmpty() && stale) {
            throw VaultRefusal.of(412, "required index state not present");
        }
        return redirection;
    }

    private static boolean isAboutHealth(FakeRequest request) {
        return request.path().equals(HEALTH) || request.is("GET", API + "sys/seal-status");
    }

    private void requireNoNamespace(FakeRequest request) {
        boolean named =
                !withoutSlashes(request.header("X-Vault-Namespace").orElse("")).isEmpty();
        if (named && edition == Edition.OPENBAO) {
            throw VaultRefusal.invalid("operation unavailable in namespaces");
        }
    }

    private Optional<FakeAnswer> byState(FakeRequest request) {
        return switch (state) {
            case ACTIVE, PERFORMANCE_STANDBY -> Optional.empty();
            case SEALED, UNINITIALIZED -> throw VaultRefusal.of(503, "Vault is sealed");
            // UNVERIFIED: the words. That it serves nobody is sure.
            case DR_SECONDARY -> throw VaultRefusal.of(400, "path disabled in replication DR secondary mode");
            case STANDBY -> Optional.of(redirected(request));
        };
    }

    private FakeAnswer redirected(FakeRequest request) {
        URI target = active;
        if (target == null) {
            throw VaultRefusal.of(503, "no active Vault instance found");
        }
        return FakeAnswer.empty(307).header("Location", target + request.target());
    }

    /** Finds whom a request is for: the header and the path name a namespace together. Empty if there is none. */
    Optional<VaultCall> resolve(FakeRequest request) {
        if (!request.path().startsWith(API)) {
            return Optional.empty();
        }
        String header = withoutSlashes(request.header("X-Vault-Namespace").orElse(""));
        String path = request.path().substring(API.length());
        String whole = header.isEmpty() ? path : header + "/" + path;
        return namespaces.values().stream()
                .filter(namespace -> isIn(namespace.name(), header, whole))
                .max((one, other) ->
                        Integer.compare(one.name().length(), other.name().length()))
                .map(namespace -> new VaultCall(
                        request,
                        namespace,
                        namespace.name().isEmpty()
                                ? whole
                                : whole.substring(namespace.name().length() + 1)));
    }

    private static boolean isIn(String name, String header, String whole) {
        boolean atLeastHeader = header.isEmpty() || name.equals(header) || name.startsWith(header + "/");
        return atLeastHeader && (name.isEmpty() || whole.startsWith(name + "/"));
    }

    private static String withoutSlashes(String name) {
        int start = name.startsWith("/") ? 1 : 0;
        return name.length() > start && name.endsWith("/")
                ? name.substring(start, name.length() - 1)
                : name.substring(start);
    }
}
