package io.dynamiccredentials.testkit.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.testkit.IssuerKeys;
import io.dynamiccredentials.testkit.ReceivedToken;
import io.dynamiccredentials.vault.VaultJwtMethod;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.security.PublicKey;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Checks signatures as Vault's JWT auth method does: with the keys that its issuer publishes, those at an address, or
 * its own. Safe for use by many threads.
 */
final class VaultKeys implements AutoCloseable {
    private static final String FETCHING = "fetching keys oidc: ";
    private static final String NO_KEYS = "get keys failed";

    private final BoundedHttpClient http = BoundedHttpClient.builder().build();
    private final IssuerKeys issuers = new IssuerKeys();
    private final Set<IssuerUrl> configured = ConcurrentHashMap.newKeySet();
    private final Map<URI, JwkSet> atAddresses = new ConcurrentHashMap<>();

    /** What a good signature vouches for. */
    record Verified(SigningAlgorithm algorithm, JsonNode claims) {}

    IssuerKeys issuers() {
        return issuers;
    }

    void forget() {
        issuers.forget();
        configured.clear();
        atAddresses.clear();
    }

    /**
     * Returns a token whose signature is good.
     *
     * @throws VaultRefusal if it is not
     */
    Verified verify(VaultJwtMethod method, String jwt) {
        // Vault asks for the issuer's document before it looks at the token, and for keys after.
        method.discoveryUrl().ifPresent(this::configure);
        boolean fixed = !method.validationKeys().isEmpty();
        String malformed = fixed ? "" : "oidc: malformed jwt: ";
        // Go takes the last of claims that have the same name.
        ReceivedToken token =
                ReceivedToken.parseLastCounts(jwt).orElseThrow(() -> refused(malformed + malformation(jwt)));
        SigningAlgorithm algorithm = SigningAlgorithm.parse(token.algorithm())
                .orElseThrow(() -> refused(
                        malformed + "unexpected signature algorithm " + UntrustedText.quote(token.algorithm())));
        if (fixed) {
            requireSignature(
                    method.validationKeys().stream().anyMatch(key -> isSignedBy(token, key, algorithm)),
                    "no known key successfully validated the token signature");
        } else {
            requireSignature(isSignedByPublished(token, method), "failed to verify id token signature");
        }
        return new Verified(algorithm, token.claims());
    }

    @Override
    public void close() {
        issuers.close();
        http.close();
    }

    private static String malformation(String jwt) {
        // The library strips white space, and Vault knows a form in JSON: neither is sent by anybody.
        return jwt.split("\\.", -1).length == 3
                ? "illegal base64 data"
                : "go-jose/go-jose: compact JWS format must have three parts";
    }

    private boolean isSignedByPublished(ReceivedToken token, VaultJwtMethod method) {
        return method.discoveryUrl()
                .map(issuer -> isSignedByIssuer(token, issuer))
                .orElseGet(() -> isSignedAt(token, method.jwksUrl().orElseThrow()));
    }

    private boolean isSignedByIssuer(ReceivedToken token, IssuerUrl issuer) {
        IssuerKeys.Answer answer = issuers.find(issuer, token.keyId());
        if (answer instanceof IssuerKeys.Found found) {
            return token.isSignedBy(found.key());
        }
        if (answer instanceof IssuerKeys.Unknown unknown) {
            return token.keyId().isEmpty() && isSignedByAny(token, unknown.keys());
        }
        String problem = ((IssuerKeys.Unreachable) answer).problem();
        throw refused(FETCHING + (problem.startsWith(NO_KEYS) ? problem : NO_KEYS));
    }

    private boolean isSignedAt(ReceivedToken token, URI address) {
        JwkSet known = atAddresses.get(address);
        if (known != null && isSignedBySet(token, known)) {
            return true;
        }
        JwkSet fetched = fetch(address);
        atAddresses.put(address, fetched);
        return isSignedBySet(token, fetched);
    }

    /** Takes every key for a token that names none, as Vault does. */
    private static boolean isSignedBySet(ReceivedToken token, JwkSet keys) {
        return token.keyId().isEmpty()
                ? isSignedByAny(token, keys)
                : keys.find(token.keyId()).filter(token::isSignedBy).isPresent();
    }

    private static boolean isSignedByAny(ReceivedToken token, JwkSet keys) {
        return keys.keys().stream().anyMatch(token::isSignedBy);
    }

    private static boolean isSignedBy(ReceivedToken token, PublicKey key, SigningAlgorithm algorithm) {
        try {
            return token.isSignedBy(PublicJwk.of(key, algorithm));
        } catch (IllegalArgumentException e) {
            // The key is not one for the algorithm that the header names.
            return false;
        }
    }

    /** Reads an issuer's document, once. Vault keeps what it makes of it until the method is configured anew. */
    private void configure(IssuerUrl issuer) {
        if (!configured.contains(issuer) && !issuers.knows(issuer)) {
            String problem = documentProblem(issuer);
            if (!problem.isEmpty()) {
                throw VaultRefusal.invalid("error configuring token validator: keyset configuration error: " + problem);
            }
            configured.add(issuer);
        }
    }

    private String documentProblem(IssuerUrl issuer) {
        try {
            HttpReply reply = http.send(HttpRequest.newBuilder(issuer.discoveryDocument()));
            if (reply.status() != 200) {
                return String.valueOf(reply.status());
            }
            String named = StrictJson.parseObject(reply.body()).path("issuer").asText();
            return named.equals(issuer.value())
                    ? ""
                    : "issuer did not match the returned issuer, expected \"" + issuer.value() + "\" got "
                            + UntrustedText.quote(named);
        } catch (IllegalArgumentException e) {
            return "failed to decode OIDC discovery document";
        } catch (IOException e) {
            return "connection failed";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private JwkSet fetch(URI address) {
        try {
            HttpReply reply = http.send(HttpRequest.newBuilder(address));
            if (reply.status() != 200) {
                throw refused(FETCHING + NO_KEYS + ": " + reply.status());
            }
            return JwkSet.parse(reply.body());
        } catch (IllegalArgumentException e) {
            throw refused("fetching keys oidc: failed to decode keys");
        } catch (IOException e) {
            throw refused(FETCHING + NO_KEYS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw refused(FETCHING + NO_KEYS);
        }
    }

    private static void requireSignature(boolean good, String otherwise) {
        if (!good) {
            throw refused(otherwise);
        }
    }

    private static VaultRefusal refused(String why) {
        return VaultRefusal.invalid("error validating token: error verifying token signature: " + why);
    }
}
