package io.dynamiccredentials.testkit;

import java.time.Duration;
import java.util.Optional;

/**
 * What a {@link FakeServer} serves: the requests and answers of one platform.
 *
 * <p><b>For implementers:</b> safe for use by many threads. What {@link #answer} throws becomes {@link #failed} with
 * 500.
 */
public interface FakeService {

    /** Returns what is asked for, in the platform's own words; never a part of a request that may be secret. */
    String operation(FakeRequest request);

    /** Does what is asked for. */
    FakeAnswer answer(FakeRequest request);

    /** Returns how the platform throttles; with {@code Retry-After} if it has one and {@code retryAfter} is there. */
    FakeAnswer throttled(Optional<Duration> retryAfter);

    /** Returns how the platform says that it failed, with this status from 500 to 599. */
    FakeAnswer failed(int status);
}
