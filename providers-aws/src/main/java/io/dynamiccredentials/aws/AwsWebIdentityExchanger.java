package io.dynamiccredentials.aws;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.StrictJson;
import java.time.Clock;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sts.model.AssumeRoleWithWebIdentityRequest;
import software.amazon.awssdk.services.sts.model.AssumeRoleWithWebIdentityResponse;
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

    static final String EXPECTED_SESSION_NAME = "2 to 64 ASCII letters, digits or \"_+=,.@-\"";
    static final String EXPECTED_POLICY = "a session policy: a JSON object of at most 2048 characters, up to U+00FF";

    private static final Duration SHORTEST_SESSION = Duration.ofMinutes(15);
    private static final Duration LONGEST_SESSION = Duration.ofHours(12);
    private static final Pattern AUDIENCE = Pattern.compile("[!-~](?:[ -~]{0,253}[!-~])?");
    private static final Pattern SESSION_NAME = Pattern.compile("[\\w+=,.@-]{2,64}");
    // STS takes no other characters, and counts 2048 of them at most.
    private static final Pattern POLICY = Pattern.compile("[\\t\\n\\r\\u0020-\\u00ff]{1,2048}");

    private final AwsSts sts;
    private final RoleArn role;
    private final String sessionName;
    private final Duration sessionDuration;
    private final @Nullable String sessionPolicy;
    private final String audience;
    private final Clock clock;

    private AwsWebIdentityExchanger(Builder builder) {
        this.sts = builder.sts;
        this.role = builder.role;
        this.sessionName = builder.sessionName;
        this.sessionDuration = builder.sessionDuration;
        this.sessionPolicy = builder.sessionPolicy;
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

    AwsSts sts() {
        return sts;
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
        AwsFailures failures = new WebIdentityFailures(role, audience, token, clock);
        AssumeRoleWithWebIdentityRequest request = AssumeRoleWithWebIdentityRequest.builder()
                .roleArn(role.text())
                .roleSessionName(sessionName)
                .webIdentityToken(token.compact().reveal())
                .durationSeconds(Math.toIntExact(sessionDuration.toSeconds()))
                .policy(sessionPolicy)
                .build();
        try {
            AssumeRoleWithWebIdentityResponse answer = sts.send(request);
            return new AwsSessionCheck(role, sessionName, LONGEST_SESSION, clock)
                    .read(answer.credentials(), answer.assumedRoleUser(), why -> failures.unintelligible(answer, why))
                    .answering(AwsFailures.requestId(answer));
        } catch (StsException e) {
            throw failures.of(e);
        } catch (SdkException e) {
            throw failures.noAnswer(e);
        }
    }

    /** Tells whether {@code json} is a session policy that STS would read: a JSON object within its limits. */
    static boolean isSessionPolicy(String json) {
        if (!POLICY.matcher(json).matches()) {
            return false;
        }
        try {
            return StrictJson.parseObject(json).isObject();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    static boolean isSessionName(String name) {
        return SESSION_NAME.matcher(name).matches();
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
        private @Nullable String sessionPolicy;
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
            if (!isSessionName(sessionName)) {
                throw new IllegalArgumentException(
                        "The session name must be " + EXPECTED_SESSION_NAME + "; it was \"" + sessionName + "\"");
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
         * Sets an inline session policy: the session may do what it and the role both allow. Default: what the role
         * allows.
         *
         * @throws IllegalArgumentException if it is not a JSON object of at most 2048 characters, up to U+00FF
         */
        public Builder sessionPolicy(String json) {
            if (!isSessionPolicy(json)) {
                throw new IllegalArgumentException(
                        "The session policy must be " + EXPECTED_POLICY + "; it had " + json.length() + " characters");
            }
            this.sessionPolicy = json;
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
