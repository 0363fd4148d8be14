package io.dynamiccredentials.testkit.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.aws.trust.AwsTrustPolicyDocument;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A role and whom it trusts. Immutable.
 *
 * @param arn its ARN
 * @param trust its trust policy
 * @param maxSession how long its sessions live at most
 * @param visibleFrom when STS knows of it
 */
record FakeAwsRole(String arn, AwsTrustPolicyDocument trust, Duration maxSession, Instant visibleFrom) {
    private static final Pattern ARN = Pattern.compile(
            "arn:(aws|aws-cn|aws-us-gov|aws-iso(?:-[bef])?|aws-eusc):iam::([0-9]{12}):role/(?:[!-~]*/)?([\\w+=,.@-]{1,64})");

    /**
     * Checks.
     *
     * @throws IllegalArgumentException if {@code arn} is not that of a role, or {@code maxSession} out of range
     */
    FakeAwsRole {
        requireArn(arn);
        if (maxSession.compareTo(Duration.ofHours(1)) < 0 || maxSession.compareTo(Duration.ofHours(12)) > 0) {
            throw new IllegalArgumentException("A role's longest session must be 1 to 12 hours; it was " + maxSession);
        }
    }

    static boolean isArn(String arn) {
        return ARN.matcher(arn).matches();
    }

    /** Checks that {@code arn} is that of a role. */
    static void requireArn(String arn) {
        if (!isArn(arn)) {
            throw new IllegalArgumentException("A role is named by its ARN, such as "
                    + "\"arn:aws:iam::123456789012:role/deploy\"; it was \"" + arn + "\"");
        }
    }

    /** Returns the account in the ARN of a role. */
    static String accountOf(String roleArn) {
        return part(roleArn, 2);
    }

    /** Returns the partition in the ARN of a role. */
    static String partitionOf(String roleArn) {
        return part(roleArn, 1);
    }

    FakeAwsRole withTrust(AwsTrustPolicyDocument document) {
        return new FakeAwsRole(arn, document, maxSession, visibleFrom);
    }

    FakeAwsRole withMaxSession(Duration longest) {
        return new FakeAwsRole(arn, trust, longest, visibleFrom);
    }

    String account() {
        return accountOf(arn);
    }

    String partition() {
        return partitionOf(arn);
    }

    String name() {
        return part(arn, 3);
    }

    /** Returns the ARN of its sessions of this name, in which no path stands. */
    String assumedArn(String sessionName) {
        return "arn:" + partition() + ":sts::" + account() + ":assumed-role/" + name() + "/" + sessionName;
    }

    String id() {
        UUID uuid = UUID.nameUUIDFromBytes(arn.getBytes(UTF_8));
        return "AROA" + uuid.toString().replace("-", "").substring(0, 16).toUpperCase(Locale.ROOT);
    }

    private static String part(String arn, int group) {
        Matcher matcher = ARN.matcher(arn);
        return matcher.matches() ? matcher.group(group) : "";
    }
}
