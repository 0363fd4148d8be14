package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.SomeReply;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheHeadersTest {

    @Test
    void softAge_nothingSaid_is5Minutes() {
        assertThat(CacheHeaders.softAge(SomeReply.with())).isEqualTo(Duration.ofMinutes(5));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "max-age=0; 60",
                "max-age=59; 60",
                "max-age=60; 60",
                "max-age=61; 61",
                "max-age=899; 899",
                "max-age=900; 900",
                "max-age=901; 900",
                "max-age=999999999; 900",
                "max-age=1000000000; 60",
                "max-age=; 60",
                "max-age=6e2; 60",
                "max-age=\"600\"; 60",
                "Max-Age=600; 600",
                "public,max-age=600; 600",
                "public ,  max-age=600  , immutable; 600",
                "max-age=600, max-age=120; 120",
                "s-maxage=600; 300",
                "x-max-age=600; 300",
                "max-age; 300",
                ",,; 300",
                "no-store; 60",
                "no-cache; 60",
                "NO-CACHE; 60",
                "max-age=600, no-store; 60",
                "no-cache, max-age=600; 60",
                "no-cache=\"set-cookie\"; 300"
            })
    void softAge_cacheControl_isTakenWithinBounds(String header, long seconds) {
        assertThat(CacheHeaders.softAge(SomeReply.with("Cache-Control", header)))
                .isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @CsvSource({
        "max-age=600, 1, 599",
        "max-age=600, 539, 61",
        "max-age=600, 540, 60",
        "max-age=600, 541, 60",
        "max-age=600, 999999999, 60",
        "max-age=600, soon, 600",
        "max-age=600, -5, 600",
        "max-age=1000, 50, 900",
        "max-age=1000, 150, 850",
        "public, 100, 200",
        "no-store, 0, 60"
    })
    void softAge_ageInACache_isTakenOff(String cacheControl, String age, long seconds) {
        assertThat(CacheHeaders.softAge(SomeReply.with("Cache-Control", cacheControl, "Age", age)))
                .isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void retryAfter_nothingSaid_isZero() {
        assertThat(retryAfter(SomeReply.with())).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "0; 0",
                "1; 1",
                "299; 299",
                "300; 300",
                "301; 300",
                "999999999; 300",
                "1000000000; 0",
                "-1; 0",
                "1.5; 0",
                "later; 0",
                "Sun, 1 Mar 2026 12:01:30 GMT; 90",
                "Sun, 01 Mar 2026 12:05:00 GMT; 300",
                "Sun, 01 Mar 2026 12:05:01 GMT; 300",
                "Sun, 01 Mar 2026 12:00:00 GMT; 0",
                "Sun, 01 Mar 2026 11:59:59 GMT; 0",
                "Sat, 01 Mar 2036 12:00:00 GMT; 300",
                "Mon, 01 Mar 2026 12:01:30 GMT; 0",
                "2026-03-01T12:01:30Z; 0"
            })
    void retryAfter_secondsOrADate_isTakenWithinBounds(String header, long seconds) {
        assertThat(retryAfter(SomeReply.with("Retry-After", header))).isEqualTo(Duration.ofSeconds(seconds));
    }

    private static Duration retryAfter(HttpReply reply) {
        return CacheHeaders.retryAfter(reply, ManualClock.START);
    }
}
