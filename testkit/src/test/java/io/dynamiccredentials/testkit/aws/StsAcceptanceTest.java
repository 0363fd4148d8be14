package io.dynamiccredentials.testkit.aws;

import static io.dynamiccredentials.testkit.aws.StsTalk.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sts.model.AssumeRoleWithWebIdentityResponse;
import software.amazon.awssdk.services.sts.model.StsException;

/** Holds the fake against what somebody saw the real STS do, row by row. Each row is made, or the test fails. */
class StsAcceptanceTest {
    private static final Path OBSERVATIONS = Path.of("..", "..", "shared", "facts", "aws-sts-jwt-acceptance.json");
    private static final String LATER_KEY = "key-duplicate-kid";
    private static final String LATER_CLAIM = "duplicate-claim";

    /** What came of a request. */
    private record Outcome(boolean accepted, String code, String message) {}

    @Test
    void observations_eachRow_isTheFakesToo() throws IOException {
        JsonNode rows = StrictJson.parseObject(Files.readString(OBSERVATIONS)).path("observations");
        SoftAssertions softly = new SoftAssertions();
        int requests = 0;
        for (JsonNode row : rows) {
            String scenario = row.path("scenario").asText();
            List<Outcome> outcomes = outcomes(scenario);
            requests += outcomes.size();
            for (Outcome outcome : outcomes) {
                softly.assertThat(outcome).as(scenario).isEqualTo(expected(row, outcome));
            }
        }
        softly.assertAll();
        assertThat(rows.size()).isGreaterThan(50);
        System.out.println("The fake STS agrees with " + rows.size() + " observations in " + requests + " requests");
    }

    /**
     * Returns the outcome that a row tells of. Two of them tell which of two counts, and the rest is in their making.
     */
    private static Outcome expected(JsonNode row, Outcome actual) {
        String scenario = row.path("scenario").asText();
        if (row.path("accepted").asBoolean() || scenario.equals(LATER_KEY) || scenario.equals(LATER_CLAIM)) {
            return new Outcome(true, "", "");
        }
        String message = row.path("message")
                .asText()
                .replace("<now-300>", String.valueOf(NOW - 300))
                .replace("<now+300>", String.valueOf(NOW + 300))
                .replace("<exp>", String.valueOf(NOW - 301))
                .replace("<iat>", String.valueOf(NOW + 3600))
                .replace("<nbf>", String.valueOf(NOW + 3600))
                .replaceFirst(" \\.\\.\\.$", " See the AssumeRoleWithWebIdentity documentation for requirements.")
                .replaceFirst(" \\(propagation.*", "");
        boolean unread = message.equals("(message not read)");
        return new Outcome(false, row.path("errorCode").asText(), unread ? actual.message() : message);
    }

    private static List<Outcome> outcomes(String scenario) {
        if (scenario.startsWith("algorithm-")) {
            return List.of(byAlgorithm(scenario.substring("algorithm-".length())));
        }
        if (scenario.startsWith("missing-")) {
            return List.of(withoutClaim(scenario.substring("missing-".length())));
        }
        return switch (scenario) {
            case "subject-short" -> List.of(withClaim("sub", "a"));
            case "subject-empty" -> List.of(withClaim("sub", ""));
            case "sub-number" -> List.of(withClaim("sub", 123));
            case "sub-long" -> List.of(withClaim("sub", "s".repeat(300)));
            case "sub-null" -> List.of(withClaim("sub", null));
            case "aud-array-first-match" -> List.of(withClaim("aud", List.of("client-a", "other")));
            case "aud-array-second-match" -> List.of(withClaim("aud", List.of("other", "client-a")));
            case "aud-array-two-matches" -> List.of(withClaim("aud", List.of("client-a", "client-b")));
            case "aud-single-array" -> List.of(withClaim("aud", List.of("client-a")));
            case "aud-empty" -> List.of(withClaim("aud", ""));
            case "aud-empty-array" -> List.of(withClaim("aud", List.of()));
            case "azp-overrides" -> List.of(withClaims(Map.of("aud", "other", "azp", "client-a")));
            case "aud-multi-with-azp" ->
                List.of(withClaims(Map.of("aud", List.of("other", "another"), "azp", "client-a")));
            case "azp-mismatch" -> List.of(withClaim("azp", "other"));
            case "azp-empty" -> List.of(withClaim("azp", ""));
            case "expired-~24s" -> List.of(withClaim("exp", NOW - 24));
            case "expired->5min" -> List.of(withClaim("exp", NOW - 301));
            case "iat-future<=5min" -> List.of(withClaim("iat", NOW + 180), withClaim("iat", NOW + 300));
            case "iat-future-hour" -> List.of(withClaim("iat", NOW + 3600));
            case "nbf-future<=5min" -> List.of(withClaim("nbf", NOW + 180), withClaim("nbf", NOW + 300));
            case "nbf-future-hour" -> List.of(withClaim("nbf", NOW + 3600));
            case "nbf-string/exp-string/iat-string" ->
                List.of(
                        withClaim("nbf", String.valueOf(NOW)),
                        withClaim("exp", String.valueOf(NOW + 600)),
                        withClaim("iat", String.valueOf(NOW)));
            case "nbf-invalid" ->
                List.of(withClaim("nbf", "soon"), withClaim("nbf", NOW + 0.5), withClaim("nbf", true));
            case "iat-null" -> List.of(withClaim("iat", null));
            case "iat-fraction" -> List.of(withClaim("iat", NOW + 0.5));
            case "exp-fraction" -> List.of(withClaim("exp", NOW + 600.5));
            default -> moreOutcomes(scenario);
        };
    }

    private static List<Outcome> moreOutcomes(String scenario) {
        return switch (scenario) {
            case "nested-tags" -> List.of(withClaims(StsTalk.tags(Map.of("Team", "x"), List.of())));
            case "nested-string-tags" ->
                List.of(withClaim("https://aws.amazon.com/tags", Map.of("principal_tags", Map.of("Team", "x"))));
            case "flat-tags" -> List.of(withClaim("https://aws.amazon.com/tags/principal_tags/Team", "x"));
            case "source-identity" -> List.of(withClaim("https://aws.amazon.com/source_identity", "Admin"));
            case "token-expiry-does-not-cap-session" -> List.of(longSession());
            case "right-after-role-creation" -> List.of(rightAfterCreation());
            case "key-encryption-use" -> List.of(withKey(key("use", "enc")));
            case "key-ops-verify" ->
                List.of(withKey(key("key_ops", List.of("verify"))), withKey(key("key_ops", List.of("sign"))));
            case "key-wrong-alg" -> List.of(withKey(key("alg", "RS512")));
            case "key-no-jwk-kid" -> List.of(withKey(key("kid", null)));
            case "key-no-header-kid" ->
                List.of(withKeys(AnyIssuer.RSA, "RS256", false, List.of(AnyIssuer.jwk(AnyIssuer.RSA))));
            case LATER_KEY -> List.of(laterKey());
            case "key-x5c-only" -> List.of(withKey(x5cOnly()));
            case "key-x5c-conflict" -> List.of(withKey(x5cOfAnother()));
            case "key-rsa-101" -> manyRsaKeys();
            case LATER_CLAIM -> List.of(duplicateClaim());
            default -> throw new AssertionError("No request is made for the row \"" + scenario + "\"");
        };
    }

    private static final String RS256 = "RS256";

    private static Outcome byAlgorithm(String algorithm) {
        try (StsTalk talk = new StsTalk()) {
            return send(talk, AnyIssuer.token(algorithm, StrictJson.write(talk.claims())));
        }
    }

    private static Outcome withoutClaim(String name) {
        try (StsTalk talk = new StsTalk()) {
            Map<String, Object> claims = talk.claims();
            claims.remove(name);
            return send(talk, StsTalk.token(claims));
        }
    }

    private static Outcome withClaim(String name, @Nullable Object value) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put(name, value);
        return withClaims(claims);
    }

    private static Outcome withClaims(Map<String, ?> more) {
        try (StsTalk talk = new StsTalk()) {
            Map<String, Object> claims = talk.claims();
            claims.putAll(more);
            return send(talk, StsTalk.token(claims));
        }
    }

    private static Outcome longSession() {
        try (StsTalk talk = new StsTalk()) {
            talk.aws.maxSession(StsTalk.ROLE, Duration.ofHours(2));
            String token = StsTalk.token(talk.claims("exp", NOW + 60));
            AssumeRoleWithWebIdentityResponse answer = talk.exchange(token, request -> request.durationSeconds(7200));
            return new Outcome(answer.credentials().expiration().equals(Instant.ofEpochSecond(NOW + 7200)), "", "");
        }
    }

    private static Outcome rightAfterCreation() {
        try (StsTalk talk = new StsTalk()) {
            String token = StsTalk.token(talk.claims());
            talk.aws
                    .removeRole(StsTalk.ROLE)
                    .rolesAppearAfter(Duration.ofSeconds(10))
                    .role(StsTalk.ROLE, talk.trust("\"" + talk.key("sub") + "\":\"*\""));
            talk.clock.advance(Duration.ofSeconds(9));
            Outcome before = send(talk, token);
            talk.clock.advance(Duration.ofSeconds(1));
            return send(talk, token).accepted() ? before : new Outcome(false, "", "denied for longer than 10 s");
        }
    }

    private static Outcome withKey(Map<String, Object> key) {
        return withKeys(AnyIssuer.RSA, RS256, true, List.of(key));
    }

    private static Outcome withKeys(
            PublicJsonWebKey key, String algorithm, boolean named, List<Map<String, Object>> keys) {
        try (StsTalk talk = new StsTalk()) {
            talk.issuer.publish(keys);
            return send(
                    talk,
                    AnyIssuer.token(algorithm, key, named ? key.getKeyId() : null, StrictJson.write(talk.claims())));
        }
    }

    private static Outcome laterKey() {
        Map<String, Object> other = AnyIssuer.jwk(AnyIssuer.OTHER_RSA);
        Map<String, Object> own = AnyIssuer.jwk(AnyIssuer.RSA);
        assertThat(withKeys(AnyIssuer.RSA, RS256, true, List.of(own, other)).accepted())
                .isFalse();
        return withKeys(AnyIssuer.RSA, RS256, true, List.of(other, own));
    }

    private static Map<String, Object> key(String member, @Nullable Object value) {
        Map<String, Object> key = AnyIssuer.jwk(AnyIssuer.RSA);
        key.remove(member);
        if (value != null) {
            key.put(member, value);
        }
        return key;
    }

    private static Map<String, Object> x5cOnly() {
        Map<String, Object> key = x5cOfAnother();
        key.keySet().removeAll(List.of("n", "e"));
        return key;
    }

    private static Map<String, Object> x5cOfAnother() {
        return key("x5c", List.of(AnyIssuer.certificate()));
    }

    /** The row says both: tokens by RSA fail, and those by EC do not, of which the second is turned around here. */
    private static List<Outcome> manyRsaKeys() {
        List<Map<String, Object>> keys = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Map<String, Object> key = AnyIssuer.jwk(AnyIssuer.OTHER_RSA);
            key.put("kid", "other-" + i);
            keys.add(key);
        }
        keys.add(AnyIssuer.jwk(AnyIssuer.RSA));
        keys.add(AnyIssuer.jwk(AnyIssuer.key("ES256")));
        Outcome rsa = withKeys(AnyIssuer.RSA, RS256, true, keys);
        assertThat(withKeys(AnyIssuer.key("ES256"), "ES256", true, keys).accepted())
                .isTrue();
        assertThat(withKeys(AnyIssuer.RSA, RS256, true, keys.subList(1, 102)).accepted())
                .isTrue();
        return List.of(rsa);
    }

    private static Outcome duplicateClaim() {
        try (StsTalk talk = new StsTalk()) {
            String good = StrictJson.write(talk.claims());
            Outcome other = send(talk, AnyIssuer.token(RS256, good.replaceFirst("}$", ",\"aud\":\"other\"}")));
            assertThat(other.accepted()).isFalse();
            return send(talk, AnyIssuer.token(RS256, good.replaceFirst("^\\{", "{\"aud\":\"other\",")));
        }
    }

    private static Outcome send(StsTalk talk, String token) {
        try {
            talk.exchange(token);
            return new Outcome(true, "", "");
        } catch (StsException e) {
            return new Outcome(
                    false, e.awsErrorDetails().errorCode(), e.awsErrorDetails().errorMessage());
        }
    }
}
