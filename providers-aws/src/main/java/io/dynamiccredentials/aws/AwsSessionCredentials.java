package io.dynamiccredentials.aws;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.Credentials;
import java.time.Instant;
import java.util.List;

/**
 * A session of an IAM role. AWS has no way to end one sooner. Immutable.
 *
 * @param accessKeyId the name of the key, by which CloudTrail knows the session; not secret
 * @param secretAccessKey the key that signs requests
 * @param sessionToken what each request must carry beside its signature
 * @param assumedRoleArn the ARN of the role together with the session's name
 * @param expiresAt when AWS stops accepting them, by AWS's clock
 */
public record AwsSessionCredentials(
        String accessKeyId, Secret secretAccessKey, Secret sessionToken, String assumedRoleArn, Instant expiresAt)
        implements Credentials {

    /** Returns the assumed role's ARN, which AWS shows as the caller of each request. */
    @Override
    public String principal() {
        return assumedRoleArn;
    }

    @Override
    public List<Secret> secrets() {
        return List.of(secretAccessKey, sessionToken);
    }
}
