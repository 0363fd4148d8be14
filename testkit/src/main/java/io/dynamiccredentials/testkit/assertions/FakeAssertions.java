package io.dynamiccredentials.testkit.assertions;

import io.dynamiccredentials.testkit.FakePlatform;

/**
 * Starts assertions about what a fake platform did.
 *
 * <pre>{@code
 * assertThat(aws).granted("arn:aws:iam::123456789012:role/deploy").to(run.subject());
 * assertThat(vault).hasNothingLive();
 * }</pre>
 *
 * <p>Needs AssertJ on the class path.
 */
public final class FakeAssertions {

    private FakeAssertions() {}

    /** Starts an assertion about {@code platform}. */
    public static FakePlatformAssert assertThat(FakePlatform platform) {
        return new FakePlatformAssert(platform);
    }
}
