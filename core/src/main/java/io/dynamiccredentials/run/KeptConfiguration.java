package io.dynamiccredentials.run;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.ConfiguredPlatform.Renewal;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.exchange.CredentialSource;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.ExchangeSource;
import io.dynamiccredentials.exchange.HandedOnToken;
import io.dynamiccredentials.exchange.RefreshingCredentials;
import io.dynamiccredentials.exchange.TokenHandover;
import io.dynamiccredentials.token.IdentityToken;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One configuration of a run: obtained once, then kept fresh in what the run has of it. Opened by one thread; then its
 * refresher's threads use it, one at a time.
 */
final class KeptConfiguration<C extends Credentials> {
    private final Configuration<C> configuration;
    private final LeaseServices services;
    private final Ledger ledger;
    private final LeaseEvents events;
    private final ExchangeSource<C> source;
    private volatile @Nullable C credentials;
    private volatile @Nullable IdentityToken token;
    private volatile @Nullable ConfigurationEnvironment latest;
    private volatile @Nullable RefreshingCredentials<?> kept;
    private volatile boolean released;

    KeptConfiguration(Configuration<C> configuration, LeaseServices services, Ledger ledger, LeaseEvents events) {
        this.configuration = configuration;
        this.services = services;
        this.ledger = ledger;
        this.events = events;
        this.source = new ExchangeSource<>(platform().exchanger(), this::issue, new Steps(), services.clock());
    }

    Configuration<C> configuration() {
        return configuration;
    }

    Duration settling() {
        return platform().settling();
    }

    /** Obtains the credentials, as often as it takes and is sensible. Blocks on the network. */
    void obtain() {
        long begin = services.refresher().nanoTime();
        for (int made = 1; ; made++) {
            try {
                source.obtain(Optional.empty());
                return;
            } catch (CredentialExchangeException e) {
                events.refused(configuration.name(), String.valueOf(e.getMessage()));
                Duration elapsed = Duration.ofNanos(services.refresher().nanoTime() - begin);
                services.pause(
                        services.retryPolicy()
                                .pauseAfter(e, made, elapsed, services.random().getAsDouble())
                                .orElseThrow(() -> e),
                        configuration.name());
            }
        }
    }

    /** Renders what was obtained. */
    void render(ConfigurationEnvironment environment) {
        platform().renderer().render(obtained(), lastToken(), environment);
    }

    /** Keeps it fresh from now on, and hands what is newer to {@code renewed}. */
    void keep(ConfigurationEnvironment environment, Consumer<ConfigurationEnvironment> renewed) {
        latest = environment;
        Runnable again = () -> {
            if (released) {
                return;
            }
            ConfigurationEnvironment newer = lastEnvironment().renewal();
            render(newer);
            renewed.accept(newer);
            latest = newer;
            events.refreshed(configuration.name(), lastToken(), obtained());
        };
        kept = platform().renewal() == Renewal.IDENTITY_TOKEN
                ? services.refresher().keep(tokens(again), Optional.of(new HandedOnToken(lastToken())))
                : services.refresher().keep(credentials(again), Optional.of(obtained()));
    }

    /** Lets go of it: nothing is refreshed from now on. Waits for nothing. */
    void release() {
        released = true;
        RefreshingCredentials<?> refreshing = kept;
        if (refreshing != null) {
            refreshing.stop();
        }
    }

    /** Waits until an attempt that was under way when it was released has ended, so long at most. */
    void awaitEnd(Duration longestWait) {
        RefreshingCredentials<?> refreshing = kept;
        if (refreshing != null) {
            refreshing.awaitEnd(longestWait);
        }
    }

    private ConfiguredPlatform<C> platform() {
        return configuration.platform();
    }

    private C obtained() {
        return Objects.requireNonNull(credentials, "It is obtained before it is used");
    }

    private IdentityToken lastToken() {
        return Objects.requireNonNull(token, "It is obtained before it is used");
    }

    private ConfigurationEnvironment lastEnvironment() {
        return Objects.requireNonNull(latest, "It is rendered before it is renewed");
    }

    private IdentityToken issue(String audience) {
        return services.issuer().issue(platform().workload(), audience);
    }

    /** Credentials that are prolonged are the same for the run; newer ones are handed to it. */
    private CredentialSource<C> credentials(Runnable again) {
        return new Renewed<>(source, source::refreshDueIn, (fresh, before) -> {
            if (obtainedAnew(before)) {
                handOver(again);
            }
        });
    }

    private boolean obtainedAnew(IdentityToken before) {
        return !lastToken().tokenId().equals(before.tokenId());
    }

    private CredentialSource<HandedOnToken> tokens(Runnable again) {
        TokenHandover handover = new TokenHandover(
                platform().exchanger().platform(), platform().exchanger().audience());
        ExchangeSource<HandedOnToken> issued =
                new ExchangeSource<>(handover, this::issue, new TokenSteps(), services.clock());
        return new Renewed<>(issued, this::halfOfItsLife, (fresh, before) -> again.run());
    }

    /**
     * Tools keep what they read for minutes, and Google's access tokens end with the token that bought them: whoever
     * reads a token late must still have enough of it.
     */
    private Optional<Duration> halfOfItsLife(HandedOnToken fresh) {
        Duration life = Duration.between(services.clock().instant(), fresh.expiresAt());
        return Optional.of(life.dividedBy(2));
    }

    private void handOver(Runnable again) {
        if (settling().isZero()) {
            again.run();
        } else {
            // The platform does not know them everywhere yet, and the older ones still live.
            services.refresher().after(settling(), again);
        }
    }

    /** What the run is handed after each renewal. */
    private interface Handing<T> {
        void hand(T fresh, IdentityToken before);
    }

    /** Hands over what a source gave, as a part of the attempt: if that fails, the attempt did. */
    private final class Renewed<T extends Credentials> implements CredentialSource<T> {
        private final ExchangeSource<T> source;
        private final Function<T, Optional<Duration>> due;
        private final Handing<T> handing;

        Renewed(ExchangeSource<T> source, Function<T, Optional<Duration>> due, Handing<T> handing) {
            this.source = source;
            this.due = due;
            this.handing = handing;
        }

        @Override
        public String platform() {
            return source.platform();
        }

        @Override
        public T obtain(Optional<T> previous) {
            IdentityToken before = lastToken();
            try {
                T fresh = source.obtain(previous);
                handing.hand(fresh, before);
                return fresh;
            } catch (CredentialExchangeException e) {
                events.refused(configuration.name(), String.valueOf(e.getMessage()));
                throw e;
            }
        }

        @Override
        public Optional<Duration> refreshDueIn(T fresh) {
            return due.apply(fresh);
        }
    }

    /** Enters what the platform gave into the ledger. */
    private final class Steps implements ExchangeSource.Steps<C> {
        @Override
        public void issued(IdentityToken issued) {
            ledger.issued(configuration.name(), issued);
        }

        @Override
        public void bought(C fresh, IdentityToken spent) {
            ledger.bought(configuration.name(), platform().exchanger(), fresh, spent);
            credentials = fresh;
            token = spent;
        }

        @Override
        public void prolonged(C later, C former) {
            ledger.prolonged(configuration.name(), platform().exchanger(), later, former);
            credentials = later;
        }
    }

    /** Enters a token that the run gets as it is. */
    private final class TokenSteps implements ExchangeSource.Steps<HandedOnToken> {
        @Override
        public void issued(IdentityToken issued) {
            ledger.issued(configuration.name(), issued);
        }

        @Override
        public void bought(HandedOnToken fresh, IdentityToken same) {
            ledger.handedOn(configuration.name(), same);
            token = same;
        }

        @Override
        public void prolonged(HandedOnToken later, HandedOnToken former) {
            throw new IllegalStateException("A token can't be prolonged");
        }
    }
}
