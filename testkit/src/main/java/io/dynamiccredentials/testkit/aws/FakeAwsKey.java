package io.dynamiccredentials.testkit.aws;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.aws.trust.AwsSessionTags;
import java.time.Instant;
import java.util.List;
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
 * @param origin for whom it was handed out
 * @param terms what comes with the session
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
        Origin origin,
        Terms terms,
        Instant expiresAt) {

    /**
     * The identity token behind a key, through however many roles. Immutable.
     *
     * @param subject its {@code sub}
     * @param tokenId its {@code jti}; empty if it had none
     */
    public record Origin(String subject, String tokenId) {}

    /**
     * What comes with a session beside its life. Immutable.
     *
     * @param tags its tags
     * @param sourceIdentity its source identity
     * @param policy its inline policy
     * @param policyArns its managed policies
     */
    public record Terms(
            AwsSessionTags tags, Optional<String> sourceIdentity, Optional<String> policy, List<String> policyArns) {
        static final Terms NONE = new Terms(AwsSessionTags.NONE, Optional.empty(), Optional.empty(), List.of());

        /** Copies the list. */
        public Terms {
            policyArns = List.copyOf(policyArns);
        }
    }

    boolean isOfSession() {
        return token.isPresent();
    }

    /** Returns what a session of a user or role is called in it, which is the last part of its ARN. */
    String sessionName() {
        return arn.substring(arn.lastIndexOf('/') + 1);
    }
}
