package io.dynamiccredentials.discovery;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.keys.SigningKeys;
import java.time.Duration;
import java.util.Map;

/**
 * Answers the two requests that every verifier makes, whatever web server the host runs.
 *
 * <p>Below the path of the issuer's address it knows {@code /.well-known/openid-configuration} and
 * {@code /.well-known/jwks}. Both answers are public and hold no private key. Safe for use by many threads.
 */
public final class DiscoveryEndpoint {
    /** Where the keys are, below the issuer. */
    static final String JWKS_PATH = "/.well-known/jwks";

    private static final Duration MAX_AGE = Duration.ofMinutes(5);

    private final IssuerUrl issuer;
    private final SigningKeys keys;
    private final String documentPath;
    private final String jwksPath;

    private DiscoveryEndpoint(IssuerUrl issuer, SigningKeys keys) {
        this.issuer = issuer;
        this.keys = keys;
        this.documentPath = issuer.discoveryDocument().getPath();
        this.jwksPath = issuer.resolve(JWKS_PATH).getPath();
    }

    /** Returns the endpoint of {@code issuer}. Pass the same keys as to the token issuer. */
    public static DiscoveryEndpoint of(IssuerUrl issuer, SigningKeys keys) {
        return new DiscoveryEndpoint(issuer, keys);
    }

    /**
     * Answers one request.
     *
     * @param method the HTTP method; {@code GET} and {@code HEAD} are known
     * @param path the path of the request as the issuer's address has it, without a query
     */
    public DiscoveryReply answer(String method, String path) {
        boolean document = path.equals(documentPath);
        if (!document && !path.equals(jwksPath)) {
            return new DiscoveryReply(404, Map.of(), "");
        }
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return new DiscoveryReply(405, Map.of("Allow", "GET, HEAD"), "");
        }
        try {
            String json = document
                    ? DiscoveryDocument.of(issuer, keys).toJson()
                    : keys.published().toJson();
            return new DiscoveryReply(
                    200,
                    Map.of(
                            "Content-Type", "application/json",
                            "Cache-Control", "public, max-age=" + MAX_AGE.toSeconds(),
                            "X-Content-Type-Options", "nosniff"),
                    method.equals("GET") ? json : "");
        } catch (IllegalStateException e) {
            // An empty key set would be cached by relying parties; "not yet" is not.
            return new DiscoveryReply(503, Map.of("Retry-After", "1", "Cache-Control", "no-store"), "");
        }
    }
}
