package io.dynamiccredentials.testkit;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.environment.LoopbackAnswer;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.RenewableExchanger;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.exchange.RevocationHandle;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.workload.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** A platform in this process, which fails wherever a platform can. Used by one thread at a time. */
final class MemoryProvider implements CredentialProvider, RenewableExchanger<MemoryProvider.Session> {
    private final Clock clock;
    private Random random = new Random(0);
    private Markers markers = new Markers(random);
    private int faultsOfTen;

    MemoryProvider(Clock clock) {
        this.clock = clock;
    }

    /** What it gives: a record of a third party, whose text form is the one that Java gives it. */
    record Session(String name, Secret key, Secret token, Instant expiresAt) implements Credentials {
        @Override
        public String principal() {
            return "holder of " + name;
        }

        @Override
        public List<Secret> secrets() {
            return List.of(key, token);
        }
    }

    /** Begins a run in which so many of ten steps fail. */
    void begin(Random random, Markers markers, int faultsOfTen) {
        this.random = random;
        this.markers = markers;
        this.faultsOfTen = faultsOfTen;
    }

    @Override
    public VariableFamily family() {
        return VariableFamily.builder("ACME")
                .input("tfc_acme_dynamic_credentials", "key", "token_path")
                .build();
    }

    @Override
    public ConfiguredPlatform<?> configure(PlatformSettings settings, Workload workload) {
        ConfiguredPlatform<Session> platform = new ConfiguredPlatform<>(workload, this, this::render);
        return random.nextInt(4) == 0 ? platform.handingOnToken() : platform;
    }

    @Override
    public String platform() {
        return "Acme";
    }

    @Override
    public String audience() {
        return "acme";
    }

    @Override
    public Session exchange(IdentityToken token) {
        fail("the exchange");
        return session();
    }

    @Override
    public Optional<Duration> renewalDueIn(Session session) {
        return session.name().endsWith("0") ? Optional.empty() : Optional.of(Duration.ofMinutes(5));
    }

    @Override
    public Session renew(Session session) {
        fail("the renewal");
        return new Session(session.name(), session.key(), session.token(), end());
    }

    @Override
    public Revocation revoke(Session session) {
        fail("the revocation");
        return new Revocation.Revoked();
    }

    @Override
    public Optional<RevocationHandle> handle(Session session) {
        return random.nextBoolean()
                ? Optional.empty()
                : Optional.of(new RevocationHandle("Acme", Map.of("name", session.name())));
    }

    private Session session() {
        String name = "session-" + random.nextInt(1000);
        return new Session(name, Secret.of(markers.awsSecretKey()), Secret.of(markers.googleToken()), end());
    }

    private Instant end() {
        return clock.instant().plus(Duration.ofMinutes(15));
    }

    private void render(Session session, IdentityToken token, ConfigurationEnvironment environment) {
        Path file = environment.file("acme-token", token.compact());
        environment.secretVariable("ACME_KEY", session.key()).secretInput("key", session.key());
        environment.input("token_path", file.toString());
        if (session.name().endsWith("7")) {
            environment.endpoint("session", LoopbackAnswer.json(session.token(), session.expiresAt()));
        }
        if (random.nextInt(10) < faultsOfTen) {
            spoil(session, file, environment);
        }
    }

    /** What a renderer can meet: no room for its file, a name twice, a value that is none. */
    private void spoil(Session session, Path file, ConfigurationEnvironment environment) {
        switch (random.nextInt(4)) {
            case 0 -> environment.file("acme-token", session.key());
            case 1 -> environment.variable("HOME", session.name());
            case 2 -> moveAway(file);
            default -> throw new IllegalStateException("The renderer has no template");
        }
        environment.file("acme-session", session.token());
    }

    private static void moveAway(Path file) {
        try {
            Files.delete(file);
            Files.delete(file.resolveSibling("home"));
            Files.delete(file.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException("The disk is gone", e);
        }
    }

    private void fail(String what) {
        if (random.nextInt(10) >= faultsOfTen) {
            return;
        }
        switch (random.nextInt(4)) {
            case 0 ->
                throw CredentialExchangeException.builder("Acme", Kind.REFUSED, "Acme refused " + what, "Ask")
                        .status(403)
                        .build();
            case 1 ->
                throw CredentialExchangeException.builder("Acme", Kind.UNREACHABLE, "Acme is away", "Wait")
                        .cause(new IOException("reset"))
                        .build();
            case 2 -> Thread.currentThread().interrupt();
            default -> throw new IllegalStateException("Acme's library fell over");
        }
    }
}
