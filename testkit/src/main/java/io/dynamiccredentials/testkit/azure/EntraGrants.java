package io.dynamiccredentials.testkit.azure;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.wire.StrictJson;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The access tokens that a fake Entra handed out. Safe for use by many threads. */
final class EntraGrants {
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();
    private static final int SIGNATURE_BYTES = 256;

    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Grant> grants = new ConcurrentHashMap<>();
    private final List<HandedOut> handedOut = new CopyOnWriteArrayList<>();

    EntraGrants(Clock clock) {
        this.clock = clock;
    }

    /** What an access token stands for: a client in a tenant, towards a resource. */
    record Grant(String tenant, String resource, HandedOut token) {}

    /**
     * Hands out an access token. It has the form and the claims of Entra's, and a signature that is nothing but random:
     * clients must not look inside, and resources here know their tokens.
     */
    String add(Grant grant) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("aud", grant.resource());
        claims.put("iss", "https://sts.windows.net/" + grant.tenant() + "/");
        claims.put("iat", clock.instant().getEpochSecond());
        claims.put("exp", grant.token().expiresAt().getEpochSecond());
        claims.put("appid", grant.token().role());
        claims.put("tid", grant.tenant());
        claims.put("ver", "1.0");
        byte[] signature = new byte[SIGNATURE_BYTES];
        random.nextBytes(signature);
        String token = part(Map.of("typ", "JWT", "alg", "RS256")) + "." + part(claims) + "."
                + BASE64URL.encodeToString(signature);
        grants.put(token, grant);
        handedOut.add(grant.token());
        return token;
    }

    /** Returns what the token stands or stood for. */
    Optional<Grant> find(String accessToken) {
        return Optional.ofNullable(grants.get(accessToken));
    }

    List<HandedOut> handedOut() {
        return List.copyOf(handedOut);
    }

    List<HandedOut> live() {
        return handedOut.stream().filter(this::isLive).toList();
    }

    boolean isLive(HandedOut token) {
        return clock.instant().isBefore(token.expiresAt());
    }

    void clear() {
        grants.clear();
        handedOut.clear();
    }

    private static String part(Map<String, ?> members) {
        return BASE64URL.encodeToString(StrictJson.write(members).getBytes(UTF_8));
    }
}
