package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.ALGORITHM_REFUSED;
import static io.dynamiccredentials.TokenRejectedException.Reason.BAD_SIGNATURE;
import static io.dynamiccredentials.TokenRejectedException.Reason.EXPIRED;
import static io.dynamiccredentials.TokenRejectedException.Reason.ISSUED_IN_FUTURE;
import static io.dynamiccredentials.TokenRejectedException.Reason.LIVES_TOO_LONG;
import static io.dynamiccredentials.TokenRejectedException.Reason.MALFORMED;
import static io.dynamiccredentials.TokenRejectedException.Reason.MISSING_CLAIM;
import static io.dynamiccredentials.TokenRejectedException.Reason.NOT_YET_VALID;
import static io.dynamiccredentials.TokenRejectedException.Reason.TOO_OLD;
import static io.dynamiccredentials.TokenRejectedException.Reason.UNKNOWN_KEY;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_AUDIENCE;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_ISSUER;
import static io.dynamiccredentials.verify.Trial.CLAIMS;
import static io.dynamiccredentials.verify.Trial.EC;
import static io.dynamiccredentials.verify.Trial.NOW;
import static io.dynamiccredentials.verify.Trial.RSA;
import static io.dynamiccredentials.verify.Trial.headed;
import static io.dynamiccredentials.verify.Trial.header;
import static io.dynamiccredentials.verify.Trial.keyFor;
import static io.dynamiccredentials.verify.Trial.lasting;
import static io.dynamiccredentials.verify.Trial.saying;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.TokenRejectedException.Reason;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwtTokenVerifierTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of(Trial.ISSUER);

    private final AtomicInteger lookups = new AtomicInteger();
    private final TokenVerifier verifier = verifier(SigningAlgorithm.values()).build();

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void verify_goodToken_isAccepted(SigningAlgorithm algorithm) {
        SigningKey key = keyFor(algorithm);

        String compact = Jws.sign(key, CLAIMS.toString());

        VerifiedToken token = verifier.verify(compact);

        assertThat(token.issuer()).isEqualTo("https://ci.example");
        assertThat(token.subject()).isEqualTo("project:shop");
        assertThat(token.audiences()).containsExactly("me");
        assertThat(token.tokenId()).isEmpty();
        assertThat(token.issuedAt()).isEqualTo(Instant.ofEpochSecond(NOW));
        assertThat(token.expiresAt()).isEqualTo(Instant.ofEpochSecond(NOW + 600));
        assertThat(token.text("sub")).contains("project:shop");
        assertThat(token.text("exp")).isEmpty();
        assertThat(token.integer("exp")).contains(NOW + 600);
        assertThat(token.keyId()).isEqualTo(key.publicJwk().keyId());
        assertThat(token.fingerprint()).isEqualTo(VerifiedToken.fingerprintOf(compact));
        assertThat(token).hasToString("VerifiedToken[iss=\"https://ci.example\", sub=\"project:shop\", jti=none]");
    }

    @Test
    void verify_oneAudienceOfSeveral_isAccepted() {
        RawJson claims = CLAIMS.with("aud", "[\"other\",\"me\"]");

        assertThat(verifier.verify(saying(claims)).audiences()).containsExactlyInAnyOrder("other", "me");
    }

    @Test
    void verify_wrongIssuer_isRejectedWithoutLookingForKeys() {
        assertRejected(saying(CLAIMS.withText("iss", "https://evil.example")), WRONG_ISSUER, "iss");
        assertThat(lookups).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://ci.example/",
                "https://ci.example.evil.example",
                "https://CI.example",
                "https://ci.exampl"
            })
    void verify_almostTheIssuer_isRejected(String issuer) {
        assertRejected(saying(CLAIMS.withText("iss", issuer)), WRONG_ISSUER, "iss");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"you\"", "[\"you\",\"them\"]", "\"me \"", "\"ME\""})
    void verify_wrongAudience_isRejected(String audience) {
        assertRejected(saying(CLAIMS.with("aud", audience)), WRONG_AUDIENCE, "aud");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[\"me\",1]",
                "[[\"me\"]]",
                "{\"a\":\"me\"}",
                "[\"me\",null]",
                "\"\"",
                "[\"\"]",
                "1",
                "null",
                "true"
            })
    void verify_audienceOfWrongType_isMalformed(String audience) {
        assertRejected(saying(CLAIMS.with("aud", audience)), MALFORMED, "aud");
    }

    @Test
    void verify_emptyListOfAudiences_isRejected() {
        assertRejected(saying(CLAIMS.with("aud", "[]")), MISSING_CLAIM, "aud");
    }

    @ParameterizedTest
    @ValueSource(strings = {"iss", "sub", "aud", "exp", "iat"})
    void verify_missingClaim_isRejected(String claim) {
        assertRejected(saying(CLAIMS.without(claim)), MISSING_CLAIM, claim);
    }

    @ParameterizedTest
    @CsvSource({"iss,https://ci.example", "sub,project:shop"})
    void verify_textClaimOfWrongType_isMalformed(String claim, String value) {
        for (String wrong : List.of("1", "null", "\"\"", "[\"" + value + "\"]")) {
            assertRejected(saying(CLAIMS.with(claim, wrong)), MALFORMED, claim);
        }
    }

    // Boundaries: the verifier allows 60 s of skew.

    @Test
    void verify_lastMomentWithSkew_isAccepted() {
        assertThat(verifier.verify(saying(lasting(NOW - 600, NOW - 59)))).isNotNull();
    }

    @Test
    void verify_expiresExactlyNowWithSkew_isRejected() {
        assertRejected(saying(lasting(NOW - 600, NOW - 60)), EXPIRED, "exp");
    }

    @Test
    void verify_notBeforeAtTheEdgeOfSkew_isAcceptedAndBeyondRejected() {
        assertThat(verifier.verify(saying(lasting(NOW, NOW + 600).with("nbf", NOW + 60))))
                .isNotNull();
        assertRejected(saying(lasting(NOW, NOW + 600).with("nbf", NOW + 61)), NOT_YET_VALID, "nbf");
    }

    @Test
    void verify_issuedAtTheEdgeOfSkew_isAcceptedAndBeyondRejected() {
        assertThat(verifier.verify(saying(lasting(NOW + 60, NOW + 600).with("nbf", NOW))))
                .isNotNull();
        assertRejected(saying(lasting(NOW + 61, NOW + 600).with("nbf", NOW)), ISSUED_IN_FUTURE, "iat");
    }

    @Test
    void verify_noSkew_isExact() {
        TokenVerifier exact =
                verifier(SigningAlgorithm.ES256).clockSkew(Duration.ZERO).build();

        assertThat(exact.verify(saying(lasting(NOW, NOW + 1)))).isNotNull();
        assertRejected(exact, saying(lasting(NOW - 1, NOW)), EXPIRED, "exp");
        assertRejected(exact, saying(lasting(NOW, NOW + 9).with("nbf", NOW + 1)), NOT_YET_VALID, "nbf");
    }

    @Test
    void verify_lifetimeAtTheCap_isAcceptedAndAboveItRejected() {
        assertThat(verifier.verify(saying(lasting(NOW, NOW + 86_400)))).isNotNull();
        assertRejected(saying(lasting(NOW, NOW + 86_401)), LIVES_TOO_LONG, "exp");
    }

    @Test
    void verify_endsBeforeItWasIssued_isRejected() {
        assertRejected(saying(lasting(NOW + 30, NOW + 20)), LIVES_TOO_LONG, "exp");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"1772367000\"",
                "1772367000.5",
                "1772367000.0",
                "1.772367e9",
                "null",
                "-1",
                "253402300800",
                "9223372036854775807",
                "9223372036854775808",
                "1e300",
                "true",
                "[1772367000]"
            })
    void verify_timeThatIsNoWholeSecond_isMalformed(String time) {
        assertRejected(saying(CLAIMS.with("exp", time)), MALFORMED, "exp");
    }

    // Signature and key.

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void verify_signatureOfAnotherKey_isRejected(SigningAlgorithm algorithm) {
        SigningKey published = keyFor(algorithm);
        SigningKey stranger = SigningKey.generate(algorithm);

        assertRejected(Jws.sign(stranger, Jws.header(published), CLAIMS.toString()), BAD_SIGNATURE);
    }

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void verify_changedClaims_isRejected(SigningAlgorithm algorithm) {
        SigningKey key = keyFor(algorithm);
        String[] parts = Jws.sign(key, CLAIMS.toString()).split("\\.", -1);
        String changed = Jws.encode(CLAIMS.withText("sub", "root").toString());

        assertRejected(parts[0] + "." + changed + "." + parts[2], BAD_SIGNATURE);
    }

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void verify_zeroOrShortOrLongSignature_isRejected(SigningAlgorithm algorithm) {
        SigningKey key = keyFor(algorithm);
        String token = Jws.sign(key, CLAIMS.toString());
        String input = token.substring(0, token.lastIndexOf('.'));
        byte[] signature = key.sign(input.getBytes(UTF_8));

        // All zero is the "psychic signature" of CVE-2022-21449.
        assertRejected(input + "." + Jws.encode(new byte[signature.length]), BAD_SIGNATURE);
        assertRejected(input + "." + Jws.encode(new byte[1]), BAD_SIGNATURE);
        assertRejected(input + "." + Jws.encode(Arrays.copyOf(signature, signature.length - 1)), BAD_SIGNATURE);
        assertRejected(input + "." + Jws.encode(Arrays.copyOf(signature, signature.length + 1)), BAD_SIGNATURE);
        assertRejected(input + ".", MALFORMED);
    }

    @Test
    void verify_unknownKeyId_isRejected() {
        assertRejected(Jws.sign(SigningKey.generate(SigningAlgorithm.ES256), CLAIMS.toString()), UNKNOWN_KEY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"alg\":\"ES256\"}", "{\"alg\":\"ES256\",\"kid\":\"\"}"})
    void verify_noKeyId_isRejected(String header) {
        assertRejected(headed(header), UNKNOWN_KEY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "None", "NONE", "noNE", "", "HS256", "RS512", "PS256", "ES384", "es256", "Ed25519"})
    void verify_algorithmOutsideTheList_isRejected(String algorithm) {
        String header = Jws.header(EC).replace("ES256", algorithm);

        assertRejected(headed(header), ALGORITHM_REFUSED);
    }

    @Test
    void verify_algorithmAbsent_isRejected() {
        assertRejected(headed("{}"), ALGORITHM_REFUSED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"alg\":null,\"kid\":\"k\"}",
                "{\"alg\":[\"ES256\"],\"kid\":\"k\"}",
                "{\"alg\":1}",
                "{\"alg\":\"ES256\",\"kid\":1}",
                "{\"alg\":\"ES256\",\"kid\":\"a\\u0000b\"}"
            })
    void verify_headerMemberOfWrongType_isMalformed(String header) {
        assertRejected(headed(header), MALFORMED);
    }

    @Test
    void verify_longKeyId_isMalformed() {
        String longest = Jws.header(EC).replace(EC.publicJwk().keyId(), "k".repeat(256));
        assertRejected(headed(longest), UNKNOWN_KEY);
        assertRejected(headed(longest.replace("kk", "kkk")), MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"iss", "sub", "aud", "jti"})
    void verify_controlCharacterInAName_isMalformed(String claim) {
        assertRejected(saying(CLAIMS.withText(claim, "me\\u0007")), MALFORMED, claim);
    }

    @Test
    void verify_halfOfASurrogatePairAnywhere_isMalformed() {
        assertRejected(saying(CLAIMS.with("x", "[\"\\ud800\"]")), MALFORMED);
        assertRejected(saying(CLAIMS.with("\\udc00\\ud800", 1)), MALFORMED);
        assertThat(verifier.verify(saying(CLAIMS.withText("x", "\\ud83d\\ude00"))))
                .isNotNull();
    }

    @Test
    void verify_tooManyValues_isMalformed() {
        String most = "[" + "0,".repeat(249) + "0]";
        assertThat(verifier.verify(saying(CLAIMS.with("x", most)))).isNotNull();

        assertThatThrownBy(() -> verifier.verify(saying(CLAIMS.with("x", most.replace("[", "[0,")))))
                .isInstanceOf(TokenRejectedException.class)
                .hasMessageContaining("its claims part is a JSON object of more than 256 values");
    }

    @Test
    void verify_longSubject_isMalformed() {
        String longest = "s".repeat(2048);
        assertThat(verifier.verify(saying(CLAIMS.withText("sub", longest))).subject())
                .isEqualTo(longest);

        assertRejected(saying(CLAIMS.withText("sub", longest + "s")), MALFORMED, "sub");
    }

    @Test
    void verify_endsBeforeItBegins_isRejected() {
        assertRejected(saying(lasting(NOW, NOW).with("nbf", NOW + 1)), LIVES_TOO_LONG, "exp");
    }

    @Test
    void verify_olderThanTheGreatestAge_isRejected() {
        TokenVerifier strict = verifier(SigningAlgorithm.ES256)
                .clockSkew(Duration.ofSeconds(5))
                .maxAge(Duration.ofSeconds(60))
                .build();

        assertThat(strict.verify(saying(lasting(NOW - 65, NOW + 600)))).isNotNull();
        assertRejected(strict, saying(lasting(NOW - 66, NOW + 600)), TOO_OLD, "iat");
    }

    @Test
    void verify_unsignedToken_isRejected() {
        assertRejected(Jws.encode("{\"alg\":\"none\"}") + "." + Jws.encode(CLAIMS.toString()) + ".", MALFORMED);
    }

    @Test
    void verify_hmacKeyedWithThePublicKey_isRejected() {
        byte[] secret = RSA.publicJwk().publicKey().getEncoded();
        String header = header(RSA).withText("alg", "HS256").toString();

        assertRejected(Jws.hmac("HmacSHA256", secret, header, CLAIMS.toString()), ALGORITHM_REFUSED);
    }

    @Test
    void verify_algorithmOfAnotherKey_isRejected() {
        String header = Jws.header(EC).replace("ES256", "RS256");

        assertRejected(Jws.sign(RSA, header, CLAIMS.toString()), ALGORITHM_REFUSED);
    }

    @Test
    void verify_algorithmNotAllowedForTheIssuer_isRejected() {
        TokenVerifier rsaOnly = verifier(SigningAlgorithm.RS256).build();

        assertRejected(rsaOnly, saying(CLAIMS), ALGORITHM_REFUSED, null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"crit\":[]",
                "\"crit\":[\"exp\"]",
                "\"b64\":false",
                "\"b64\":true",
                "\"zip\":\"DEF\"",
                "\"cty\":\"JWT\"",
                "\"jwk\":{}",
                "\"jku\":\"https://evil.example/jwks\"",
                "\"x5u\":\"https://evil.example/cert\"",
                "\"x5c\":[]",
                "\"enc\":\"A128GCM\"",
                "\"unheard\":1",
                "\"kid\":\"twice\""
            })
    void verify_headerMemberOutsideTheList_isMalformed(String member) {
        String header = Jws.header(EC).replace("}", "," + member + "}");

        assertRejected(headed(header), MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"at+jwt\"", "\"JOSE\"", "1", "null", "\"\""})
    void verify_otherType_isMalformed(String type) {
        assertRejected(headed(Jws.header(EC).replace("\"JWT\"", type)), MALFORMED);
    }

    // Spelling: each token has one.

    @Test
    void verify_otherSpellings_areMalformed() {
        String token = saying(CLAIMS);
        int dot = token.indexOf('.');
        for (String spelling : List.of(
                "",
                ".",
                "..",
                "...",
                "a.b",
                token + ".",
                token + ".x",
                token + "=",
                token + "==",
                token + "\n",
                " " + token,
                "Bearer " + token,
                token.replace('.', ' '),
                token.substring(0, dot) + "=" + token.substring(dot),
                token.substring(0, dot) + "\n" + token.substring(dot),
                token.substring(0, dot) + "?" + token.substring(dot),
                "{\"payload\":\"x\",\"signatures\":[]}",
                ".".repeat(100_000),
                "a".repeat(20_000))) {
            assertRejected(spelling, MALFORMED);
        }
    }

    @Test
    void verify_looseLastBits_areMalformed() {
        String token = saying(CLAIMS);
        // 64 bytes end in a character that carries two bits; the other four are free and must be zero.
        char last = token.charAt(token.length() - 1);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        char loose = alphabet.charAt(alphabet.indexOf(last) + 1);

        assertRejected(token.substring(0, token.length() - 1) + loose, MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "\"x\"",
                "1",
                "",
                "{\"sub\":\"a\",\"sub\":\"b\"}",
                "{\"sub\":\"a\",\"s\\u0075b\":\"b\"}",
                "{} x"
            })
    void verify_claimsThatAreNoStrictObject_areMalformed(String claims) {
        assertRejected(saying(claims), MALFORMED);
    }

    @Test
    void verify_claimsThatAreNotUtf8_areMalformed() {
        String header = Jws.encode(Jws.header(EC));
        String claims = Jws.encode(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'});
        String signature = Jws.encode(EC.sign((header + "." + claims).getBytes(UTF_8)));

        assertRejected(header + "." + claims + "." + signature, MALFORMED);
    }

    @Test
    void verify_anyRejection_neverRepeatsTheToken() {
        String secretish = "marker-" + "m".repeat(60);
        String token = saying(CLAIMS.withText("aud", secretish));

        assertThatThrownBy(() -> verifier.verify(token))
                .hasMessageNotContaining(token)
                .hasMessageNotContaining(token.split("\\.", -1)[1])
                .hasMessageNotContaining(secretish);
    }

    // Policy and replay guard.

    private JwtTokenVerifier.Builder verifier(SigningAlgorithm... algorithms) {
        return JwtTokenVerifier.builder(trusted(algorithms)).clock(Trial.CLOCK);
    }

    private TrustedIssuer trusted(SigningAlgorithm... algorithms) {
        return new TrustedIssuer(ISSUER, Set.of("me"), Set.of(algorithms), keyId -> {
            lookups.incrementAndGet();
            return Trial.KEYS.find(keyId);
        });
    }

    private void assertRejected(String token, Reason reason) {
        assertRejected(verifier, token, reason, null);
    }

    private void assertRejected(String token, Reason reason, String claim) {
        assertRejected(verifier, token, reason, claim);
    }

    private static void assertRejected(TokenVerifier verifier, String token, Reason reason, @Nullable String claim) {
        assertThatThrownBy(() -> verifier.verify(token)).isInstanceOfSatisfying(TokenRejectedException.class, e -> {
            assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
            assertThat(e.claim()).isEqualTo(Optional.ofNullable(claim));
            assertThat(e.getMessage()).isNotBlank();
        });
    }
}
