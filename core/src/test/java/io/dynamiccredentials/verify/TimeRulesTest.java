package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.EXPIRED;
import static io.dynamiccredentials.TokenRejectedException.Reason.ISSUED_IN_FUTURE;
import static io.dynamiccredentials.TokenRejectedException.Reason.LIVES_TOO_LONG;
import static io.dynamiccredentials.TokenRejectedException.Reason.MISSING_CLAIM;
import static io.dynamiccredentials.TokenRejectedException.Reason.NOT_YET_VALID;
import static io.dynamiccredentials.TokenRejectedException.Reason.TOO_OLD;
import static io.dynamiccredentials.verify.Trial.CLAIMS;
import static io.dynamiccredentials.verify.Trial.NOW;
import static io.dynamiccredentials.verify.Trial.lasting;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.TokenRejectedException.Reason;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.verify.TimeRules.Times;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each boundary on both sides, a nanosecond apart where it is the clock that crosses it. */
class TimeRulesTest {
    private static final Instant START = ManualClock.START;
    private static final Duration NANO = Duration.ofNanos(1);
    private static final Duration SKEW = Duration.ofSeconds(60);
    private static final Duration LIFETIME = Duration.ofHours(1);
    private static final Duration AGE = Duration.ofMinutes(10);

    private final TimeRules rules = new TimeRules(SKEW, LIFETIME, null);

    @Test
    void check_goodTimes_areReturned() {
        RawJson claims = lasting(NOW - 5, NOW + 600).with("nbf", NOW - 3);

        assertThat(check(rules, claims, START)).isEqualTo(new Times(START.minusSeconds(5), START.plusSeconds(600)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"iat", "exp"})
    void check_missing_isRefused(String claim) {
        assertRefused(rules, CLAIMS.without(claim), START, MISSING_CLAIM, claim, "no claim \"" + claim + "\"");
    }

    @Test
    void check_expired_fromTheEndOfTheSkewOn() {
        Instant end = START.plusSeconds(600).plus(SKEW);

        assertAccepted(rules, CLAIMS, end.minus(NANO));
        assertRefused(
                rules,
                CLAIMS,
                end,
                EXPIRED,
                "exp",
                "expired at 2026-03-01T12:10:00Z; now is 2026-03-01T12:11:00Z, allowed skew PT1M");
    }

    @Test
    void check_expiredWithoutSkew_fromThatMomentOn() {
        TimeRules exact = new TimeRules(Duration.ZERO, LIFETIME, null);

        assertAccepted(exact, CLAIMS, START.plusSeconds(600).minus(NANO));
        assertRefused(exact, CLAIMS, START.plusSeconds(600), EXPIRED, "exp", "expired at");
    }

    @Test
    void check_issuedInFuture_untilTheSkewBegins() {
        assertAccepted(rules, CLAIMS, START.minus(SKEW));
        assertRefused(
                rules,
                CLAIMS,
                START.minus(SKEW).minus(NANO),
                ISSUED_IN_FUTURE,
                "iat",
                "issued at 2026-03-01T12:00:00Z; now is 2026-03-01T11:58:59.999999999Z");
    }

    @Test
    void check_issuedInFutureThoughValidBefore_isRefused() {
        RawJson early = CLAIMS.with("nbf", NOW - 3600);

        assertAccepted(rules, early, START.minus(SKEW));
        assertRefused(rules, early, START.minus(SKEW).minus(NANO), ISSUED_IN_FUTURE, "iat", "issued at");
    }

    @Test
    void check_notYetValid_untilTheSkewBegins() {
        RawJson later = lasting(NOW - 900, NOW + 600).with("nbf", NOW);

        assertAccepted(rules, later, START.minus(SKEW));
        assertRefused(
                rules,
                later,
                START.minus(SKEW).minus(NANO),
                NOT_YET_VALID,
                "nbf",
                "valid from 2026-03-01T12:00:00Z on; now is 2026-03-01T11:58:59.999999999Z");
    }

    @Test
    void check_lifetime_atMostTheLongest() {
        RawJson hour = lasting(NOW, NOW + 3600);

        assertAccepted(rules, hour, START);
        assertRefused(
                rules,
                lasting(NOW, NOW + 3601),
                START,
                LIVES_TOO_LONG,
                "exp",
                "lives from 2026-03-01T12:00:00Z (nbf 2026-03-01T12:00:00Z) to 2026-03-01T13:00:01Z, expected a life of zero to PT1H");
        assertRefused(
                new TimeRules(SKEW, LIFETIME.minus(NANO), null), hour, START, LIVES_TOO_LONG, "exp", "to PT59M59.99");
    }

    @Test
    void check_lifetime_countsFromIssuingAndNotFromNotBefore() {
        RawJson late = lasting(NOW - 3600, NOW + 1).with("nbf", NOW);

        assertRefused(rules, late, START, LIVES_TOO_LONG, "exp", "expected a life of zero to");
    }

    @Test
    void check_lifetime_atLeastZero() {
        assertAccepted(rules, lasting(NOW, NOW), START);
        assertRefused(rules, lasting(NOW + 1, NOW), START, LIVES_TOO_LONG, "exp", "expected a life of zero to");
        assertRefused(
                rules,
                lasting(NOW + 1, NOW).with("nbf", NOW - 5),
                START,
                LIVES_TOO_LONG,
                "exp",
                "(nbf 2026-03-01T11:59:55Z)");
    }

    @Test
    void check_endsBeforeItIsValid_isRefused() {
        RawJson token = lasting(NOW - 5, NOW + 10);

        assertAccepted(rules, token.with("nbf", NOW + 10), START);
        assertRefused(rules, token.with("nbf", NOW + 11), START, LIVES_TOO_LONG, "exp", "expected a life of zero to");
    }

    @Test
    void check_age_atMostTheGreatestAndTheSkew() {
        TimeRules strict = new TimeRules(SKEW, LIFETIME, AGE);
        RawJson token = lasting(NOW, NOW + 3600);
        Instant last = START.plus(AGE).plus(SKEW);

        assertAccepted(strict, token, last);
        assertRefused(
                strict,
                token,
                last.plus(NANO),
                TOO_OLD,
                "iat",
                "issued at 2026-03-01T12:00:00Z, expected at most PT10M ago; now is 2026-03-01T12:11:00.000000001Z");
    }

    @Test
    void check_age_countsFromIssuingAndNotFromNotBefore() {
        TimeRules strict = new TimeRules(Duration.ZERO, LIFETIME, AGE);
        RawJson token = lasting(NOW - 601, NOW + 60).with("nbf", NOW);

        assertRefused(strict, token, START, TOO_OLD, "iat", "expected at most PT10M ago");
    }

    @Test
    void check_noGreatestAge_theEndDecides() {
        assertAccepted(rules, lasting(NOW, NOW + 3600), START.plusSeconds(3659));
    }

    private static Times check(TimeRules rules, RawJson claims, Instant now) {
        return rules.check(TokenClaims.parse(claims.toString().getBytes(UTF_8)), now);
    }

    private static void assertAccepted(TimeRules rules, RawJson claims, Instant now) {
        assertThat(check(rules, claims, now)).isNotNull();
    }

    private static void assertRefused(
            TimeRules rules, RawJson claims, Instant now, Reason reason, String claim, String message) {
        assertThatThrownBy(() -> check(rules, claims, now))
                .isInstanceOfSatisfying(TokenRejectedException.class, refused -> {
                    assertThat(refused.reason()).as(refused.getMessage()).isEqualTo(reason);
                    assertThat(refused.claim()).contains(claim);
                })
                .hasMessageContaining(message);
    }
}
