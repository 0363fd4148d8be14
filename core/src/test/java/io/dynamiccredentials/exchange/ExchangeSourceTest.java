package io.dynamiccredentials.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.token.IdentityToken;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExchangeSourceTest {
    private static final Duration TOKEN_LIFE = Duration.ofMinutes(10);

    private final ManualClock clock = new ManualClock();
    private final List<String> log = new ArrayList<>();
    private final Platform platform = new Platform();
    private final ExchangeSource<Session> source = new ExchangeSource<>(platform, this::issue, new Steps(), clock);
    private int issued;

    @Test
    void obtain_first_issuesTradesAndTellsEachStep() {
        Session session = source.obtain(Optional.empty());

        assertThat(session.name()).isEqualTo("session of token-1");
        assertThat(log).containsExactly("issued token-1", "traded token-1", "bought session of token-1");
    }

    @Test
    void obtain_retryWhileTheTokenIsYoung_tradesTheSameToken() {
        platform.failure = failure(Kind.UNREACHABLE).build();
        assertThatThrownBy(() -> source.obtain(Optional.empty())).isSameAs(platform.failure);
        platform.failure = null;
        clock.pass(TOKEN_LIFE.dividedBy(2).minusSeconds(1));

        assertThat(source.obtain(Optional.empty()).name()).isEqualTo("session of token-1");
    }

    @Test
    void obtain_retryWhenHalfOfTheTokensLifeIsOver_tradesANewOne() {
        platform.failure = failure(Kind.UNREACHABLE).build();
        assertThatThrownBy(() -> source.obtain(Optional.empty())).isSameAs(platform.failure);
        platform.failure = null;
        clock.pass(TOKEN_LIFE.dividedBy(2));

        assertThat(source.obtain(Optional.empty()).name()).isEqualTo("session of token-2");
    }

    @Test
    void obtain_platformTakesTheTokenForTooOld_theNextAttemptHasANewOne() {
        platform.failure = failure(Kind.REFUSED).worthRetryingWithFreshToken().build();
        assertThatThrownBy(() -> source.obtain(Optional.empty())).isSameAs(platform.failure);
        platform.failure = null;

        assertThat(source.obtain(Optional.empty()).name()).isEqualTo("session of token-2");
    }

    @Test
    void obtain_spentToken_isNotTradedAgain() {
        Session first = source.obtain(Optional.empty());

        assertThat(source.obtain(Optional.of(first)).name()).isEqualTo("session of token-2");
    }

    @Test
    void obtain_renewable_isProlonged() {
        platform.renewable = true;
        Session first = source.obtain(Optional.empty());
        clock.pass(Duration.ofMinutes(40));

        Session same = source.obtain(Optional.of(first));

        assertThat(same.name()).isEqualTo(first.name());
        assertThat(same.expiresAt()).isEqualTo(clock.instant().plus(platform.life));
        assertThat(log).endsWith("bought session of token-1", "prolonged session of token-1");
    }

    @Test
    void obtain_limitOfRenewalsIsNear_buysNewOnes() {
        platform.renewable = true;
        Session first = source.obtain(Optional.empty());
        platform.limit = clock.instant().plus(Duration.ofMinutes(69));
        clock.pass(Duration.ofMinutes(40));

        assertThat(source.obtain(Optional.of(first)).name()).isEqualTo("session of token-2");
    }

    @Test
    void obtain_limitIsNearAndThePlatformDown_keepsTheProlonged() {
        platform.renewable = true;
        Session first = source.obtain(Optional.empty());
        platform.limit = clock.instant().plus(Duration.ofMinutes(69));
        clock.pass(Duration.ofMinutes(40));
        platform.failure = failure(Kind.UNREACHABLE).build();

        Session same = source.obtain(Optional.of(first));

        assertThat(same.name()).isEqualTo(first.name());
        assertThat(same.expiresAt()).isEqualTo(platform.limit);
        assertThat(log.get(log.size() - 1)).startsWith("postponed: ONE failed");
    }

    @Test
    void obtain_renewalRefused_buysNewOnes() {
        platform.renewable = true;
        Session first = source.obtain(Optional.empty());
        platform.renewalFailure = failure(Kind.REFUSED).build();

        assertThat(source.obtain(Optional.of(first)).name()).isEqualTo("session of token-2");
    }

    @Test
    void obtain_renewalPutOff_failsAndBuysNothing() {
        platform.renewable = true;
        Session first = source.obtain(Optional.empty());
        platform.renewalFailure = failure(Kind.THROTTLED).build();

        assertThatThrownBy(() -> source.obtain(Optional.of(first))).isSameAs(platform.renewalFailure);
        assertThat(issued).isEqualTo(1);
    }

    @Test
    void obtain_interruptedWhileItRenews_buysNothing() {
        platform.renewable = true;
        Session first = source.obtain(Optional.empty());
        platform.renewalFailure = failure(Kind.REFUSED).build();
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> source.obtain(Optional.of(first))).isSameAs(platform.renewalFailure);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(issued).isEqualTo(1);
    }

    @Test
    void obtain_listenerRefusesTheToken_nothingIsTraded() {
        ExchangeSource<Session> unwelcome = new ExchangeSource<>(
                platform,
                this::issue,
                new Steps() {
                    @Override
                    public void issued(IdentityToken token) {
                        throw new IllegalStateException("no mask, no token");
                    }
                },
                clock);

        assertThatThrownBy(() -> unwelcome.obtain(Optional.empty())).hasMessage("no mask, no token");
        assertThat(log).isEmpty();
    }

    private IdentityToken issue(String audience) {
        String id = "token-" + ++issued;
        return new IdentityToken(
                Secret.of(id + ".e.e"),
                "https://ci.example",
                "sub",
                audience,
                id,
                clock.instant(),
                clock.instant().plus(TOKEN_LIFE));
    }

    private static CredentialExchangeException.Builder failure(Kind kind) {
        return CredentialExchangeException.builder("ONE", kind, "ONE failed", "Wait");
    }

    private record Session(String name, Instant expiresAt) implements Credentials {
        @Override
        public String principal() {
            return name;
        }

        @Override
        public List<Secret> secrets() {
            return List.of();
        }
    }

    private class Steps implements ExchangeSource.Steps<Session> {
        @Override
        public void issued(IdentityToken token) {
            log.add("issued " + token.tokenId());
        }

        @Override
        public void bought(Session session, IdentityToken token) {
            log.add("bought " + session.name());
        }

        @Override
        public void prolonged(Session session, Session former) {
            log.add("prolonged " + former.name());
        }

        @Override
        public void postponed(CredentialExchangeException reason) {
            log.add("postponed: " + reason.getMessage());
        }
    }

    private final class Platform implements RenewableExchanger<Session> {
        private final Duration life = Duration.ofHours(1);
        private boolean renewable;
        private Instant limit = Instant.MAX;
        private @Nullable CredentialExchangeException failure;
        private @Nullable CredentialExchangeException renewalFailure;

        @Override
        public String platform() {
            return "ONE";
        }

        @Override
        public String audience() {
            return "one";
        }

        @Override
        public Session exchange(IdentityToken token) {
            log.add("traded " + token.tokenId());
            if (failure != null) {
                throw failure;
            }
            return new Session("session of " + token.tokenId(), clock.instant().plus(life));
        }

        @Override
        public Optional<Duration> renewalDueIn(Session credentials) {
            return renewable ? Optional.of(Duration.ofMinutes(40)) : Optional.empty();
        }

        @Override
        public Session renew(Session credentials) {
            if (renewalFailure != null) {
                throw renewalFailure;
            }
            Instant end = clock.instant().plus(life);
            return new Session(credentials.name(), end.isBefore(limit) ? end : limit);
        }
    }
}
