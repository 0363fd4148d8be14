package io.dynamiccredentials.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.net.URI;

/**
 * What a relying party reads of an issuer's discovery document (OpenID Connect Discovery 1.0, section 3).
 *
 * @param jwksUri where the issuer's keys are
 */
record DiscoveryMetadata(URI jwksUri) {

    /**
     * Reads the document that was found at {@code issuer}.
     *
     * @throws IllegalArgumentException if it is not the issuer's, byte for byte (section 4.3), or points to an address
     *     that may not be asked
     */
    static DiscoveryMetadata parse(String json, IssuerUrl issuer) {
        JsonNode document = StrictJson.parseObject(json);
        String named = StrictJson.text(document, "issuer").orElse("");
        if (!issuer.value().equals(named)) {
            throw new IllegalArgumentException(
                    "it names the issuer " + UntrustedText.quote(named) + ", expected \"" + issuer + "\"");
        }
        String jwksUri = StrictJson.text(document, "jwks_uri").orElse("");
        try {
            URI uri = URI.create(jwksUri);
            if (issuer.mayReferTo(uri)) {
                return new DiscoveryMetadata(uri);
            }
        } catch (IllegalArgumentException e) {
            // Falls through to the one refusal for all bad addresses.
        }
        throw new IllegalArgumentException(
                "its jwks_uri is " + UntrustedText.quote(jwksUri) + ", expected an https address");
    }
}
