package io.dynamiccredentials.aws;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.Credentials;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A session of an IAM role. AWS has no way to end one sooner. Immutable.
 *
 * @param accessKeyId the name of the key, by which CloudTrail knows the session; not secret
 * @param secretAccessKey the key that signs requests
 * @param sessionToken what each request must carry beside its signature
 * @param assumedRoleArn the ARN of the role together with the session's name
 * @param expiresAt when AWS stops accepting them, by AWS's clock
 * @param requestId the id of the request that gave them, which AWS's support and CloudTrail know
 */
public record AwsSessionCredentials(
        String accessKeyId,
        Secret secretAccessKey,
        Secret sessionToken,
        String assumedRoleArn,
        Instant expiresAt,
        Optional<String> requestId)
        implements Credentials {

    /** Makes a session of which no request is known. */
    public AwsSessionCredentials(
            String accessKeyId, Secret secretAccessKey, Secret sessionToken, String assumedRoleArn, Instant expiresAt) {
        this(accessKeyId, secretAccessKey, sessionToken, assumedRoleArn, expiresAt, Optional.empty());
    }

    /** Returns the same session, given by the answer to this request. */
    AwsSessionCredentials answering(Optional<String> requestId) {
        return new AwsSessionCredentials(
                accessKeyId, secretAccessKey, sessionToken, assumedRoleArn, expiresAt, requestId);
    }

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
