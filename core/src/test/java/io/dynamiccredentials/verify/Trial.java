package io.dynamiccredentials.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.fixtures.FixedKey;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.wire.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** A verifier on trial: the issuers that it trusts, their keys, the hour, and the tokens that it is shown. */
final class Trial {
    static final long NOW = ManualClock.START.getEpochSecond();
    static final Clock CLOCK = Clock.fixed(ManualClock.START, ZoneOffset.UTC);
    static final String AUDIENCE = "me";

    static final String ISSUER = "https://ci.example";

    /** Its name begins with that of {@link #ISSUER}, and its key has the id of that issuer's EC key. */
    static final String TENANT = "https://ci.example/tenant";

    /** Publishes the keys of {@link #ISSUER}, and is trusted for another audience. */
    static final String PARTNER = "https://partner.example";

    static final SigningKey RSA = key(SigningAlgorithm.RS256);
    static final SigningKey EC = key(SigningAlgorithm.ES256);
    static final SigningKey ED = key(SigningAlgorithm.EDDSA);
    static final SigningKey STRANGER = SigningKey.generate(SigningAlgorithm.ES256);
    static final SigningKey TENANT_KEY = SigningKey.generate(SigningAlgorithm.ES256);
    static final JwkSet KEYS = new JwkSet(List.of(RSA.publicJwk(), EC.publicJwk(), ED.publicJwk()));

    /** A key id one character longer than allowed, of which the issuer has a key all the same. */
    static final String LONG_KEY_ID = "k".repeat(257);

    static final RawJson CLAIMS = RawJson.of(orderedClaims());

    private final AtomicInteger lookups = new AtomicInteger();
    private final JwtTokenVerifier verifier;

    Trial() {
        verifier = JwtTokenVerifier.builder(issuer(ISSUER, AUDIENCE, this::find, SigningAlgorithm.forIssuing()))
                .trust(issuer(TENANT, AUDIENCE, counted(tenantKeys()), Set.of(SigningAlgorithm.ES256)))
                .trust(issuer(PARTNER, "partner", counted(KEYS), SigningAlgorithm.forIssuing()))
                .trust(issuer(WeakKey.ISSUER, AUDIENCE, WeakKey::find, SigningAlgorithm.forIssuing()))
                .clock(CLOCK)
                .build();
    }

    VerifiedToken verify(String token) {
        return verifier.verify(token);
    }

    /** Returns how often the keys of an issuer were asked for. */
    int lookups() {
        return lookups.get();
    }

    private Optional<PublicJwk> find(String keyId) {
        lookups.incrementAndGet();
        return keyId.equals(LONG_KEY_ID) ? Optional.of(EC.publicJwk()) : KEYS.find(keyId);
    }

    private KeySource counted(JwkSet keys) {
        return keyId -> {
            lookups.incrementAndGet();
            return keys.find(keyId);
        };
    }

    static TrustedIssuer issuer(String url, String audience, KeySource keys, Set<SigningAlgorithm> algorithms) {
        return new TrustedIssuer(IssuerUrl.of(url), Set.of(audience), algorithms, keys);
    }

    private static JwkSet tenantKeys() {
        Map<String, Object> members = new LinkedHashMap<>(TENANT_KEY.publicJwk().members());
        members.put("kid", EC.publicJwk().keyId());
        return JwkSet.parse(StrictJson.write(Map.of("keys", List.of(members))));
    }

    static RawJson header(SigningKey key) {
        Map<String, String> members = new LinkedHashMap<>();
        members.put("typ", "\"JWT\"");
        members.put("alg", '"' + key.publicJwk().algorithm().jwsName() + '"');
        members.put("kid", '"' + key.publicJwk().keyId() + '"');
        return RawJson.of(members);
    }

    /** Returns the claims of a token of these times, in seconds since 1970. */
    static RawJson lasting(long issuedAt, long expiresAt) {
        return CLAIMS.with("iat", issuedAt).with("exp", expiresAt);
    }

    /** Returns a token that says {@code claims} and is right in everything else. */
    static String saying(Object claims) {
        return Jws.sign(EC, claims.toString());
    }

    /** Returns a token with {@code header} that is right in everything else. */
    static String headed(Object header) {
        return Jws.sign(EC, header.toString(), CLAIMS.toString());
    }

    /** Signs two parts as they are, however they are spelled. */
    static String signed(SigningKey key, String header, String claims) {
        String input = header + "." + claims;
        return input + "." + Jws.encode(key.sign(input.getBytes(UTF_8)));
    }

    /** Returns a token whose claims are {@code bytes}. */
    static String sayingBytes(byte[] bytes) {
        return signed(EC, Jws.encode(header(EC).toString()), Jws.encode(bytes));
    }

    static SigningKey keyFor(SigningAlgorithm algorithm) {
        return switch (algorithm) {
            case RS256 -> RSA;
            case ES256 -> EC;
            case EDDSA -> ED;
            default -> throw new IllegalArgumentException("no key here is for " + algorithm);
        };
    }

    /** Returns the private key that everybody can read in this repository, as a JWK. */
    static String privateJwk(SigningAlgorithm algorithm) {
        String file = "/golden/test-only-key." + algorithm.name().toLowerCase(Locale.ROOT) + ".jwk.json";
        try (InputStream in = Trial.class.getResourceAsStream(file)) {
            return new String(Objects.requireNonNull(in, file).readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SigningKey key(SigningAlgorithm algorithm) {
        return FixedKey.parse(privateJwk(algorithm), algorithm);
    }

    private static Map<String, String> orderedClaims() {
        Map<String, String> members = new LinkedHashMap<>();
        members.put("iss", '"' + ISSUER + '"');
        members.put("sub", "\"project:shop\"");
        members.put("aud", '"' + AUDIENCE + '"');
        members.put("iat", String.valueOf(NOW));
        members.put("exp", String.valueOf(NOW + 600));
        return members;
    }
}
