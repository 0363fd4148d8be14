package io.dynamiccredentials.aws;

import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.token.IdentityToken;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sts.model.AssumeRoleRequest;
import software.amazon.awssdk.services.sts.model.AssumeRoleResponse;
import software.amazon.awssdk.services.sts.model.StsException;

/**
 * Trades an identity token for a session of one role, and that for a session of another, which trusts the first (STS
 * {@code AssumeRole}). One request each and no retries. Safe for use by many threads.
 *
 * @param first trades the token
 * @param sts the way to STS
 * @param role the second role
 * @param externalId what the second role may ask for beside the first one's signature
 * @param sessionDuration how long the second session lives, 15 minutes to 1 hour
 * @param sessionPolicy what limits the second session
 */
record AwsChainedExchanger(
        AwsWebIdentityExchanger first,
        AwsSts sts,
        RoleArn role,
        Optional<String> externalId,
        Duration sessionDuration,
        Optional<String> sessionPolicy,
        Clock clock)
        implements CredentialExchanger<AwsSessionCredentials> {
    /** The limit of AWS for roles that other roles assume. */
    static final Duration LONGEST_SESSION = Duration.ofHours(1);

    @Override
    public String platform() {
        return first.platform();
    }

    @Override
    public String audience() {
        return first.audience();
    }

    @Override
    public AwsSessionCredentials exchange(IdentityToken token) {
        AwsSessionCredentials caller = first.exchange(token);
        AwsFailures failures = new ChainedRoleFailures(role, first.roleArn(), clock);
        AssumeRoleRequest request = AssumeRoleRequest.builder()
                .roleArn(role.text())
                .roleSessionName(first.sessionName())
                .externalId(externalId.orElse(null))
                .durationSeconds(Math.toIntExact(sessionDuration.toSeconds()))
                .policy(sessionPolicy.orElse(null))
                .build();
        try {
            AssumeRoleResponse answer = sts.send(request, caller);
            return new AwsSessionCheck(role, first.sessionName(), LONGEST_SESSION, clock)
                    .read(answer.credentials(), answer.assumedRoleUser(), why -> failures.unintelligible(answer, why))
                    .answering(AwsFailures.requestId(answer));
        } catch (StsException e) {
            throw failures.of(e);
        } catch (SdkException e) {
            throw failures.noAnswer(e);
        }
    }
}
