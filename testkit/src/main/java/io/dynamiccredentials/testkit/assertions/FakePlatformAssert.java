package io.dynamiccredentials.testkit.assertions;

import io.dynamiccredentials.testkit.FakePlatform;
import io.dynamiccredentials.testkit.HandedOut;
import java.util.List;
import org.assertj.core.api.AbstractAssert;

/** Assertions about what a fake platform did. Not safe for use by several threads. */
public final class FakePlatformAssert extends AbstractAssert<FakePlatformAssert, FakePlatform> {

    FakePlatformAssert(FakePlatform actual) {
        super(actual, FakePlatformAssert.class);
    }

    /**
     * Verifies that it gave credentials of {@code role} to somebody: the ARN of a role, a service account, an
     * application's client id, a role of Vault.
     */
    public GrantAssert granted(String role) {
        isNotNull();
        List<HandedOut> ofRole = actual.handedOut().stream()
                .filter(each -> each.role().equals(role))
                .toList();
        if (ofRole.isEmpty()) {
            failWithMessage(
                    "%nExpected that credentials of%n  %s%nwere granted. Granted were those of%n  %s%nand refused were %s of %s requests.",
                    role,
                    actual.handedOut().stream().map(HandedOut::role).toList(),
                    actual.calls().refused(),
                    actual.calls().count());
        }
        return new GrantAssert(this, role, ofRole);
    }

    /** Verifies that it gave no credentials of {@code role}. */
    public FakePlatformAssert didNotGrant(String role) {
        isNotNull();
        List<HandedOut> ofRole = actual.handedOut().stream()
                .filter(each -> each.role().equals(role))
                .toList();
        if (!ofRole.isEmpty()) {
            failWithMessage("%nExpected that no credentials of%n  %s%nwere granted. They were:%n  %s", role, ofRole);
        }
        return this;
    }

    /** Verifies that it gave nobody anything. */
    public FakePlatformAssert grantedNothing() {
        isNotNull();
        if (!actual.handedOut().isEmpty()) {
            failWithMessage("%nExpected that nothing was granted. It was:%n  %s", actual.handedOut());
        }
        return this;
    }

    /** Verifies that it would honour nothing that it gave. */
    public FakePlatformAssert hasNothingLive() {
        isNotNull();
        if (!actual.live().isEmpty()) {
            failWithMessage("%nExpected that all credentials are dead. Alive are:%n  %s", actual.live());
        }
        return this;
    }

    /** Verifies that it would honour something of {@code role}. */
    public FakePlatformAssert hasLive(String role) {
        isNotNull();
        if (actual.live().stream().noneMatch(each -> each.role().equals(role))) {
            failWithMessage("%nExpected live credentials of%n  %s%nAlive are:%n  %s", role, actual.live());
        }
        return this;
    }

    /** Verifies that it had so many requests for {@code operation}, such as {@code AssumeRole} or {@code login}. */
    public FakePlatformAssert wasAsked(String operation, int times) {
        isNotNull();
        if (actual.calls().count(operation) != times) {
            failWithMessage(
                    "%nExpected %s requests for%n  %s%nThere were %s. All requests:%n  %s",
                    times,
                    operation,
                    actual.calls().count(operation),
                    actual.calls().all());
        }
        return this;
    }

    /** Verifies that it answered so many requests with an error. */
    public FakePlatformAssert refused(int times) {
        isNotNull();
        if (actual.calls().refused() != times) {
            failWithMessage(
                    "%nExpected %s refusals. There were %s. All requests:%n  %s",
                    times, actual.calls().refused(), actual.calls().all());
        }
        return this;
    }
}
