package io.dynamiccredentials.aws;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.wire.UntrustedText;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sts.model.AssumedRoleUser;
import software.amazon.awssdk.services.sts.model.Credentials;

/**
 * Checks that an answer of STS is a session of the role asked for, by the name asked for. Immutable.
 *
 * @param longest how long a session can live at most
 */
record AwsSessionCheck(RoleArn role, String sessionName, Duration longest, Clock clock) {
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
    private static final Pattern ACCESS_KEY_ID = Pattern.compile("\\w{16,128}");

    /**
     * Returns the session.
     *
     * @param unintelligible makes the failure from what is wrong
     */
    AwsSessionCredentials read(
            @Nullable Credentials given,
            @Nullable AssumedRoleUser user,
            Function<String, CredentialExchangeException> unintelligible) {
        String arn = user == null ? null : user.arn();
        if (given == null) {
            throw unintelligible.apply("Credentials are absent");
        }
        if (given.accessKeyId() == null
                || !ACCESS_KEY_ID.matcher(given.accessKeyId()).matches()) {
            throw unintelligible.apply("AccessKeyId is absent or not 16 to 128 letters, digits and underscores");
        }
        if (!isHeaderSafe(given.secretAccessKey()) || !isHeaderSafe(given.sessionToken())) {
            throw unintelligible.apply("SecretAccessKey or SessionToken is absent or has characters that none has");
        }
        if (arn == null || !role.isAssumedAs(sessionName, arn)) {
            throw unintelligible.apply("AssumedRoleUser is absent or not a session of the role asked for");
        }
        return new AwsSessionCredentials(
                given.accessKeyId(),
                Secret.of(given.secretAccessKey()),
                Secret.of(given.sessionToken()),
                arn,
                requireEnd(given.expiration(), unintelligible));
    }

    private Instant requireEnd(@Nullable Instant end, Function<String, CredentialExchangeException> unintelligible) {
        Instant now = clock.instant();
        if (end == null || !end.isAfter(now) || end.isAfter(now.plus(longest).plus(CLOCK_SKEW))) {
            long hours = longest.toHours();
            throw unintelligible.apply("Expiration is " + (end == null ? "absent" : end) + ", expected a time within "
                    + hours + (hours == 1 ? " hour" : " hours") + " from now, " + now);
        }
        return end;
    }

    private static boolean isHeaderSafe(@Nullable String value) {
        return value != null && UntrustedText.isVisibleAscii(value);
    }
}
