package io.dynamiccredentials.exchange;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.token.IdentityToken;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Credentials of one exchanger: prolonged as long as the platform does it, and bought with a new identity token when it
 * does not.
 *
 * <p>A token whose exchange failed is used again, unless half of its life is over or the platform takes it for too old.
 * Not safe for use by several threads at once, as every source.
 */
public final class ExchangeSource<C extends Credentials> implements CredentialSource<C> {
    private static final Logger LOG = LoggerFactory.getLogger(ExchangeSource.class);

    private final CredentialExchanger<C> exchanger;
    private final Function<String, IdentityToken> tokens;
    private final Steps<C> steps;
    private final Clock clock;
    private @Nullable IdentityToken unspent;
    private Duration firstLife = Duration.ZERO;

    /** Hears of each step, before the next one. What it throws ends the attempt. */
    public interface Steps<C extends Credentials> {
        /** Hears of a token that was issued, before anybody else sees it. */
        void issued(IdentityToken token);

        /** Hears of credentials that {@code token} bought. */
        void bought(C credentials, IdentityToken token);

        /** Hears that {@code credentials} took the place of {@code former}: the same ones with a later end. */
        void prolonged(C credentials, C former);

        /** Hears that new credentials were not to be had yet, though the former ones near the end of their renewals. */
        void postponed(CredentialExchangeException reason);
    }

    /**
     * Makes a source.
     *
     * @param tokens issues a token for an audience
     * @param steps hears of each step
     * @param clock tells how old a token is
     */
    public ExchangeSource(
            CredentialExchanger<C> exchanger, Function<String, IdentityToken> tokens, Steps<C> steps, Clock clock) {
        this.exchanger = exchanger;
        this.tokens = tokens;
        this.steps = steps;
        this.clock = clock;
    }

    @Override
    public String platform() {
        return exchanger.platform();
    }

    @Override
    public C obtain(Optional<C> previous) {
        Optional<C> prolonged = previous.flatMap(this::prolong);
        if (prolonged.isEmpty()) {
            return buy();
        }
        C same = prolonged.get();
        if (lifeLeft(same).compareTo(firstLife.dividedBy(2)) >= 0) {
            return same;
        }
        // The platform's limit is near: a new beginning, as long as there is something to fall back on.
        try {
            return buy();
        } catch (CredentialExchangeException e) {
            LOG.warn("Credentials near the limit of their renewals are not replaced yet: {}", e.getMessage());
            steps.postponed(e);
            return same;
        }
    }

    @Override
    public Optional<Duration> refreshDueIn(C credentials) {
        return exchanger instanceof RenewableExchanger<C> renewable
                ? renewable.renewalDueIn(credentials)
                : Optional.empty();
    }

    private Optional<C> prolong(C old) {
        if (!(exchanger instanceof RenewableExchanger<C> renewable)
                || renewable.renewalDueIn(old).isEmpty()) {
            return Optional.empty();
        }
        try {
            C same = renewable.renew(old);
            steps.prolonged(same, old);
            return Optional.of(same);
        } catch (CredentialExchangeException e) {
            if (e.retryable() || Thread.currentThread().isInterrupted()) {
                throw e;
            }
            LOG.info("Credentials are bought anew, since they can't be prolonged: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private C buy() {
        IdentityToken token = token();
        C credentials;
        try {
            credentials = exchanger.exchange(token);
        } catch (CredentialExchangeException e) {
            if (e.needsFreshToken()) {
                unspent = null;
            }
            throw e;
        }
        unspent = null;
        firstLife = lifeLeft(credentials);
        steps.bought(credentials, token);
        return credentials;
    }

    private IdentityToken token() {
        IdentityToken last = unspent;
        if (last != null && isYoung(last)) {
            return last;
        }
        IdentityToken token = tokens.apply(exchanger.audience());
        steps.issued(token);
        unspent = token;
        return token;
    }

    private boolean isYoung(IdentityToken token) {
        Duration life = Duration.between(token.issuedAt(), token.expiresAt());
        return Duration.between(clock.instant(), token.expiresAt()).compareTo(life.dividedBy(2)) > 0;
    }

    private Duration lifeLeft(C credentials) {
        Instant now = clock.instant();
        return Duration.between(now, credentials.expiresAt());
    }
}
