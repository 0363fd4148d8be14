package io.dynamiccredentials.azure;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.wire.Base64Url;
import io.dynamiccredentials.wire.StrictJson;
import java.util.Optional;

/**
 * What an access token says of itself, unverified: only its resource can tell whether it is true. Entra promises no
 * form of its access tokens, so that one that can't be read says nothing.
 */
record AccessTokenClaims(JsonNode claims) {

    static AccessTokenClaims of(Secret accessToken) {
        String[] parts = accessToken.reveal().split("[.]", -1);
        if (parts.length != 3) {
            return new AccessTokenClaims(MissingNode.getInstance());
        }
        try {
            return new AccessTokenClaims(StrictJson.parseObject(new String(Base64Url.decode(parts[1]), UTF_8)));
        } catch (IllegalArgumentException e) {
            return new AccessTokenClaims(MissingNode.getInstance());
        }
    }

    Optional<String> tenant() {
        return StrictJson.text(claims, "tid");
    }

    /** Returns the client id of the application: {@code appid} in version 1.0 of the tokens, {@code azp} in 2.0. */
    Optional<String> application() {
        return StrictJson.text(claims, "appid").or(() -> StrictJson.text(claims, "azp"));
    }
}
