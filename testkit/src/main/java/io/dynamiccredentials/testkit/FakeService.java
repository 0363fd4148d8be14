package io.dynamiccredentials.testkit;

import java.time.Duration;
import java.util.Optional;

/**
 * What a {@link FakeServer} serves: the requests and answers of one platform.
 *
 * <p><b>For implementers:</b> safe for use by many threads. What {@link #answer} throws becomes {@link #failed} with
 * 500. Unless overridden, the server throttles and fails without a body.
 */
@FunctionalInterface
public interface FakeService {

    /** Does what is asked for. */
    FakeAnswer answer(FakeRequest request);

    /**
     * Returns what is asked for, in the platform's own words; never a part of a request that may be secret. Unless
     * overridden, {@code request}.
     */
    default String operation(FakeRequest request) {
        return "request";
    }

    /**
     * Returns how the platform throttles {@code request}; with {@code Retry-After} if it has one and {@code retryAfter}
     * is there.
     */
    default FakeAnswer throttled(FakeRequest request, Optional<Duration> retryAfter) {
        FakeAnswer answer = FakeAnswer.empty(429);
        return retryAfter
                .map(time -> answer.header("Retry-After", String.valueOf(time.toSeconds())))
                .orElse(answer);
    }

    /** Returns how the platform says that it failed at {@code request}, with this status from 500 to 599. */
    default FakeAnswer failed(FakeRequest request, int status) {
        return FakeAnswer.empty(status);
    }
}
