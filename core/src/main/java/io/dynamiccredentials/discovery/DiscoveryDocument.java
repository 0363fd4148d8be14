package io.dynamiccredentials.discovery;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an issuer says about itself (OpenID Connect Discovery 1.0, section 3). Immutable.
 *
 * @param issuer the issuer, as it stands in its tokens
 * @param jwksUri where its keys are
 * @param algorithms the JWS names of exactly the algorithms that its published keys are for
 */
record DiscoveryDocument(IssuerUrl issuer, URI jwksUri, List<String> algorithms) {

    /** Copies the list. */
    DiscoveryDocument {
        algorithms = List.copyOf(algorithms);
    }

    /** Returns the document of {@code issuer} while {@code keys} are published. */
    static DiscoveryDocument of(IssuerUrl issuer, JwkSet keys) {
        List<String> algorithms = keys.keys().stream()
                .map(key -> key.algorithm().jwsName())
                .distinct()
                .toList();
        return new DiscoveryDocument(issuer, issuer.keySet(), algorithms);
    }

    /** Returns the document as JSON, with the members that AWS, Google Cloud, Entra and Vault ask for. */
    String toJson() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("issuer", issuer.value());
        members.put("jwks_uri", jwksUri.toString());
        members.put("response_types_supported", List.of("id_token"));
        members.put("subject_types_supported", List.of("public"));
        members.put("id_token_signing_alg_values_supported", algorithms);
        members.put("claims_supported", List.of("iss", "sub", "aud", "iat", "nbf", "exp", "jti"));
        members.put("scopes_supported", List.of("openid"));
        return StrictJson.write(members);
    }
}
