package io.dynamiccredentials.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.RenewableExchanger;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.token.IdentityToken;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What each {@link CredentialExchanger} does, at a platform that can be asked which credentials it honours.
 *
 * @param <C> what it gives
 */
public abstract class CredentialExchangerContract<C extends Credentials> {
    /** When the tests begin. */
    protected static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static final int THREADS = 4;

    /** The clock that exchanger and platform live by. */
    protected final SettableClock clock = SettableClock.at(NOW);

    /** Returns the exchanger under test. */
    protected abstract CredentialExchanger<C> exchanger() throws Exception;

    /** Returns an exchanger of the same kind whose platform is out of reach. */
    protected abstract CredentialExchanger<C> unreachable() throws Exception;

    /** Returns a new token for {@code audience} that the platform trusts. */
    protected abstract IdentityToken goodToken(String audience) throws Exception;

    /** Returns a token for {@code audience} that the platform refuses. */
    protected abstract IdentityToken badToken(String audience) throws Exception;

    /** Tells whether the platform honours {@code credentials} now. */
    protected abstract boolean honours(C credentials) throws Exception;

    @Test
    void audience_isSaidAndStaysTheSame() throws Exception {
        CredentialExchanger<C> exchanger = exchanger();

        assertThat(exchanger.platform()).isNotBlank();
        assertThat(exchanger.audience()).isNotBlank().isEqualTo(exchanger.audience());
    }

    @Test
    void exchange_goodToken_givesCredentialsThatThePlatformHonours() throws Exception {
        C credentials = exchange();

        assertThat(honours(credentials)).isTrue();
        assertThat(credentials.expiresAt()).isAfter(clock.instant());
        assertThat(credentials.principal()).isNotBlank();
    }

    @Test
    void exchange_goodToken_namesAllItsSecretsAndShowsNone() throws Exception {
        C credentials = exchange();

        assertThat(credentials.secrets()).isNotEmpty();
        for (Secret secret : credentials.secrets()) {
            assertThat(secret.reveal()).isNotBlank();
            assertThat(credentials.toString()).doesNotContain(secret.reveal());
            assertThat(credentials.principal()).doesNotContain(secret.reveal());
            assertThat(exchanger().handle(credentials).toString()).doesNotContain(secret.reveal());
        }
    }

    @Test
    void exchange_badToken_isRefusedForGood() throws Exception {
        IdentityToken token = badToken(exchanger().audience());

        CredentialExchangeException refusal = failure(exchanger(), token);

        assertThat(refusal.kind()).isEqualTo(Kind.REFUSED);
        assertThat(refusal.retryable()).isFalse();
        assertSaysWhatAndNoSecret(refusal, token);
    }

    @Test
    void exchange_tokenForSomebodyElse_isRefused() throws Exception {
        IdentityToken token = goodToken("https://somebody-else.example");

        assertSaysWhatAndNoSecret(failure(exchanger(), token), token);
    }

    @Test
    void exchange_tokenLongEnded_isRefused() throws Exception {
        IdentityToken token = goodToken(exchanger().audience());
        clock.moveTo(token.expiresAt().plus(Duration.ofMinutes(10)));

        assertSaysWhatAndNoSecret(failure(exchanger(), token), token);
    }

    @Test
    void exchange_platformIsOutOfReach_isWorthRetrying() throws Exception {
        IdentityToken token = goodToken(unreachable().audience());

        CredentialExchangeException failure = failure(unreachable(), token);

        assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(failure.retryable()).isTrue();
        assertSaysWhatAndNoSecret(failure, token);
    }

    @Test
    void exchange_severalThreads_eachGetsItsOwn() throws Exception {
        CredentialExchanger<C> exchanger = exchanger();
        Set<List<String>> different = new HashSet<>();

        Parallel.run(THREADS, number -> exchanger.exchange(goodToken(exchanger.audience())))
                .forEach(credentials -> different.add(
                        credentials.secrets().stream().map(Secret::reveal).toList()));

        assertThat(different).hasSize(THREADS);
    }

    @Test
    void revoke_freshCredentials_achievesWhatItSays() throws Exception {
        CredentialExchanger<C> exchanger = exchanger();
        C credentials = exchange();

        Revocation revocation = exchanger.revoke(credentials);

        if (revocation instanceof Revocation.Revoked) {
            assertThat(honours(credentials)).isFalse();
        } else if (revocation instanceof Revocation.LivesUntil lives) {
            assertThat(lives.until()).isEqualTo(credentials.expiresAt());
            clock.moveTo(lives.until());
            assertThat(honours(credentials)).isFalse();
        } else if (revocation instanceof Revocation.Ordered ordered) {
            assertThat(ordered.until()).isBeforeOrEqualTo(credentials.expiresAt());
            clock.moveTo(ordered.until());
            assertThat(honours(credentials)).isFalse();
        }
    }

    @Test
    void honours_afterTheirEnd_isOver() throws Exception {
        C credentials = exchange();

        clock.moveTo(credentials.expiresAt().minusSeconds(1));
        assertThat(honours(credentials)).as("a second before its end").isTrue();
        clock.moveTo(credentials.expiresAt());
        assertThat(honours(credentials)).as("at its end").isFalse();
    }

    @Test
    void renew_whereItIsDue_prolongsTheSameCredentials() throws Exception {
        if (exchanger() instanceof RenewableExchanger<C> exchanger) {
            C credentials = exchanger.exchange(goodToken(exchanger.audience()));
            Duration due = exchanger.renewalDueIn(credentials).orElse(Duration.ZERO);
            assertThat(due).isBetween(Duration.ZERO, Duration.between(NOW, credentials.expiresAt()));
            if (exchanger.renewalDueIn(credentials).isPresent()) {
                clock.advance(due);

                C renewed = exchanger.renew(credentials);

                assertThat(renewed.expiresAt()).isAfterOrEqualTo(credentials.expiresAt());
                assertThat(renewed.secrets()).isEqualTo(credentials.secrets());
                assertThat(honours(renewed)).isTrue();
            }
        }
    }

    private C exchange() throws Exception {
        return exchanger().exchange(goodToken(exchanger().audience()));
    }

    private CredentialExchangeException failure(CredentialExchanger<C> exchanger, IdentityToken token) {
        Throwable failure = catchThrowable(() -> exchanger.exchange(token));
        assertThat(failure).as("what the exchange ends with").isInstanceOf(CredentialExchangeException.class);
        CredentialExchangeException refusal = (CredentialExchangeException) failure;
        assertThat(refusal.platform()).isEqualTo(exchanger.platform());
        return refusal;
    }

    private static void assertSaysWhatAndNoSecret(CredentialExchangeException failure, IdentityToken token) {
        assertThat(failure.remedy()).isNotBlank();
        assertThat(failure).hasMessageContaining(failure.platform());
        for (Throwable each = failure; each != null; each = each.getCause()) {
            assertThat(String.valueOf(each.getMessage()))
                    .doesNotContain(token.compact().reveal().split("\\.", -1)[2]);
        }
    }
}
