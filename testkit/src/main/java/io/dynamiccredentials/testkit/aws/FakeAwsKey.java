package io.dynamiccredentials.testkit.aws;

import io.dynamiccredentials.Secret;
import java.time.Instant;
import java.util.Optional;

/**
 * A key that the fake honours: of a session of a role, or of a user. Immutable.
 *
 * @param accessKeyId its name, which starts with {@code ASIA} or {@code AKIA}
 * @param secretKey what signs
 * @param token what a session's requests must carry; empty for a user's key
 * @param arn who its holder is
 * @param userId the id that {@code GetCallerIdentity} shows
 * @param account the account of the holder
 * @param principal the ARN of the role or user, by which trust policies know the holder
 * @param subject for whom it was handed out
 * @param tags the session's tags
 * @param policy the session's inline policy
 * @param expiresAt its end; {@link Instant#MAX} for a user's key
 */
public record FakeAwsKey(
        String accessKeyId,
        Secret secretKey,
        Optional<Secret> token,
        String arn,
        String userId,
        String account,
        String principal,
        String subject,
        FakeAwsTags tags,
        Optional<String> policy,
        Instant expiresAt) {

    boolean isOfSession() {
        return token.isPresent();
    }
}
