package io.dynamiccredentials.gcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.gcp.ProviderDecision.Accepted;
import io.dynamiccredentials.gcp.ProviderDecision.Check;
import io.dynamiccredentials.gcp.ProviderDecision.Refused;
import io.dynamiccredentials.wire.StrictJson;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a provider says to a token, in Google's texts. */
class ProviderDecisionTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example");
    private static final String POOL = "projects/123456789/locations/global/workloadIdentityPools/ci-pool";

    private final Map<String, Object> claims = new LinkedHashMap<>(Map.of(
            "iss",
            "https://ci.example",
            "aud",
            Google.RESOURCE,
            "sub",
            "acme:shop:prod",
            "iat",
            NOW.getEpochSecond(),
            "exp",
            NOW.getEpochSecond() + 300));

    @Test
    void decide_goodToken_isAccepted() {
        Accepted accepted = accepted(simple());

        assertThat(accepted.subject()).isEqualTo("acme:shop:prod");
        assertThat(accepted.principal())
                .isEqualTo("principal://iam.googleapis.com/" + POOL + "/subject/acme:shop:prod");
    }

    @Test
    void members_ofAcceptedToken_areAllThatABindingCanName() {
        claims.put("groups", List.of("ops", "dev"));
        claims.put("repository", "acme/shop");
        WorkloadIdentityProvider provider = builder()
                .map("google.groups", "assertion.groups")
                .map("attribute.repository", "assertion.repository")
                .subjectPattern("acme:*")
                .build();

        assertThat(accepted(provider).members())
                .containsExactly(
                        "principal://iam.googleapis.com/" + POOL + "/subject/acme:shop:prod",
                        "principalSet://iam.googleapis.com/" + POOL + "/group/ops",
                        "principalSet://iam.googleapis.com/" + POOL + "/group/dev",
                        "principalSet://iam.googleapis.com/" + POOL + "/attribute.repository/acme/shop",
                        "principalSet://iam.googleapis.com/" + POOL + "/*");
    }

    @Test
    void decide_disabled_isAnInvalidTarget() {
        Refused refused = refused(simple().disabled());

        assertThat(refused.check()).isEqualTo(Check.PROVIDER);
        assertThat(refused.error()).isEqualTo("invalid_target");
        assertThat(refused.description()).startsWith("The target service indicated by the \"audience\" parameters");
        assertThat(refused.precedesSignature()).isTrue();
    }

    @Test
    void decide_otherIssuer_namesBoth() {
        claims.put("iss", "https://evil.example");

        assertThat(refused(simple()))
                .isEqualTo(new Refused(
                        Check.ISSUER,
                        "invalid_grant",
                        "The issuer in ID Token https://evil.example does not match the expected one in config: "
                                + "https://ci.example",
                        "https://ci.example",
                        "https://evil.example"));
        assertThat(refused(simple()).precedesSignature()).isTrue();
    }

    @Test
    void decide_noIssuer_saysNull() {
        claims.remove("iss");
        assertThat(refused(simple()).description()).startsWith("The issuer in ID Token null does not match");
    }

    @Test
    void decide_otherAudience_listsThem() {
        claims.put("aud", "other");

        Refused refused = refused(simple());
        assertThat(refused.check()).isEqualTo(Check.AUDIENCE);
        assertThat(refused.error()).isEqualTo("invalid_grant");
        assertThat(refused.description())
                .isEqualTo("The audience in ID Token [other] does not match the expected audience.");
        assertThat(refused.expected()).contains(Google.RESOURCE);
        assertThat(refused.precedesSignature()).isTrue();
    }

    @Test
    void decide_noAudience_listsNone() {
        claims.remove("aud");
        assertThat(refused(simple()).description())
                .isEqualTo("The audience in ID Token [] does not match the expected audience.");
    }

    @Test
    void decide_audienceInAnObject_isNone() {
        claims.put("aud", Map.of("a", Google.RESOURCE));
        assertThat(refused(simple()).check()).isEqualTo(Check.AUDIENCE);
    }

    @Test
    void decide_severalAudiences_needOne() {
        claims.put("aud", List.of("other", Google.RESOURCE));
        assertThat(accepted(simple()).subject()).isEqualTo("acme:shop:prod");

        claims.put("aud", List.of("other", "another"));
        assertThat(refused(simple()).description()).contains("[other, another]");
    }

    @Test
    void decide_defaultAudience_isNotTakenBesideAllowedOnes() {
        WorkloadIdentityProvider provider = builder()
                .subjectPattern("acme:*")
                .allowAudience("https://ci.example")
                .build();
        assertThat(refused(provider).check()).isEqualTo(Check.AUDIENCE);

        claims.put("aud", "https://ci.example");
        assertThat(accepted(provider).subject()).isEqualTo("acme:shop:prod");
    }

    @ParameterizedTest
    @CsvSource({"iat,60", "exp,-59", "nbf,60"})
    void decide_withinTheSkew_isAccepted(String claim, long seconds) {
        claims.put("iat", NOW.getEpochSecond() - 600);
        claims.put(claim, NOW.getEpochSecond() + seconds);
        assertThat(accepted(simple()).subject()).isEqualTo("acme:shop:prod");
    }

    @ParameterizedTest
    @CsvSource({"iat,61", "iat,119", "exp,-60", "exp,-61", "nbf,61"})
    void decide_beyondTheSkew_isStale(String claim, long seconds) {
        claims.put("iat", NOW.getEpochSecond() - 600);
        claims.put(claim, NOW.getEpochSecond() + seconds);

        Refused refused = refused(simple());
        assertThat(refused.check()).isEqualTo(Check.TIME);
        assertThat(refused.error()).isEqualTo("invalid_grant");
        assertThat(refused.description())
                .isEqualTo("ID Token issued at " + claims.get("iat") + " is stale to sign-in.");
        assertThat(refused.precedesSignature()).isFalse();
    }

    @Test
    void decide_betweenTwoSeconds_countsTheFraction() {
        claims.put("iat", NOW.getEpochSecond() - 600);
        claims.put("exp", NOW.getEpochSecond() - 59);
        JsonNode token = StrictJson.parseObject(StrictJson.write(claims));

        assertThat(simple().decide(token, NOW.plusMillis(999))).isInstanceOf(Accepted.class);
        assertThat(simple().decide(token, NOW.plusMillis(1000))).isInstanceOf(Refused.class);
    }

    @Test
    void decide_fractionOfASecond_countsOnBothSides() {
        claims.put("iat", NOW.getEpochSecond() - 600);
        claims.put("exp", NOW.getEpochSecond() - 59.5);
        JsonNode token = StrictJson.parseObject(StrictJson.write(claims));

        assertThat(simple().decide(token, NOW.plusMillis(499))).isInstanceOf(Accepted.class);
        assertThat(simple().decide(token, NOW.plusMillis(500))).isInstanceOf(Refused.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"iat", "exp"})
    void decide_timeAbsentOrNoNumber_isStale(String claim) {
        claims.put(claim, "1767225600");
        assertThat(refused(simple()).check()).isEqualTo(Check.TIME);
        claims.remove(claim);
        String issuedAt = claim.equals("iat") ? "null" : String.valueOf(NOW.getEpochSecond());
        assertThat(refused(simple()).description())
                .isEqualTo("ID Token issued at " + issuedAt + " is stale to sign-in.");
    }

    @Test
    void decide_notBeforeIsNoNumber_isStale() {
        claims.put("nbf", "soon");
        assertThat(refused(simple()).check()).isEqualTo(Check.TIME);
    }

    @Test
    void decide_endsWhenItBegins_isStale() {
        claims.put("exp", claims.get("iat"));
        assertThat(refused(simple()).check()).isEqualTo(Check.TIME);
    }

    @Test
    void decide_tokenOfElevenYears_isAccepted() {
        claims.put("exp", NOW.getEpochSecond() + 11L * 365 * 24 * 3600);
        assertThat(accepted(simple()).subject()).isEqualTo("acme:shop:prod");
    }

    @Test
    void decide_noSubject_isRejectedByTheCondition() {
        claims.remove("sub");

        Refused refused = refused(simple());
        assertThat(refused.error()).isEqualTo("unauthorized_client");
        assertThat(refused.description()).isEqualTo("The given credential is rejected by the attribute condition.");
        assertThat(refused.expected()).contains("google.subject = assertion.sub");
    }

    @Test
    void decide_emptyOrNullSubject_isRefused() {
        claims.put("sub", "");
        assertThat(refused(builder().withoutAttributeCondition().build()).actual())
                .isEqualTo("an empty one");
        claims.put("sub", null);
        assertThat(refused(builder().withoutAttributeCondition().build()).check())
                .isEqualTo(Check.MAPPING);
    }

    @Test
    void decide_subject_mayHave127BytesOfUtf8() {
        WorkloadIdentityProvider provider =
                builder().withoutAttributeCondition().build();
        claims.put("sub", "é".repeat(63) + "x");
        assertThat(accepted(provider).subject()).hasSize(64);

        claims.put("sub", "é".repeat(64));
        Refused refused = refused(provider);
        assertThat(refused.error()).isEqualTo("invalid_request");
        assertThat(refused.description())
                .startsWith("The size of mapped attribute google.subject exceeds the 127 bytes limit. Either modify");
        assertThat(refused.actual()).isEqualTo("128 bytes");
    }

    @Test
    void decide_mappedValues_mayHave8KilobytesTogether() {
        WorkloadIdentityProvider provider = builder()
                .map("google.groups", "assertion.groups")
                .map("attribute.big", "assertion.big")
                .withoutAttributeCondition()
                .build();
        claims.put("sub", "s".repeat(100));
        claims.put("groups", List.of("g".repeat(92), "g".repeat(4000)));
        claims.put("big", "b".repeat(4000));
        assertThat(accepted(provider).groups()).hasSize(2);

        claims.put("big", "b".repeat(4001));
        assertThat(refused(provider).description()).contains("exceeds the 8192 bytes limit");
    }

    @Test
    void decide_subjectOfAnotherType_isNamed() {
        claims.put("sub", 5);
        assertThat(refused(builder().withoutAttributeCondition().build()))
                .isEqualTo(new Refused(
                        Check.MAPPING,
                        "unauthorized_client",
                        "The mapped attribute 'google.subject' must be of type STRING.",
                        "google.subject of type STRING",
                        "Long"));
    }

    @Test
    void decide_groupsOfAnotherType_areRefused() {
        WorkloadIdentityProvider provider = builder()
                .map("google.groups", "assertion.groups")
                .withoutAttributeCondition()
                .build();
        claims.put("groups", "ops");
        assertThat(refused(provider).description()).contains("'google.groups' must be of type");
        claims.put("groups", List.of("ops", 5));
        assertThat(refused(provider).description()).contains("'google.groups' must be of type");
        claims.put("groups", List.of());
        assertThat(accepted(provider).groups()).isEmpty();
    }

    @Test
    void decide_otherSubject_isRejectedByTheCondition() {
        claims.put("sub", "evil:shop:prod");

        Refused refused = refused(simple());
        assertThat(refused.check()).isEqualTo(Check.CONDITION);
        assertThat(refused.error()).isEqualTo("unauthorized_client");
        assertThat(refused.expected()).isEqualTo("assertion.sub.matches(r'(?s)^acme:.*$')");
        assertThat(refused.actual()).isEqualTo("google.subject evil:shop:prod");
        assertThat(refused.precedesSignature()).isFalse();
    }

    @Test
    void decide_celCondition_seesWhatIsMapped() {
        claims.put("repository", "acme/shop");
        claims.put("groups", List.of("ops"));
        WorkloadIdentityProvider provider = builder()
                .map("attribute.owner", "assertion.repository.split('/')[0]")
                .map("google.groups", "assertion.groups.map(g, g)")
                .attributeCondition("attribute.owner == 'acme' && 'ops' in google.groups && google.subject != ''")
                .build();

        assertThat(accepted(provider).attributes()).isEqualTo(Map.of("owner", "acme"));
        claims.put("repository", "evil/shop");
        assertThat(refused(provider).check()).isEqualTo(Check.CONDITION);
    }

    @ParameterizedTest
    @ValueSource(strings = {"assertion.absent == 'x'", "assertion.absent != 'x'", "!assertion.absent", "assertion.sub"})
    void decide_conditionWithoutValue_isNotMet(String condition) {
        assertThat(refused(builder().attributeCondition(condition).build()).check())
                .isEqualTo(Check.CONDITION);
    }

    @Test
    void actual_ofAHostileToken_isEscapedAndCut() {
        claims.put("iss", "x\u001b[2J" + "y z".repeat(100));
        assertThat(refused(simple()).actual()).doesNotContain("\u001b").hasSizeLessThan(100);
    }

    /** The pattern and its CEL must agree, since the one decides here and the other at Google. */
    @ParameterizedTest
    @CsvSource({
        "acme:*,acme:,true", "acme:*,acme,false", "acme:*,xacme:,false", "a?c,abc,true", "a?c,ac,false",
                "a.c,abc,false",
        "a.c,a.c,true", "a'b,a'b,true", "a\\b,a\\b,true", "a{1},a{1},true", "a{1},a,false", "(a)+,(a)+,true",
        "a$,a$,true", "^a,^a,true", "é*,éx,true", "*b,a b,true", "a|b,a,false", "[ab],a,false"
    })
    void subjectPattern_andItsCel_agree(String pattern, String subject, boolean matches) {
        WorkloadIdentityProvider byPattern = builder().subjectPattern(pattern).build();
        WorkloadIdentityProvider byCel = builder()
                .attributeCondition(byPattern.attributeCondition().orElseThrow())
                .build();
        claims.put("sub", subject);

        for (WorkloadIdentityProvider provider : List.of(byPattern, byCel)) {
            assertThat(decide(provider) instanceof Accepted)
                    .as(provider.toString())
                    .isEqualTo(matches);
        }
    }

    @Test
    void subjectPattern_subjectWithALineBreak_isTreatedAlike() {
        WorkloadIdentityProvider byPattern = builder().subjectPattern("acme:*").build();
        WorkloadIdentityProvider byCel = builder()
                .attributeCondition(byPattern.attributeCondition().orElseThrow())
                .build();
        for (String subject : List.of("acme:a\nb", "acme:a\n", "x\nacme:a")) {
            claims.put("sub", subject);
            assertThat(decide(byCel) instanceof Accepted).isEqualTo(decide(byPattern) instanceof Accepted);
        }
    }

    private Accepted accepted(WorkloadIdentityProvider provider) {
        assertThat(decide(provider)).isInstanceOf(Accepted.class);
        return (Accepted) decide(provider);
    }

    private Refused refused(WorkloadIdentityProvider provider) {
        assertThat(decide(provider)).isInstanceOf(Refused.class);
        return (Refused) decide(provider);
    }

    private ProviderDecision decide(WorkloadIdentityProvider provider) {
        return provider.decide(StrictJson.parseObject(StrictJson.write(claims)), NOW);
    }

    private static WorkloadIdentityProvider simple() {
        return builder().subjectPattern("acme:*").build();
    }

    private static WorkloadIdentityProvider.Builder builder() {
        return WorkloadIdentityProvider.builder(POOL + "/providers/ci-issuer", ISSUER)
                .map("google.subject", "assertion.sub");
    }
}
