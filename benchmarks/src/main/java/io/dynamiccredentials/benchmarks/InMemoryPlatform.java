package io.dynamiccredentials.benchmarks;

import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.environment.LoopbackAnswer;
import io.dynamiccredentials.environment.LoopbackEndpoint;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.RenewableExchanger;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.exchange.RevocationHandle;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.workload.Workload;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A platform without a network, which answers at once. One for each way in which a run has what it needs and keeps it
 * fresh. Safe for use by many threads.
 */
final class InMemoryPlatform implements CredentialProvider {
    /** Refreshed after three quarters of its life, a tenth of that more or less. */
    private static final double LATEST_REFRESH = 0.75 * 1.1;

    /** How a run has what it needs. */
    enum Way {
        /** The run trades its identity token itself, from a file that is replaced. */
        TOKEN,
        /** Credentials in a file that is replaced. */
        FILE,
        /** Credentials from the lease's endpoint on loopback. */
        BROKER,
        /** Credentials that the platform prolongs and can end: the run's file stays as it is. */
        PROLONGED;

        private final String word = name().toLowerCase(Locale.ROOT);
        private final String platform = "Bench " + word;
        private final String file = "bench-" + word;
        private final String location = "BENCH_" + name() + "_AT";
        private final String bearer = "BENCH_" + name() + "_BEARER";

        /** Returns the variable that says where the run reads what it needs: a file or an address. */
        String location() {
            return location;
        }

        /** Returns the variable that says what a request to the address must carry. */
        String bearer() {
            return bearer;
        }
    }

    private final Way way;
    private final Duration life;
    private final Deadlines deadlines;
    private final Clock clock;
    private final VariableFamily family;

    /**
     * Makes a platform.
     *
     * @param life how long its credentials live
     */
    InMemoryPlatform(Way way, Duration life, Deadlines deadlines, Clock clock) {
        this.way = way;
        this.life = life;
        this.deadlines = deadlines;
        this.clock = clock;
        this.family = VariableFamily.builder("BENCH_" + way)
                .input("tfc_bench_" + way.word + "_dynamic_credentials", "at")
                .build();
    }

    /** Returns the variable that turns it on for a run. */
    String switchVariable() {
        return "TFC_BENCH_" + way + "_PROVIDER_AUTH";
    }

    @Override
    public VariableFamily family() {
        return family;
    }

    @Override
    public ConfiguredPlatform<?> configure(PlatformSettings settings, Workload workload) {
        Deadlines.Watch watch = deadlines.watch(way == Way.PROLONGED ? Prolonging.DUE_AFTER * 1.1 : LATEST_REFRESH);
        Buying buying = new Buying(way.platform, life, clock);
        CredentialExchanger<Session> exchanger = way == Way.PROLONGED ? new Prolonging(buying, watch) : buying;
        ConfiguredPlatform<Session> platform =
                new ConfiguredPlatform<>(workload, exchanger, (session, token, environment) -> {
                    render(session, token, environment);
                    watch.renewed(way == Way.TOKEN ? token.expiresAt() : session.expiresAt());
                });
        return way == Way.TOKEN ? platform.handingOnToken() : platform;
    }

    private void render(Session session, IdentityToken token, ConfigurationEnvironment environment) {
        switch (way) {
            case TOKEN ->
                renderLocation(environment.file(way.file, token.compact()).toString(), environment);
            case FILE, PROLONGED ->
                renderLocation(environment.file(way.file, session.text()).toString(), environment);
            case BROKER -> {
                LoopbackEndpoint endpoint =
                        environment.endpoint(way.file, LoopbackAnswer.json(session.text(), session.expiresAt()));
                renderLocation(endpoint.url().toString(), environment);
                environment.secretVariable(way.bearer, endpoint.bearer());
            }
        }
    }

    private void renderLocation(String location, ConfigurationEnvironment environment) {
        environment.variable(way.location, location).input("at", location);
    }

    /** Sells sessions for tokens. */
    private record Buying(String platform, Duration life, Clock clock) implements CredentialExchanger<Session> {
        @Override
        public String audience() {
            return "bench.example";
        }

        @Override
        public Session exchange(IdentityToken token) {
            return Session.lasting(life, clock.instant());
        }
    }

    /** Prolongs sessions, as Vault does with its tokens. */
    private record Prolonging(Buying buying, Deadlines.Watch watch) implements RenewableExchanger<Session> {
        private static final double DUE_AFTER = 2.0 / 3;

        @Override
        public String platform() {
            return buying.platform();
        }

        @Override
        public String audience() {
            return buying.audience();
        }

        @Override
        public Session exchange(IdentityToken token) {
            return buying.exchange(token);
        }

        @Override
        public Optional<Duration> renewalDueIn(Session session) {
            Duration left = Duration.between(buying.clock().instant(), session.expiresAt());
            return Optional.of(Duration.ofMillis((long) (left.toMillis() * DUE_AFTER)));
        }

        @Override
        public Session renew(Session session) {
            Instant later = buying.clock().instant().plus(buying.life());
            watch.renewed(later);
            return session.until(later);
        }

        @Override
        public Revocation revoke(Session session) {
            return new Revocation.Revoked();
        }

        @Override
        public Optional<RevocationHandle> handle(Session session) {
            return Optional.of(new RevocationHandle(platform(), Map.of("accessor", session.principal())));
        }
    }
}
