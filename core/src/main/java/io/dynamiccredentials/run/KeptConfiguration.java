package io.dynamiccredentials.run;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.exchange.CredentialSource;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.ExchangeSource;
import io.dynamiccredentials.exchange.HandedOnToken;
import io.dynamiccredentials.exchange.RefreshingCredentials;
import io.dynamiccredentials.exchange.TokenHandover;
import io.dynamiccredentials.token.IdentityToken;
import java.time.Duration;
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
    private final Handing<C> handing;
    private volatile @Nullable RefreshingCredentials<?> kept;

    KeptConfiguration(Configuration<C> configuration, LeaseServices services, Ledger ledger, LeaseEvents events) {
        this.configuration = configuration;
        this.services = services;
        this.ledger = ledger;
        this.events = events;
        this.handing = new Handing<>(configuration, services.refresher(), events);
        this.source = new ExchangeSource<>(platform().exchanger(), this::issue, new Steps(), services.clock());
    }

    Configuration<C> configuration() {
        return configuration;
    }

    Duration settling() {
        return platform().settling();
    }

    /**
     * Obtains the credentials, as often as it takes and is sensible, and keeps them fresh from now on. Blocks on the
     * network.
     */
    void obtain() {
        buy();
        Bought<C> first = handing.newest();
        kept = handing.isTokenAlone()
                ? services.refresher().keep(tokens(), Optional.of(new HandedOnToken(first.token())))
                : services.refresher().keep(credentials(), Optional.of(first.credentials()));
    }

    private void buy() {
        long begin = services.refresher().nanoTime();
        for (int made = 1; ; made++) {
            try {
                source.obtain(Optional.empty());
                return;
            } catch (CredentialExchangeException e) {
                refused(e);
                Duration elapsed = Duration.ofNanos(services.refresher().nanoTime() - begin);
                services.pause(
                        services.retryPolicy()
                                .pauseAfter(e, made, elapsed, services.random().getAsDouble())
                                .orElseThrow(() -> e),
                        configuration.name());
            }
        }
    }

    /** Renders what was obtained and has settled. */
    void render(ConfigurationEnvironment environment) {
        handing.render(environment);
    }

    /** Hands what is newer to {@code renewed} from now on. */
    void handTo(Consumer<ConfigurationEnvironment> renewed) {
        handing.handTo(renewed);
    }

    /** Lets go of it: nothing is refreshed or handed over from now on. Waits for nothing. */
    void release() {
        handing.release();
        RefreshingCredentials<?> refreshing = kept;
        if (refreshing != null) {
            refreshing.stop();
        }
    }

    /** Waits until what was under way when it was released has ended, so long at most. */
    void awaitEnd(Duration longestWait) {
        long begin = System.nanoTime();
        RefreshingCredentials<?> refreshing = kept;
        if (refreshing != null) {
            refreshing.awaitEnd(longestWait);
        }
        handing.awaitEnd(longestWait.minusNanos(System.nanoTime() - begin));
    }

    private ConfiguredPlatform<C> platform() {
        return configuration.platform();
    }

    private IdentityToken issue(String audience) {
        return services.issuer().issue(platform().workload(), audience);
    }

    private CredentialSource<C> credentials() {
        return new Renewed<>(source, this::dueIn);
    }

    private CredentialSource<HandedOnToken> tokens() {
        TokenHandover handover = new TokenHandover(
                platform().exchanger().platform(), platform().exchanger().audience());
        ExchangeSource<HandedOnToken> issued =
                new ExchangeSource<>(handover, this::issue, new TokenSteps(), services.clock());
        return new Renewed<>(issued, this::halfOfItsLife);
    }

    private Optional<Duration> dueIn(C fresh) {
        return fresh instanceof HandedOnToken token
                ? halfOfItsLife(token)
                : handing.settling().dueIn(source.refreshDueIn(fresh), fresh.expiresAt());
    }

    /**
     * Tools keep what they read for minutes, and Google's access tokens end with the token that bought them: whoever
     * reads a token late must still have enough of it.
     */
    private Optional<Duration> halfOfItsLife(HandedOnToken fresh) {
        Duration life = Duration.between(services.clock().instant(), fresh.expiresAt());
        return Optional.of(life.dividedBy(2));
    }

    private void refused(CredentialExchangeException e) {
        events.refused(configuration.name(), String.valueOf(e.getMessage()));
    }

    /** Hands over what a source gave, as a part of the attempt: if that fails, the attempt did. */
    private final class Renewed<T extends Credentials> implements CredentialSource<T> {
        private final ExchangeSource<T> source;
        private final Function<T, Optional<Duration>> due;

        Renewed(ExchangeSource<T> source, Function<T, Optional<Duration>> due) {
            this.source = source;
            this.due = due;
        }

        @Override
        public String platform() {
            return source.platform();
        }

        @Override
        public T obtain(Optional<T> previous) {
            Bought<C> before = handing.newest();
            boolean done = false;
            try {
                T fresh = source.obtain(previous);
                handing.handOver(before);
                done = true;
                return fresh;
            } catch (CredentialExchangeException e) {
                refused(e);
                throw e;
            } finally {
                if (!done) {
                    handing.backTo(before);
                }
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
            handing.take(fresh, spent);
        }

        @Override
        public void prolonged(C later, C former) {
            ledger.prolonged(configuration.name(), platform().exchanger(), later, former);
            handing.prolonged(later);
        }

        @Override
        public void postponed(CredentialExchangeException reason) {
            refused(reason);
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
            handing.take(same);
        }

        @Override
        public void prolonged(HandedOnToken later, HandedOnToken former) {
            throw new IllegalStateException("A token can't be prolonged");
        }

        @Override
        public void postponed(CredentialExchangeException reason) {
            throw new IllegalStateException("A token can't be prolonged", reason);
        }
    }
}
