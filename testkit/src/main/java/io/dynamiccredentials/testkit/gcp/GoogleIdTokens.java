package io.dynamiccredentials.testkit.gcp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.wire.StrictJson;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The identity tokens of service accounts, which the fake signs with a key of its own. */
final class GoogleIdTokens {
    static final long LIFE_SECONDS = 3600;

    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    /** Made when it is first needed: most tests need none, and RSA keys take their time. */
    private final AtomicReference<@Nullable SigningKey> key = new AtomicReference<>();

    /**
     * Issues a token of an account.
     *
     * @param shown the address of the account, if the token shall tell it
     */
    String issue(String email, String audience, Optional<String> shown, Instant now) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("aud", audience);
        claims.put("azp", IamPolicies.uniqueId(email));
        shown.ifPresent(address -> {
            claims.put("email", address);
            claims.put("email_verified", true);
        });
        claims.put("exp", now.getEpochSecond() + LIFE_SECONDS);
        claims.put("iat", now.getEpochSecond());
        claims.put("iss", "https://accounts.google.com");
        claims.put("sub", IamPolicies.uniqueId(email));
        String signed =
                part(Map.of("alg", "RS256", "kid", key().publicJwk().keyId(), "typ", "JWT")) + "." + part(claims);
        return signed + "." + BASE64URL.encodeToString(key().sign(signed.getBytes(US_ASCII)));
    }

    /** Returns the keys, as {@code www.googleapis.com/oauth2/v3/certs} does. */
    String jwks() {
        return new JwkSet(List.of(key().publicJwk())).toJson();
    }

    private SigningKey key() {
        SigningKey known = key.get();
        if (known != null) {
            return known;
        }
        SigningKey made = SigningKey.generate(SigningAlgorithm.RS256);
        SigningKey first = key.compareAndExchange(null, made);
        return first == null ? made : first;
    }

    private static String part(Map<String, ?> members) {
        return BASE64URL.encodeToString(StrictJson.write(members).getBytes(UTF_8));
    }
}
