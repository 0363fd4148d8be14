package io.dynamiccredentials.aws.trust;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A key of a condition. Immutable.
 *
 * @param name its name in lower case, since IAM does not tell cases apart
 * @param kind what its values are
 * @param several whether a request can have several values for it by its nature
 */
record TrustConditionKey(String name, Kind kind, boolean several) {
    static final String ROLE_SESSION_NAME = "sts:RoleSessionName";
    static final String SOURCE_IDENTITY = "sts:SourceIdentity";
    static final String EXTERNAL_ID = "sts:ExternalId";
    static final String TRANSITIVE_TAG_KEYS = "sts:TransitiveTagKeys";
    static final String REQUEST_TAG = "aws:RequestTag/";
    static final String PRINCIPAL_TAG = "aws:PrincipalTag/";
    static final String TAG_KEYS = "aws:TagKeys";
    static final String PRINCIPAL_ARN = "aws:PrincipalArn";
    static final String PRINCIPAL_ACCOUNT = "aws:PrincipalAccount";
    static final String CURRENT_TIME = "aws:CurrentTime";
    static final String EPOCH_TIME = "aws:EpochTime";

    /** The claims that AWS makes keys of; no other claim of an issuer of one's own becomes one. */
    private static final Set<String> CLAIMS = Set.of("sub", "aud", "oaud", "amr", "azp");

    private static final String GITHUB = "token.actions.githubusercontent.com";

    /** What AWS makes keys of beside that in tokens of GitHub, since January 2026. */
    private static final Set<String> GITHUB_CLAIMS = Set.of(
            "actor",
            "actor_id",
            "job_workflow_ref",
            "repository",
            "repository_id",
            "workflow",
            "ref",
            "environment",
            "enterprise_id");

    private static final Map<String, Kind> ONE_VALUE = Map.ofEntries(
            Map.entry(ROLE_SESSION_NAME, Kind.TEXT),
            Map.entry(SOURCE_IDENTITY, Kind.TEXT),
            Map.entry(EXTERNAL_ID, Kind.TEXT),
            Map.entry(PRINCIPAL_ARN, Kind.ARN),
            Map.entry(PRINCIPAL_ACCOUNT, Kind.TEXT),
            Map.entry("aws:PrincipalType", Kind.TEXT),
            Map.entry("aws:SourceIdentity", Kind.TEXT),
            Map.entry("aws:userid", Kind.TEXT),
            Map.entry("aws:username", Kind.TEXT),
            Map.entry("aws:SourceIp", Kind.ADDRESS),
            Map.entry("aws:SecureTransport", Kind.FLAG),
            Map.entry("aws:MultiFactorAuthPresent", Kind.FLAG),
            Map.entry(CURRENT_TIME, Kind.TIME),
            Map.entry(EPOCH_TIME, Kind.EPOCH));

    private static final Set<String> SEVERAL_VALUES = Set.of(TAG_KEYS, TRANSITIVE_TAG_KEYS);
    private static final Pattern TAG =
            Pattern.compile("(?i)(?:aws:RequestTag|aws:PrincipalTag)/[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]{1,128}");

    // Hosts of no dot are those of tests on loopback, which IAM itself would never accept.
    private static final Pattern CLAIM = Pattern.compile(
            "((?:[A-Za-z0-9.-]*\\.[A-Za-z0-9.-]+|localhost|\\[::1])(?::[0-9]{1,5})?(?:/[\\w.~%!$&'()*+,;=:@/-]*)?):([\\w.-]+)");

    /** What the values of a key are, which decides the operators that make sense of them. */
    enum Kind {
        TEXT,
        ARN,
        ADDRESS,
        FLAG,
        TIME,
        EPOCH;

        boolean fits(TrustComparison comparison) {
            return switch (comparison) {
                case STRING_EQUALS, STRING_EQUALS_IGNORE_CASE, STRING_LIKE, NULL -> true;
                case ARN_LIKE -> this == ARN;
                case IP_ADDRESS -> this == ADDRESS;
                case BOOL -> this == FLAG;
                case NUMERIC_EQUALS, NUMERIC_LESS, NUMERIC_LESS_OR_EQUAL, NUMERIC_GREATER, NUMERIC_GREATER_OR_EQUAL ->
                    this == EPOCH;
                case DATE_EQUALS, DATE_LESS, DATE_LESS_OR_EQUAL, DATE_GREATER, DATE_GREATER_OR_EQUAL ->
                    this == TIME || this == EPOCH;
            };
        }
    }

    /**
     * Reads the name of a key.
     *
     * @throws IllegalArgumentException if it is none that a request to assume a role has as far as is known here
     */
    static TrustConditionKey parse(String name) {
        for (Map.Entry<String, Kind> key : ONE_VALUE.entrySet()) {
            if (key.getKey().equalsIgnoreCase(name)) {
                return new TrustConditionKey(canonical(name), key.getValue(), false);
            }
        }
        if (SEVERAL_VALUES.stream().anyMatch(name::equalsIgnoreCase)) {
            return new TrustConditionKey(canonical(name), Kind.TEXT, true);
        }
        if (TAG.matcher(name).matches()) {
            return new TrustConditionKey(canonical(name), Kind.TEXT, false);
        }
        Matcher claim = CLAIM.matcher(name);
        if (claim.matches()) {
            return new TrustConditionKey(
                    canonical(name), Kind.TEXT, claim.group(2).equalsIgnoreCase("amr"));
        }
        throw MalformedPolicy.because(
                "The key of a condition must be a claim such as \"ci.example:sub\", a tag such as "
                        + "\"aws:RequestTag/Team\", or one of " + new TreeSet<>(ONE_VALUE.keySet()) + " and "
                        + new TreeSet<>(SEVERAL_VALUES),
                name);
    }

    /** Returns the one name that stands for all that IAM takes for the same. */
    static String canonical(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** Tells whether AWS makes a key of the claim {@code claim} in tokens of the issuer at {@code provider}. */
    static boolean isKey(String provider, String claim) {
        return CLAIMS.contains(claim) || (provider.equals(GITHUB) && GITHUB_CLAIMS.contains(claim));
    }

    /** Tells whether it names a claim that AWS makes no key of, so that no request has it. */
    boolean isUnknownClaim() {
        Matcher claim = CLAIM.matcher(name);
        return claim.matches() && !isKey(claim.group(1), claim.group(2));
    }
}
