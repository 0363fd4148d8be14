package io.dynamiccredentials.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.azure.ApplicationTrust.Accepted;
import io.dynamiccredentials.azure.ApplicationTrust.Decision;
import io.dynamiccredentials.azure.ApplicationTrust.Part;
import io.dynamiccredentials.azure.ApplicationTrust.Refused;
import io.dynamiccredentials.wire.StrictJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ApplicationTrustTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example");
    private static final String AUDIENCE = "api://AzureADTokenExchange";
    private static final FederatedIdentityCredential PLAN = exact("plan", "shop:plan");
    private static final FederatedIdentityCredential APPLY =
            FederatedIdentityCredential.exact("apply", ISSUER, "shop:apply", "api://other");
    private static final FederatedIdentityCredential BRANCHES =
            FederatedIdentityCredential.flexible("branches", ISSUER, "claims['sub'] matches 'bank:*'", AUDIENCE);
    private static final ApplicationTrust TRUST = new ApplicationTrust(List.of(PLAN, APPLY, BRANCHES));

    private final Map<String, Object> claims =
            new LinkedHashMap<>(Map.of("iss", "https://ci.example", "sub", "shop:plan", "aud", AUDIENCE));

    @Test
    void decide_allPartsOfOne_areAccepted() {
        assertThat(decide(TRUST)).isEqualTo(new Accepted(PLAN));
        claims.put("sub", "bank:main");
        assertThat(decide(TRUST)).isEqualTo(new Accepted(BRANCHES));
    }

    @Test
    void decide_audienceInAList_isAcceptedAlone() {
        claims.put("aud", List.of(AUDIENCE));
        assertThat(decide(TRUST)).isEqualTo(new Accepted(PLAN));
        claims.put("aud", List.of(AUDIENCE, "other"));
        assertThat(refused(TRUST).part()).isEqualTo(Part.AUDIENCE);
        claims.put("aud", List.of());
        assertThat(refused(TRUST).part()).isEqualTo(Part.AUDIENCE);
    }

    @Test
    void decide_otherIssuer_isNamedFirst() {
        claims.put("iss", "https://ci.example/");
        claims.put("sub", "other");

        assertThat(refused(TRUST))
                .isEqualTo(new Refused(
                        700211,
                        Part.ISSUER,
                        "No matching federated identity record found for presented assertion issuer "
                                + "'https://ci.example/'. Please check your federated identity credential Subject, Audience"
                                + " and Issuer against the presented assertion. "
                                + "https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
                        "one of [https://ci.example]",
                        "https://ci.example/"));
    }

    @Test
    void decide_otherSubject_isNamedBeforeTheAudience() {
        claims.put("sub", "other");
        claims.put("aud", "other");

        Refused refused = refused(TRUST);
        assertThat(refused.number()).isEqualTo(700213);
        assertThat(refused.description()).contains("presented assertion subject 'other'");
        assertThat(refused.expected()).isEqualTo("one of [shop:plan, shop:apply, claims['sub'] matches 'bank:*']");
    }

    @Test
    void decide_subjectByCaseOnly_hasANumberOfItsOwn() {
        claims.put("sub", "Shop:plan");

        Refused refused = refused(TRUST);
        assertThat(refused.number()).isEqualTo(7002138);
        assertThat(refused.part()).isEqualTo(Part.SUBJECT);
        assertThat(refused.description())
                .contains("matches with case-insensitive comparison, but not with case-sensitive comparison.");
    }

    @Test
    void decide_audienceOfAnotherCredential_doesNotAddUp() {
        claims.put("sub", "shop:apply");

        Refused refused = refused(TRUST);
        assertThat(refused.number()).isEqualTo(700212);
        assertThat(refused.expected()).isEqualTo("one of [api://other]");
        assertThat(refused.actual()).isEqualTo(AUDIENCE);
    }

    @Test
    void decide_audienceByCaseOnly_isRefused() {
        claims.put("aud", "api://azureadtokenexchange");
        assertThat(refused(TRUST).number()).isEqualTo(700212);
    }

    @Test
    void decide_claimsAbsentOrNoText_areRefused() {
        for (Map.Entry<String, Integer> part :
                Map.of("iss", 700211, "sub", 700213, "aud", 700212).entrySet()) {
            Object good = claims.remove(part.getKey());
            assertThat(refused(TRUST).number()).isEqualTo(part.getValue());
            claims.put(part.getKey(), Map.of("a", "b"));
            assertThat(refused(TRUST).number()).isEqualTo(part.getValue());
            claims.put(part.getKey(), good);
        }
    }

    @Test
    void decide_noCredentials_namesNoPart() {
        Refused refused = refused(new ApplicationTrust(List.of()));

        assertThat(refused.number()).isEqualTo(70021);
        assertThat(refused.part()).isEqualTo(Part.CREDENTIAL);
        assertThat(refused.description())
                .startsWith("No matching federated identity record found for presented assertion. Assertion Issuer: "
                        + "'https://ci.example'. Assertion Subject: 'shop:plan'. Assertion Audience: '" + AUDIENCE
                        + "'. https://");
    }

    @Test
    void unmatched_ofAnyToken_isTheSame() {
        assertThat(ApplicationTrust.unmatched(StrictJson.parseObject(StrictJson.write(claims))))
                .isEqualTo(refused(new ApplicationTrust(List.of())));
    }

    @Test
    void actual_ofAHostileToken_isEscaped() {
        claims.put("iss", "\u001b]0;x\u0007");
        assertThat(refused(TRUST).actual()).doesNotContain("\u001b");
    }

    @Test
    void new_twentyCredentials_areTakenAndOneMoreIsRefused() {
        List<FederatedIdentityCredential> twenty = new ArrayList<>();
        IntStream.range(0, 20).forEach(i -> twenty.add(exact("ci-" + i, "subject-" + i)));
        ApplicationTrust full = new ApplicationTrust(twenty);
        assertThat(full.credentials()).hasSize(20);

        assertThatThrownBy(() -> full.with(PLAN)).hasMessageContaining("at most 20");
        assertThatCode(() -> full.with(exact("ci-0", "other"))).doesNotThrowAnyException();
    }

    @Test
    void new_namesOrPartsTwice_areRefused() {
        assertThatThrownBy(() -> new ApplicationTrust(List.of(PLAN, exact("plan", "other"))))
                .hasMessageContaining("a name of its own");
        assertThatThrownBy(() -> new ApplicationTrust(
                        List.of(PLAN, FederatedIdentityCredential.exact("copy", ISSUER, "shop:plan", "api://other"))))
                .hasMessageContaining("issuer and subject of its own");
        assertThatThrownBy(() -> new ApplicationTrust(List.of(
                        BRANCHES,
                        FederatedIdentityCredential.flexible(
                                "copy", ISSUER, "claims['sub'] matches 'bank:*'", "api://other"))))
                .hasMessageContaining("issuer and subject of its own");
    }

    @Test
    void with_sameName_replaces() {
        assertThat(TRUST.with(exact("plan", "new")).credentials())
                .extracting(FederatedIdentityCredential::name)
                .containsExactly("apply", "branches", "plan");
        claims.put("sub", "new");
        assertThat(decide(TRUST.with(exact("plan", "new")))).isInstanceOf(Accepted.class);
    }

    @Test
    void without_name_forgetsIt() {
        assertThat(refused(TRUST.without("plan")).number()).isEqualTo(700213);
        assertThatThrownBy(() -> TRUST.without("other"))
                .hasMessageContaining("no federated identity credential \"other\"");
    }

    private Refused refused(ApplicationTrust trust) {
        assertThat(decide(trust)).isInstanceOf(Refused.class);
        return (Refused) decide(trust);
    }

    private Decision decide(ApplicationTrust trust) {
        return trust.decide(StrictJson.parseObject(StrictJson.write(claims)));
    }

    private static FederatedIdentityCredential exact(String name, String subject) {
        return FederatedIdentityCredential.exact(name, ISSUER, subject, AUDIENCE);
    }
}
