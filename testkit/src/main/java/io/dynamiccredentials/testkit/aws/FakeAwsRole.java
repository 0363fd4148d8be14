package io.dynamiccredentials.testkit.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.verify.VerifiedToken;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A role and whom it trusts. Immutable.
 *
 * @param arn its ARN
 * @param policy which identity tokens it trusts, if any
 * @param principals the ARNs of the roles and users that may assume it
 * @param externalId what these must say
 */
record FakeAwsRole(
        String arn,
        Optional<AwsTrustPolicy> policy,
        Set<String> principals,
        Optional<String> externalId,
        Duration maxSession) {
    private static final Pattern ARN = Pattern.compile(
            "arn:(aws|aws-cn|aws-us-gov|aws-iso(?:-[bef])?|aws-eusc):iam::([0-9]{12}):role/(?:[!-~]*/)?([\\w+=,.@-]{1,64})");

    /**
     * Checks and copies.
     *
     * @throws IllegalArgumentException if {@code arn} is not that of a role, or {@code maxSession} out of range
     */
    FakeAwsRole {
        if (!isArn(arn)) {
            throw new IllegalArgumentException("A role is named by its ARN, such as "
                    + "\"arn:aws:iam::123456789012:role/deploy\"; it was \"" + arn + "\"");
        }
        if (maxSession.compareTo(Duration.ofHours(1)) < 0 || maxSession.compareTo(Duration.ofHours(12)) > 0) {
            throw new IllegalArgumentException("A role's longest session must be 1 to 12 hours; it was " + maxSession);
        }
        principals = Set.copyOf(principals);
    }

    static boolean isArn(String arn) {
        return ARN.matcher(arn).matches();
    }

    /** Returns the account in the ARN of a role. */
    static String accountOf(String roleArn) {
        return part(roleArn, 2);
    }

    String account() {
        return accountOf(arn);
    }

    String partition() {
        return part(arn, 1);
    }

    /** Returns the ARN of its sessions of this name, in which no path stands. */
    String assumedArn(String sessionName) {
        return "arn:" + partition() + ":sts::" + account() + ":assumed-role/" + part(arn, 3) + "/" + sessionName;
    }

    String id() {
        UUID uuid = UUID.nameUUIDFromBytes(arn.getBytes(UTF_8));
        return "AROA" + uuid.toString().replace("-", "").substring(0, 16).toUpperCase(Locale.ROOT);
    }

    boolean trusts(VerifiedToken token) {
        return policy.isPresent() && policy.get().permits(token);
    }

    boolean allowsSessionTags() {
        return policy.isPresent() && policy.get().sessionTags();
    }

    boolean trusts(String principal, Optional<String> saidExternalId) {
        return principals.contains(principal) && (externalId.isEmpty() || externalId.equals(saidExternalId));
    }

    private static String part(String arn, int group) {
        Matcher matcher = ARN.matcher(arn);
        return matcher.matches() ? matcher.group(group) : "";
    }
}
