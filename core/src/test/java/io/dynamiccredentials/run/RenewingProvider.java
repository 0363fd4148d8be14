package io.dynamiccredentials.run;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.RenewableExchanger;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.workload.Workload;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A platform whose sessions live, settle and are prolonged as a test says, and end when they are not. */
final class RenewingProvider implements CredentialProvider, RenewableExchanger<RenewingProvider.Session> {
    final List<String> revoked = new CopyOnWriteArrayList<>();
    final Map<String, Instant> ends = Collections.synchronizedMap(new LinkedHashMap<>());
    private final Clock clock;
    final Map<String, Instant> boughtAt = Collections.synchronizedMap(new LinkedHashMap<>());
    Instant limit = Instant.MAX;
    Duration life = Duration.ofHours(1);
    Duration settling = Duration.ZERO;
    boolean renewable;
    volatile Runnable beforeExchange = () -> {};
    volatile Runnable beforeRendering = () -> {};
    private int sessions;

    RenewingProvider(Clock clock) {
        this.clock = clock;
    }

    /** A session of the platform. */
    record Session(String name, Instant expiresAt) implements Credentials {
        @Override
        public String principal() {
            return "holder of " + name;
        }

        @Override
        public List<Secret> secrets() {
            return List.of(Secret.of(name));
        }

        @Override
        public Optional<String> requestId() {
            return Optional.of("request of " + name);
        }
    }

    static CredentialExchangeException down() {
        return CredentialExchangeException.builder("Acme", Kind.UNREACHABLE, "Acme is down", "Wait")
                .build();
    }

    /** Tells whether the platform would take that session now. */
    boolean lives(String name) {
        @Nullable Instant end = ends.get(name);
        return end != null && clock.instant().isBefore(end);
    }

    /** Tells whether the platform knows that session everywhere. */
    boolean hasSettled(String name) {
        @Nullable Instant bought = boughtAt.get(name);
        // The clocks round to milliseconds.
        return bought != null && !clock.instant().isBefore(bought.plus(settling).minusSeconds(1));
    }

    @Override
    public VariableFamily family() {
        return VariableFamily.builder("ACME").build();
    }

    @Override
    public ConfiguredPlatform<?> configure(PlatformSettings settings, Workload workload) {
        return new ConfiguredPlatform<Session>(workload, this, (session, token, environment) -> {
                    beforeRendering.run();
                    environment.file("session", Secret.of(session.name()));
                    environment.file("token", token.compact());
                })
                .settlingFor(settling);
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
        beforeExchange.run();
        String name = "session-" + ++sessions;
        boughtAt.put(name, clock.instant());
        return session(name);
    }

    @Override
    public Optional<Duration> renewalDueIn(Session session) {
        return renewable ? Optional.of(life.multipliedBy(2).dividedBy(3)) : Optional.empty();
    }

    @Override
    public Session renew(Session session) {
        return session(session.name());
    }

    @Override
    public Revocation revoke(Session session) {
        revoked.add(session.name());
        return new Revocation.Revoked();
    }

    private Session session(String name) {
        Instant end = clock.instant().plus(life);
        Session session = new Session(name, end.isBefore(limit) ? end : limit);
        ends.put(name, session.expiresAt());
        return session;
    }
}
