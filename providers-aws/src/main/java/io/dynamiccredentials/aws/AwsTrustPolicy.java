package io.dynamiccredentials.aws;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.verify.Glob;
import io.dynamiccredentials.verify.VerifiedToken;
import io.dynamiccredentials.wire.StrictJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What AWS checks of a token: the trust policy of a role, and the OIDC identity provider that it names. Immutable.
 *
 * @param issuer the URL of the account's OIDC identity provider
 * @param audiences client ids of the provider that the role accepts: the condition on {@code aud}
 * @param subject the condition on {@code sub} with {@code StringLike}: {@code *} stands for any text, {@code ?} for one
 *     character
 * @param sessionTags whether a token may set session tags ({@code sts:TagSession}); AWS refuses one that does where it
 *     may not
 */
public record AwsTrustPolicy(IssuerUrl issuer, Set<String> audiences, String subject, boolean sessionTags) {
    private static final String ASSUME = "sts:AssumeRoleWithWebIdentity";
    private static final int MAX_AUDIENCES = 100;
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");

    /**
     * Copies the set.
     *
     * @throws IllegalArgumentException if there are no audiences, more than 100, or one that is no client id; or if the
     *     subject lets everybody in or has a policy variable
     */
    public AwsTrustPolicy {
        audiences = Set.copyOf(audiences);
        boolean clientIds = audiences.stream().allMatch(AwsWebIdentityExchanger::isAudience);
        if (audiences.isEmpty() || audiences.size() > MAX_AUDIENCES || !clientIds) {
            throw new IllegalArgumentException("A trust policy needs 1 to " + MAX_AUDIENCES + " audiences, each "
                    + AwsWebIdentityExchanger.EXPECTED_AUDIENCE + "; it has " + audiences);
        }
        // "${…}" is a policy variable to IAM, even in a condition.
        if (subject.isBlank()
                || subject.contains("${")
                || subject.replaceAll("[*?]", "").isEmpty()) {
            throw new IllegalArgumentException("A trust policy needs a subject that not every workload has, without "
                    + "policy variables; it was \"" + subject + "\"");
        }
        Glob.of(subject);
    }

    /**
     * Makes a policy under which tokens set no session tags.
     *
     * @throws IllegalArgumentException as the other constructor does
     */
    public AwsTrustPolicy(IssuerUrl issuer, Set<String> audiences, String subject) {
        this(issuer, audiences, subject, false);
    }

    /** Returns this policy and the permission to set session tags, which tell who the run is. */
    public AwsTrustPolicy withSessionTags() {
        return new AwsTrustPolicy(issuer, audiences, subject, true);
    }

    /** Tells whether {@code token} is from the issuer. */
    public boolean permitsIssuer(VerifiedToken token) {
        return issuer.value().equals(token.issuer());
    }

    /**
     * Tells whether the audience that AWS goes by is accepted: {@code azp} if the token has it, else its only
     * {@code aud}.
     */
    public boolean permitsAudience(VerifiedToken token) {
        Optional<String> authorizedParty = token.text("azp");
        return authorizedParty.isPresent()
                ? audiences.contains(authorizedParty.get())
                : token.audiences().size() == 1 && audiences.containsAll(token.audiences());
    }

    /** Tells whether the subject of {@code token} matches. */
    public boolean permitsSubject(VerifiedToken token) {
        return Glob.of(subject).matches(token.subject());
    }

    /**
     * Tells whether issuer, audience and subject of {@code token} are all permitted, as a trust policy needs them to
     * be.
     */
    public boolean permits(VerifiedToken token) {
        return permitsIssuer(token) && permitsAudience(token) && permitsSubject(token);
    }

    /**
     * Writes the trust policy document for a role of {@code accountId} in partition {@code aws}, as one line of JSON.
     *
     * @throws IllegalArgumentException if {@code accountId} is not 12 digits
     */
    public String toJson(String accountId) {
        return toJson("aws", accountId);
    }

    /**
     * Writes the trust policy document for a role of {@code accountId} in {@code partition}, for example
     * {@code aws-cn}.
     *
     * @throws IllegalArgumentException if {@code accountId} is not 12 digits, or there is no such partition
     */
    public String toJson(String partition, String accountId) {
        if (!ACCOUNT.matcher(accountId).matches()) {
            throw new IllegalArgumentException("An account id has 12 digits; it was \"" + accountId + "\"");
        }
        if (RoleArn.parse("arn:" + partition + ":iam::" + accountId + ":role/r").isEmpty()) {
            throw new IllegalArgumentException(
                    "The partition must be one such as \"aws\"; it was \"" + partition + "\"");
        }
        String provider = issuer.value().replaceFirst("^https?://", "");
        Map<String, Object> conditions = new LinkedHashMap<>();
        Set<String> sorted = new TreeSet<>(audiences);
        conditions.put(
                "StringEquals",
                Map.of(provider + ":aud", sorted.size() == 1 ? sorted.iterator().next() : sorted));
        conditions.put("StringLike", Map.of(provider + ":sub", subject));
        Map<String, Object> statement = new LinkedHashMap<>();
        statement.put("Effect", "Allow");
        statement.put(
                "Principal",
                Map.of("Federated", "arn:" + partition + ":iam::" + accountId + ":oidc-provider/" + provider));
        statement.put("Action", sessionTags ? List.of(ASSUME, "sts:TagSession") : ASSUME);
        statement.put("Condition", conditions);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("Version", "2012-10-17");
        document.put("Statement", List.of(statement));
        return StrictJson.write(document);
    }
}
