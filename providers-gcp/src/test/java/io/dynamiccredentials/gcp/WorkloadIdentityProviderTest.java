package io.dynamiccredentials.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.token.RelyingPartyRules;
import io.dynamiccredentials.verify.JwtTokenVerifier;
import io.dynamiccredentials.verify.KeySource;
import io.dynamiccredentials.verify.TrustedIssuer;
import io.dynamiccredentials.verify.VerifiedToken;
import io.dynamiccredentials.workload.TerraformRun;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadIdentityProviderTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example");
    private static final String SUBJECTS = "organization:acme:project:shop:workspace:prod:run_phase:*";
    private static final SigningKey KEY = SigningKey.generate(SigningAlgorithm.RS256);

    @Test
    void audiences_unlessSet_areTheTwoFormsOfTheName() {
        assertThat(provider(Set.of(), SUBJECTS).audiences())
                .containsExactlyInAnyOrder(Google.RESOURCE, "https:" + Google.RESOURCE);
    }

    @Test
    void audiences_set_replaceTheDefault() {
        WorkloadIdentityProvider provider = provider(Set.of("https://ci.example"), SUBJECTS);

        assertThat(provider.audiences()).containsExactly("https://ci.example");
        assertThat(provider.permitsAudience(token("prod", Google.RESOURCE))).isFalse();
        assertThat(provider.permitsAudience(token("prod", "https://ci.example")))
                .isTrue();
    }

    @Test
    void permits_goodToken_agreesToAll() {
        WorkloadIdentityProvider provider = provider(Set.of(), SUBJECTS);
        VerifiedToken token = token("prod", Google.RESOURCE);

        assertThat(provider.permitsIssuer(token)).isTrue();
        assertThat(provider.permitsAudience(token)).isTrue();
        assertThat(provider.permitsSubjectLength(token)).isTrue();
        assertThat(provider.permitsSubject(token)).isTrue();
        assertThat(provider.principal(token)).isEqualTo(Google.PRINCIPAL);
    }

    @Test
    void permitsIssuer_another_disagrees() {
        WorkloadIdentityProvider other = new WorkloadIdentityProvider(
                Google.PROVIDER, IssuerUrl.of("https://ci.example/tenant"), Set.of(), SUBJECTS);

        assertThat(other.permitsIssuer(token("prod", Google.RESOURCE))).isFalse();
    }

    @Test
    void permitsSubject_another_disagrees() {
        assertThat(provider(Set.of(), SUBJECTS).permitsSubject(token("production", Google.RESOURCE)))
                .isFalse();
    }

    @Test
    void permitsSubjectLength_isBoundedAt127Bytes() {
        // "organization:acme:project:shop:workspace:" and ":run_phase:plan" take 56 of them.
        assertThat(provider(Set.of(), SUBJECTS).permitsSubjectLength(token("w".repeat(71), Google.RESOURCE)))
                .isTrue();
        assertThat(provider(Set.of(), SUBJECTS).permitsSubjectLength(token("w".repeat(72), Google.RESOURCE)))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "*", "**", "?*"})
    void of_conditionThatLetsEverybodyIn_isRefused(String pattern) {
        assertThatThrownBy(() -> provider(Set.of(), pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not every workload meets");
    }

    @Test
    void of_malformedNameOrAudience_isRefused() {
        assertThatThrownBy(() -> new WorkloadIdentityProvider("ci", ISSUER, Set.of(), SUBJECTS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("project number");
        assertThatThrownBy(() -> provider(Set.of("a b"), SUBJECTS)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        provider(IntStream.range(0, 11).mapToObj(i -> "a" + i).collect(Collectors.toSet()), SUBJECTS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10 allowed audiences");
    }

    private static WorkloadIdentityProvider provider(Set<String> audiences, String pattern) {
        return new WorkloadIdentityProvider(Google.PROVIDER, ISSUER, audiences, pattern);
    }

    private static VerifiedToken token(String workspace, String audience) {
        TerraformRun run =
                TerraformRun.builder("acme", "shop", workspace, "run-1").build();
        String compact = JwtTokenIssuer.builder(ISSUER, SigningKeys.of(KEY))
                // The loosest, since this test wants to see the platform's side refuse.
                .relyingParties(RelyingPartyRules.vault())
                .clock(Google.CLOCK)
                .build()
                .issue(run, audience)
                .compact()
                .reveal();
        KeySource keys = KeySource.of(new JwkSet(List.of(KEY.publicJwk())));
        return JwtTokenVerifier.builder(
                        new TrustedIssuer(ISSUER, Set.of(audience), Set.of(SigningAlgorithm.RS256), keys))
                .clock(Google.CLOCK)
                .build()
                .verify(compact);
    }
}
