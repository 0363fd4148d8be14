package io.dynamiccredentials.gcp;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The full name of a workload identity pool provider, taken apart. Immutable. */
record ProviderName(String projectNumber, String pool, String provider) {
    /** The right form as a noun phrase, for messages. */
    static final String EXPECTED =
            "a workload identity provider by project number, with ids of 4 to 32 lower-case letters, "
                    + "digits and hyphens, such as "
                    + "\"projects/123456789/locations/global/workloadIdentityPools/ci-pool/providers/ci-issuer\"";

    static final String HOST = "//iam.googleapis.com/";

    private static final String RESERVED = "gcp-";
    private static final String ID = "[a-z0-9-]{4,32}";
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,20}");
    private static final Pattern FORM = Pattern.compile(
            "projects/(" + NUMBER + ")/locations/global/workloadIdentityPools/(" + ID + ")/providers/(" + ID + ")");

    /**
     * Takes a full name apart.
     *
     * @throws IllegalArgumentException if it is malformed
     */
    static ProviderName parse(String name) {
        Matcher matcher = FORM.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("The provider must be " + EXPECTED + "; it was \"" + name + "\"");
        }
        return new ProviderName(matcher.group(1), matcher.group(2), matcher.group(3));
    }

    static boolean isWellFormed(String name) {
        return FORM.matcher(name).matches();
    }

    static boolean isProjectNumber(String number) {
        return NUMBER.matcher(number).matches();
    }

    static boolean isId(String id) {
        return id.matches(ID);
    }

    /** Returns the name as Google's documents write it, without a host. */
    String value() {
        return poolName() + "/providers/" + provider;
    }

    /**
     * Returns the name by which STS knows the provider: its {@code audience}, and by default the {@code aud} of tokens.
     */
    String resource() {
        return HOST + value();
    }

    /** Returns how IAM policies name the holder of a token with {@code google.subject} {@code subject}. */
    String principal(String subject) {
        return "principal:" + HOST + poolName() + "/subject/" + subject;
    }

    /**
     * Refuses ids that an operator can't give.
     *
     * @throws IllegalArgumentException if pool or provider begins with {@code gcp-}
     */
    void requireOperators() {
        if (pool.startsWith(RESERVED) || provider.startsWith(RESERVED)) {
            throw new IllegalArgumentException("Ids of pools and providers must not begin with \"" + RESERVED
                    + "\", which Google keeps for itself; the provider was \"" + value() + "\"");
        }
    }

    /** Returns the name of the pool without a host. */
    String poolName() {
        return "projects/" + projectNumber + "/locations/global/workloadIdentityPools/" + pool;
    }
}
