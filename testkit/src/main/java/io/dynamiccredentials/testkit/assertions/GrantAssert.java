package io.dynamiccredentials.testkit.assertions;

import io.dynamiccredentials.testkit.HandedOut;
import java.util.List;
import org.assertj.core.api.AbstractAssert;

/** Assertions about the credentials of one role that a fake platform gave. Not safe for use by several threads. */
public final class GrantAssert extends AbstractAssert<GrantAssert, List<HandedOut>> {
    private final FakePlatformAssert platform;
    private final String role;

    GrantAssert(FakePlatformAssert platform, String role, List<HandedOut> actual) {
        super(actual, GrantAssert.class);
        this.platform = platform;
        this.role = role;
    }

    /** Verifies that who got them had an identity token with this {@code sub}, each time. */
    public FakePlatformAssert to(String subject) {
        List<String> subjects =
                actual.stream().map(HandedOut::subject).distinct().toList();
        if (!subjects.equals(List.of(subject))) {
            failWithMessage(
                    "%nExpected that credentials of%n  %s%nwere granted to%n  %s%nalone. They were to:%n  %s",
                    role, subject, subjects);
        }
        return platform;
    }

    /** Verifies that they were given so many times. */
    public FakePlatformAssert times(int times) {
        if (actual.size() != times) {
            failWithMessage(
                    "%nExpected that credentials of%n  %s%nwere granted %s times. It was %s times:%n  %s",
                    role, times, actual.size(), actual);
        }
        return platform;
    }
}
