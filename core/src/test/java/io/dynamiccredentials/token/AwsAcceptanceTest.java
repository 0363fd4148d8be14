package io.dynamiccredentials.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenIssuanceException;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.workload.Claims;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Compares what an issuer for AWS lets out with what AWS was seen to take and to refuse. */
class AwsAcceptanceTest {
    private static final Path OBSERVATIONS = Path.of("..", "..", "shared", "facts", "aws-sts-jwt-acceptance.json");
    private static final Instant NOW = ManualClock.START.plusMillis(987);
    private static final String TAGS = "https://aws.amazon.com/tags";

    /** About the verifier's clock, other algorithms than ours, spellings that we don't use, or the role. */
    private static final Set<String> NOT_OF_OUR_SHAPE = Set.of(
            "algorithm-RS384",
            "algorithm-RS512",
            "algorithm-ES384",
            "algorithm-ES512",
            "expired-~24s",
            "expired->5min",
            "iat-future<=5min",
            "nbf-future<=5min",
            "token-expiry-does-not-cap-session",
            "right-after-role-creation",
            "key-duplicate-kid",
            "duplicate-claim");

    @Test
    void issue_forAws_letsOutNothingThatAwsRefused() throws IOException {
        assumeTrue(
                Files.exists(OBSERVATIONS),
                () -> "SKIPPED: no observations in "
                        + OBSERVATIONS.toAbsolutePath().normalize());
        Map<String, Boolean> ours = ours();
        Set<String> seen = new HashSet<>();
        int compared = 0;
        for (JsonNode row :
                StrictJson.parseObject(Files.readString(OBSERVATIONS)).path("observations")) {
            String scenario = row.path("scenario").textValue();
            seen.add(scenario);
            if (NOT_OF_OUR_SHAPE.contains(scenario)) {
                continue;
            }
            assertThat(ours).containsKey(scenario);
            boolean letOut = Boolean.TRUE.equals(ours.get(scenario));
            assertThat(letOut && !row.path("accepted").asBoolean()).as(scenario).isFalse();
            compared++;
        }

        assertThat(seen).containsAll(ours.keySet()).containsAll(NOT_OF_OUR_SHAPE);
        assertThat(compared).isEqualTo(ours.size());
        // And it lets out what AWS takes, as far as it is of our shape.
        assertThat(ours)
                .containsEntry("algorithm-RS256", true)
                .containsEntry("algorithm-ES256", true)
                .containsEntry("subject-short", true)
                .containsEntry("nested-tags", true)
                .containsEntry("flat-tags", true)
                .containsEntry("source-identity", true);
    }

    /** Tells for each scenario whether an issuer for AWS lets such a token or key out. */
    private static Map<String, Boolean> ours() {
        Map<String, Boolean> ours = new TreeMap<>();
        addTokenShape(ours);
        addClaims(ours);
        addKeys(ours);
        return ours;
    }

    private static void addTokenShape(Map<String, Boolean> ours) {
        JsonNode claims =
                StrictJson.parseObject(Jws.claims(issue("s", "a", Claims.none()).orElseThrow()));
        for (String claim : List.of("iss", "sub", "aud", "iat", "exp")) {
            ours.put("missing-" + claim, !claims.has(claim));
        }
        for (String scenario : List.of("aud-array-first-match", "aud-array-second-match", "aud-array-two-matches")) {
            ours.put(scenario, claims.path("aud").isArray());
        }
        ours.put("aud-single-array", claims.path("aud").isArray());
        ours.put("aud-empty-array", claims.path("aud").isArray());
        ours.put("sub-number", claims.path("sub").isNumber());
        ours.put("sub-null", claims.path("sub").isNull());
        boolean strings = claims.path("iat").isTextual()
                || claims.path("nbf").isTextual()
                || claims.path("exp").isTextual();
        ours.put("nbf-string/exp-string/iat-string", strings);
        ours.put("nbf-invalid", !claims.path("nbf").isIntegralNumber());
        ours.put("iat-null", claims.path("iat").isNull());
        ours.put("iat-fraction", !claims.path("iat").isIntegralNumber());
        ours.put("exp-fraction", !claims.path("exp").isIntegralNumber());
        long iat = claims.path("iat").longValue();
        ours.put("iat-future-hour", iat > NOW.getEpochSecond());
        ours.put("nbf-future-hour", claims.path("nbf").longValue() > iat);
        ours.put(
                "algorithm-RS256",
                Jws.header(issue("s", "a", Claims.none()).orElseThrow()).contains("\"RS256\""));
        ours.put("algorithm-ES256", starts(SigningAlgorithm.ES256, 0));
        ours.put("subject-short", issue("a", "a", Claims.none()).isPresent());
        ours.put("subject-empty", issue("", "a", Claims.none()).isPresent());
        ours.put("sub-long", issue("s".repeat(300), "a", Claims.none()).isPresent());
        ours.put("aud-empty", issue("s", "", Claims.none()).isPresent());
    }

    private static void addClaims(Map<String, Boolean> ours) {
        boolean azp =
                issue("s", "a", Claims.builder().text("azp", "client").build()).isPresent();
        boolean emptyAzp =
                issue("s", "a", Claims.builder().text("azp", "").build()).isPresent();
        ours.put("azp-overrides", azp);
        ours.put("azp-mismatch", azp);
        ours.put("aud-multi-with-azp", azp);
        ours.put("azp-empty", emptyAzp);
        Claims team = Claims.builder().texts("Team", List.of("x")).build();
        Claims text = Claims.builder().text("Team", "x").build();
        ours.put("nested-tags", issue("s", "a", nested(team)).isPresent());
        ours.put("nested-string-tags", issue("s", "a", nested(text)).isPresent());
        Claims flat = Claims.builder().text(TAGS + "/principal_tags/Team", "x").build();
        ours.put("flat-tags", issue("s", "a", flat).isPresent());
        Claims source = Claims.builder()
                .text("https://aws.amazon.com/source_identity", "Admin")
                .build();
        ours.put("source-identity", issue("s", "a", source).isPresent());
    }

    private static void addKeys(Map<String, Boolean> ours) {
        JsonNode key = StrictJson.parseObject(new SomeKeys()
                        .activate(SigningAlgorithm.RS256, List.of())
                        .published()
                        .toJson())
                .path("keys")
                .path(0);
        ours.put("key-encryption-use", !"sig".equals(key.path("use").textValue()));
        ours.put("key-ops-verify", key.has("key_ops"));
        ours.put("key-wrong-alg", !"RS256".equals(key.path("alg").textValue()));
        ours.put("key-no-jwk-kid", !key.has("kid"));
        boolean kidInHeader =
                Jws.header(issue("s", "a", Claims.none()).orElseThrow()).contains("\"kid\":\"");
        ours.put("key-no-header-kid", !kidInHeader);
        ours.put("key-x5c-only", key.has("x5c"));
        ours.put("key-x5c-conflict", key.has("x5c"));
        ours.put("key-rsa-101", starts(SigningAlgorithm.RS256, 100));
    }

    private static boolean starts(SigningAlgorithm algorithm, int otherKeys) {
        try {
            SomeKeys keys = new SomeKeys().activate(algorithm, SomeKeys.rsa(otherKeys));
            return issuer(keys)
                    .issue(new Job("s", Claims.none()), "a")
                    .expiresAt()
                    .isAfter(Instant.EPOCH);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Optional<String> issue(String subject, String audience, Claims claims) {
        try {
            SomeKeys keys = new SomeKeys().activate(SigningAlgorithm.RS256, List.of());
            return Optional.of(issuer(keys)
                    .issue(new Job(subject, claims), audience)
                    .compact()
                    .reveal());
        } catch (TokenIssuanceException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static JwtTokenIssuer issuer(SomeKeys keys) {
        return JwtTokenIssuer.builder(IssuerUrl.of("https://ci.example"), keys)
                .relyingParties(RelyingPartyRules.aws())
                .clock(Clock.fixed(NOW, ZoneOffset.UTC))
                .build();
    }

    private static Claims nested(Claims tags) {
        Claims object = Claims.builder().object("principal_tags", tags).build();
        return Claims.builder().object(TAGS, object).build();
    }

    private record Job(String subject, Claims claims) implements Workload {
        @Override
        public Phase phase() {
            return Phase.PLAN;
        }

        @Override
        public String runId() {
            return "run-1";
        }
    }
}
