package io.dynamiccredentials.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.Secret;
import java.net.URLEncoder;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Vault's AWS secrets engine. */
record AwsEngine(String mount, String role, Type type, Optional<String> roleArn) implements SecretsEngine<AwsKeys> {
    static final String EXPECTED_ARN = "the ARN of an IAM role, such as \"arn:aws:iam::123456789012:role/deploy\"";

    private static final int MAX_SECRET = 128;
    private static final int MAX_SESSION_TOKEN = 16 * 1024;
    private static final int MAX_ARN = 2048;
    private static final Pattern KEY_ID = Pattern.compile("\\w{16,128}");

    // As in the AWS module: quotes and backslashes are left out, since the ARN stands in messages.
    private static final Pattern ARN =
            Pattern.compile("arn:(aws[a-z-]*):iam::([0-9]{12}):role/(?:[!#-.0-\\[\\]-~]+/){0,64}([\\w+=,.@-]{1,64})");

    /** What the engine makes. */
    enum Type {
        IAM_USER,
        ASSUMED_ROLE,
        FEDERATION_TOKEN
    }

    static boolean isRoleArn(String text) {
        return text.length() <= MAX_ARN && ARN.matcher(text).matches();
    }

    @Override
    public String path() {
        return mount
                + (type == Type.IAM_USER ? "/creds/" : "/sts/")
                + role
                + roleArn.map(arn -> "?role_arn=" + URLEncoder.encode(arn, UTF_8))
                        .orElse("");
    }

    @Override
    public boolean revocable() {
        return type == Type.IAM_USER;
    }

    @Override
    public AwsKeys read(JsonNode data, Instant before) {
        String keyId = EngineMembers.text(data, "access_key", EngineMembers.matching(KEY_ID));
        String key = EngineMembers.text(data, "secret_key", EngineMembers.visible(MAX_SECRET));
        Optional<String> session = sessionToken(data);
        if (session.isPresent() == revocable()) {
            throw new IllegalArgumentException(
                    session.isPresent()
                            ? "it is a session, which nobody can end, and not a user's key, expected iam_user"
                            : "it is a key without a session token, expected that of a session");
        }
        roleArn.ifPresent(arn -> requireAssumed(arn, data));
        // Newer versions give sessions no lease, since they can't be revoked, and say here how long they live.
        OptionalLong ttl = session.isPresent()
                ? EngineMembers.seconds(data, "ttl", EngineMembers.MAX_SECONDS)
                : OptionalLong.empty();
        return new AwsKeys(
                keyId,
                Secret.of(key),
                session.map(Secret::of),
                ttl.isPresent() ? Optional.of(before.plusSeconds(ttl.getAsLong())) : Optional.empty());
    }

    /** Older versions know the first name only, newer ones both. */
    private static Optional<String> sessionToken(JsonNode data) {
        Optional<String> older =
                EngineMembers.optionalText(data, "security_token", EngineMembers.visible(MAX_SESSION_TOKEN));
        Optional<String> newer =
                EngineMembers.optionalText(data, "session_token", EngineMembers.visible(MAX_SESSION_TOKEN));
        if (older.isPresent() && newer.isPresent() && !older.equals(newer)) {
            throw new IllegalArgumentException("data.security_token and data.session_token differ");
        }
        return newer.or(() -> older);
    }

    /** Checks that the session, if the engine names it, is one of the role that was asked for. */
    private static void requireAssumed(String roleArn, JsonNode data) {
        Matcher role = ARN.matcher(roleArn);
        if (!role.matches()) {
            throw new IllegalStateException("The role's ARN was checked before");
        }
        // STS drops the role's path. Two roles of an account never differ in case alone.
        String expected = "arn:" + role.group(1) + ":sts::" + role.group(2) + ":assumed-role/" + role.group(3) + "/";
        EngineMembers.optionalText(data, "arn", EngineMembers.visible(MAX_ARN))
                .filter(arn -> !arn.regionMatches(true, 0, expected, 0, expected.length()))
                .ifPresent(arn -> {
                    throw new IllegalArgumentException(
                            "the session is not of the role that was asked for, \"" + roleArn + "\"");
                });
    }
}
