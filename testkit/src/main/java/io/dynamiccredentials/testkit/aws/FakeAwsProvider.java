package io.dynamiccredentials.testkit.aws;

import io.dynamiccredentials.IssuerUrl;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An OIDC identity provider of an account. Immutable.
 *
 * @param issuer whose tokens it vouches for
 * @param clientIds the audiences that it takes
 * @param thumbprints those of certificates, which nothing here is held against
 */
record FakeAwsProvider(IssuerUrl issuer, Set<String> clientIds, List<String> thumbprints) {
    private static final int MAX_URL = 255;
    private static final int MAX_CLIENT_IDS = 100;
    private static final int MAX_CLIENT_ID = 255;
    private static final int MAX_THUMBPRINTS = 5;
    private static final Pattern THUMBPRINT = Pattern.compile("[0-9A-Fa-f]{40}");

    /**
     * Checks as IAM does, and copies.
     *
     * @throws IllegalArgumentException if something is beyond a limit of IAM
     */
    FakeAwsProvider {
        clientIds = Set.copyOf(clientIds);
        thumbprints = List.copyOf(thumbprints);
        // IAM takes neither http nor a port; nothing on loopback can do without.
        boolean bare = issuer.isLoopback() || URI.create(issuer.value()).getPort() == -1;
        if (issuer.value().length() > MAX_URL || !bare) {
            throw new IllegalArgumentException("The URL of a provider must have at most " + MAX_URL
                    + " characters and no port; it was \"" + issuer + "\"");
        }
        boolean fit = clientIds.stream().allMatch(id -> !id.isEmpty() && id.length() <= MAX_CLIENT_ID);
        if (clientIds.size() > MAX_CLIENT_IDS || !fit) {
            throw new IllegalArgumentException("A provider must have at most " + MAX_CLIENT_IDS + " client ids of 1 to "
                    + MAX_CLIENT_ID + " characters; it had " + clientIds.size());
        }
        if (thumbprints.size() > MAX_THUMBPRINTS
                || !thumbprints.stream()
                        .allMatch(print -> THUMBPRINT.matcher(print).matches())) {
            throw new IllegalArgumentException("A provider must have at most " + MAX_THUMBPRINTS
                    + " thumbprints of 40 hexadecimal digits; it had " + thumbprints);
        }
    }

    /** Returns its ARN in the account of a role of that partition. */
    String arn(String partition, String account) {
        return "arn:" + partition + ":iam::" + account + ":oidc-provider/"
                + issuer.value().replaceFirst("^https?://", "");
    }
}
