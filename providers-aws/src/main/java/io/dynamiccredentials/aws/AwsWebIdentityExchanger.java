package io.dynamiccredentials.aws;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.UntrustedText;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sts.model.AssumeRoleWithWebIdentityRequest;
import software.amazon.awssdk.services.sts.model.AssumeRoleWithWebIdentityResponse;
import software.amazon.awssdk.services.sts.model.Credentials;
import software.amazon.awssdk.services.sts.model.StsException;

/**
 * Trades an identity token for a session of an IAM role (STS {@code AssumeRoleWithWebIdentity}).
 *
 * <p>One request per call and no retries. The session may outlive the token: AWS does not tie the two. Safe for use by
 * many threads.
 */
public final class AwsWebIdentityExchanger implements CredentialExchanger<AwsSessionCredentials> {
    /** The audience that HCP Terraform's documents give for AWS. */
    public static final String STANDARD_AUDIENCE = "aws.workload.identity";

    static final String PLATFORM = "AWS";
    static final String EXPECTED_AUDIENCE = "a client id of 1 to 255 printable characters";

    private static final Duration SHORTEST_SESSION = Duration.ofMinutes(15);
    private static final Duration LONGEST_SESSION = Duration.ofHours(12);
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
    private static final Pattern AUDIENCE = Pattern.compile("[!-~](?:[ -~]{0,253}[!-~])?");
    private static final Pattern SESSION_NAME = Pattern.compile("[\\w+=,.@-]{2,64}");
    private static final Pattern ACCESS_KEY_ID = Pattern.compile("\\w{16,128}");

    private final AwsSts sts;
    private final RoleArn role;
    private final String sessionName;
    private final Duration sessionDuration;
    private final String audience;
    private final Clock clock;

    private AwsWebIdentityExchanger(Builder builder) {
        this.sts = builder.sts;
        this.role = builder.role;
        this.sessionName = builder.sessionName;
        this.sessionDuration = builder.sessionDuration;
        this.audience = builder.audience;
        this.clock = builder.clock;
    }

    /**
     * Starts an exchanger for one role.
     *
     * @param roleArn the role's ARN, for example {@code arn:aws:iam::123456789012:role/deploy}
     * @param sts the way to STS; make one and share it
     * @throws IllegalArgumentException if {@code roleArn} is malformed, or of another partition than the region of
     *     {@code sts}
     */
    public static Builder builder(String roleArn, AwsSts sts) {
        return new Builder(roleArn, sts);
    }

    @Override
    public String platform() {
        return PLATFORM;
    }

    @Override
    public String audience() {
        return audience;
    }

    /** Returns the ARN of the role. */
    public String roleArn() {
        return role.text();
    }

    /** Returns the name of its sessions, which CloudTrail shows. */
    public String sessionName() {
        return sessionName;
    }

    @Override
    public AwsSessionCredentials exchange(IdentityToken token) {
        AwsFailures failures = new AwsFailures(role, audience, token);
        AssumeRoleWithWebIdentityRequest request = AssumeRoleWithWebIdentityRequest.builder()
                .roleArn(role.text())
                .roleSessionName(sessionName)
                .webIdentityToken(token.compact().reveal())
                .durationSeconds(Math.toIntExact(sessionDuration.toSeconds()))
                .build();
        try {
            return read(sts.send(request), failures);
        } catch (StsException e) {
            throw failures.of(e);
        } catch (SdkException e) {
            throw failures.noAnswer(e);
        }
    }

    private AwsSessionCredentials read(AssumeRoleWithWebIdentityResponse answer, AwsFailures failures) {
        Credentials given = answer.credentials();
        String arn = answer.assumedRoleUser() == null
                ? null
                : answer.assumedRoleUser().arn();
        if (given == null) {
            throw failures.unintelligible(answer, "Credentials are absent");
        }
        if (given.accessKeyId() == null
                || !ACCESS_KEY_ID.matcher(given.accessKeyId()).matches()) {
            throw failures.unintelligible(
                    answer, "AccessKeyId is absent or not 16 to 128 letters, digits and underscores");
        }
        if (!isHeaderSafe(given.secretAccessKey()) || !isHeaderSafe(given.sessionToken())) {
            throw failures.unintelligible(
                    answer, "SecretAccessKey or SessionToken is absent or has characters that none has");
        }
        if (arn == null || !role.isAssumedAs(sessionName, arn)) {
            throw failures.unintelligible(answer, "AssumedRoleUser is absent or not a session of the role asked for");
        }
        return new AwsSessionCredentials(
                given.accessKeyId(),
                Secret.of(given.secretAccessKey()),
                Secret.of(given.sessionToken()),
                arn,
                requireEnd(given.expiration(), answer, failures));
    }

    private Instant requireEnd(@Nullable Instant end, AssumeRoleWithWebIdentityResponse answer, AwsFailures failures) {
        Instant now = clock.instant();
        if (end == null
                || !end.isAfter(now)
                || end.isAfter(now.plus(LONGEST_SESSION).plus(CLOCK_SKEW))) {
            throw failures.unintelligible(
                    answer,
                    "Expiration is " + (end == null ? "absent" : end) + ", expected a time within 12 hours from now, "
                            + now);
        }
        return end;
    }

    private static boolean isHeaderSafe(@Nullable String value) {
        return value != null && UntrustedText.isVisibleAscii(value);
    }

    static boolean isAudience(String audience) {
        return AUDIENCE.matcher(audience).matches();
    }

    static Duration requireSessionDuration(Duration duration) {
        boolean whole = duration.equals(duration.truncatedTo(SECONDS));
        if (!whole || duration.compareTo(SHORTEST_SESSION) < 0 || duration.compareTo(LONGEST_SESSION) > 0) {
            throw new IllegalArgumentException(
                    "The session duration must be 15 minutes to 12 hours in whole seconds; it was " + duration);
        }
        return duration;
    }

    /** Collects the settings of an exchanger. Not safe for use by several threads. */
    public static final class Builder {
        private final AwsSts sts;
        private final RoleArn role;
        private String sessionName = "dynamic-credentials";
        private Duration sessionDuration = Duration.ofHours(1);
        private String audience = STANDARD_AUDIENCE;
        private Clock clock = Clock.systemUTC();

        private Builder(String roleArn, AwsSts sts) {
            this.sts = sts;
            this.role = RoleArn.parse(roleArn)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "The role must be " + RoleArn.EXPECTED + "; it was \"" + roleArn + "\""));
            if (!role.partition().equals(sts.partition())) {
                throw new IllegalArgumentException("The role must be in partition " + sts.partition() + ", as region "
                        + sts.region() + " is; it was \"" + roleArn + "\"");
            }
        }

        /**
         * Sets the name of the sessions, which CloudTrail shows and a trust policy may check as
         * {@code sts:RoleSessionName}. Default {@code dynamic-credentials}.
         *
         * @throws IllegalArgumentException if it is not 2 to 64 of ASCII letters, digits and {@code _+=,.@-}
         */
        public Builder sessionName(String sessionName) {
            if (!SESSION_NAME.matcher(sessionName).matches()) {
                throw new IllegalArgumentException("The session name must be 2 to 64 ASCII letters, digits or "
                        + "\"_+=,.@-\"; it was \"" + sessionName + "\"");
            }
            this.sessionName = sessionName;
            return this;
        }

        /**
         * Sets how long the session lives, 15 minutes to 12 hours, and no longer than the role's own maximum. Default 1
         * hour.
         *
         * @throws IllegalArgumentException if it is outside these limits or not in whole seconds
         */
        public Builder sessionDuration(Duration sessionDuration) {
            this.sessionDuration = requireSessionDuration(sessionDuration);
            return this;
        }

        /**
         * Sets the audience, one of the client ids of the account's OIDC identity provider. Default
         * {@value #STANDARD_AUDIENCE}.
         *
         * @throws IllegalArgumentException if it is not 1 to 255 printable ASCII characters without a blank at either
         *     end
         */
        public Builder audience(String audience) {
            if (!isAudience(audience)) {
                throw new IllegalArgumentException(
                        "The audience must be " + EXPECTED_AUDIENCE + "; it was \"" + audience + "\"");
            }
            this.audience = audience;
            return this;
        }

        /** Sets the clock. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** Returns the exchanger. */
        public AwsWebIdentityExchanger build() {
            return new AwsWebIdentityExchanger(this);
        }
    }
}
