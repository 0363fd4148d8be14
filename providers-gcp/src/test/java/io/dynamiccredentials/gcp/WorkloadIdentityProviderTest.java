package io.dynamiccredentials.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Google takes and refuses when an operator makes a provider. */
class WorkloadIdentityProviderTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example");
    private static final String POOL = "projects/123/locations/global/workloadIdentityPools/";

    @Test
    void of_pattern_mapsTheSubject() {
        WorkloadIdentityProvider provider = WorkloadIdentityProvider.of(Google.PROVIDER, ISSUER, "organization:acme:*");

        assertThat(provider.name()).isEqualTo(Google.PROVIDER);
        assertThat(Google.PROVIDER).isEqualTo(provider.pool() + "/providers/ci-issuer");
        assertThat(provider.attributeMapping()).containsExactly(entry("google.subject", "assertion.sub"));
        assertThat(provider.attributeCondition()).hasValue("assertion.sub.matches(r'(?s)^organization:acme:.*$')");
        assertThat(provider.isDisabled()).isFalse();
    }

    @Test
    void audiences_unlessAllowed_areTheTwoFormsOfTheName() {
        assertThat(provider().build().audiences())
                .containsExactlyInAnyOrder(Google.RESOURCE, "https:" + Google.RESOURCE);
        assertThat(provider().build().allowedAudiences()).isEmpty();
    }

    @Test
    void audiences_allowed_replaceTheDefault() {
        WorkloadIdentityProvider provider =
                provider().allowAudience("https://ci.example").build();
        assertThat(provider.audiences()).isEqualTo(provider.allowedAudiences()).containsExactly("https://ci.example");
    }

    @Test
    void allowAudience_tenOf256Characters_areTaken() {
        WorkloadIdentityProvider.Builder builder = provider();
        IntStream.range(0, 9).forEach(i -> builder.allowAudience("a" + i));
        assertThatCode(() -> builder.allowAudience("a".repeat(256)).build()).doesNotThrowAnyException();
    }

    @Test
    void allowAudience_eleven_isRefused() {
        WorkloadIdentityProvider.Builder builder = provider();
        IntStream.range(0, 11).forEach(i -> builder.allowAudience("a" + i));
        assertThatThrownBy(builder::build).hasMessageContaining("10 allowed audiences");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b"})
    void allowAudience_malformed_isRefused(String audience) {
        assertThatThrownBy(() -> provider().allowAudience(audience).build()).hasMessageContaining("audiences");
        assertThatThrownBy(() -> provider().allowAudience("a".repeat(257)).build())
                .hasMessageContaining("256");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ci",
                "projects/shop/locations/global/workloadIdentityPools/pool/providers/ci-1",
                POOL + "abc/providers/ci-1",
                POOL + "pool/providers/Ci-1",
                POOL + "pool/providers/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            })
    void builder_malformedName_isRefused(String name) {
        assertThatThrownBy(() -> WorkloadIdentityProvider.builder(name, ISSUER)).hasMessageContaining("4 to 32");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gcp-pool/providers/ci-issuer", "pool/providers/gcp-issuer"})
    void builder_reservedId_isRefused(String ids) {
        assertThatThrownBy(() -> WorkloadIdentityProvider.builder(POOL + ids, ISSUER))
                .hasMessageContaining("begin with \"gcp-\"");
    }

    @Test
    void builder_issuer_mayHave2000Characters() {
        String longest = "https://ci.example/" + "x".repeat(2000 - "https://ci.example/".length());
        assertThatCode(() -> WorkloadIdentityProvider.builder(Google.PROVIDER, IssuerUrl.of(longest)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> WorkloadIdentityProvider.builder(Google.PROVIDER, IssuerUrl.of(longest + "x")))
                .hasMessageContaining("2000");
    }

    @Test
    void map_withoutSubject_isRefused() {
        assertThatThrownBy(() -> WorkloadIdentityProvider.builder(Google.PROVIDER, ISSUER)
                        .map("attribute.repository", "assertion.repository")
                        .withoutAttributeCondition()
                        .build())
                .hasMessageContaining("must map google.subject");
    }

    @Test
    void map_twice_isRefused() {
        assertThatThrownBy(() -> provider().map("google.subject", "assertion.jti"))
                .hasMessageContaining("mapped already, from assertion.sub");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "assertion.aud",
                "google.display_name",
                "attribute.",
                "attribute.A",
                "attribute.a-b",
                "subject",
                "attribute.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            })
    void map_unknownKey_isRefused(String key) {
        assertThatThrownBy(() -> provider().map(key, "assertion.x").build()).hasMessageContaining("it was \"" + key);
    }

    @Test
    void map_fiftyCustomAttributes_areTakenAndOneMoreIsRefused() {
        WorkloadIdentityProvider.Builder builder =
                provider().map("attribute." + "k".repeat(100), "assertion.x").map("google.groups", "assertion.g");
        IntStream.range(1, 50).forEach(i -> builder.map("attribute.a" + i, "assertion.a"));
        assertThatCode(builder::build).doesNotThrowAnyException();

        assertThatThrownBy(() -> builder.map("attribute.more", "assertion.a").build())
                .hasMessageContaining("at most 50");
    }

    @Test
    void map_expression_mayHave2048Characters() {
        String longest = "'" + "x".repeat(2046) + "'";
        assertThatCode(() -> provider().map("attribute.x", longest).build()).doesNotThrowAnyException();
        assertThatThrownBy(() -> provider().map("attribute.x", longest + " ").build())
                .hasMessageContaining("1 to 2048");
        assertThatThrownBy(() -> provider().map("attribute.x", " ").build()).hasMessageContaining("1 to 2048");
    }

    @Test
    void attributeCondition_mayHave4096Characters() {
        String longest = "'x' != '" + "y".repeat(4096 - 9) + "'";
        assertThatCode(() -> unconditional().attributeCondition(longest).build())
                .doesNotThrowAnyException();
        assertThatThrownBy(
                        () -> unconditional().attributeCondition(longest + " ").build())
                .hasMessageContaining("1 to 4096");
        assertThatThrownBy(() -> unconditional().subjectPattern("'".repeat(900)).build())
                .hasMessageContaining("1 to 4096");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "assertion.sub ==",
                "assertion.sub",
                "claims.sub == 'x'",
                "attribute.repository == 'x'",
                "google.groups.size() == 1",
                "assertion.sub.replace('a', 'b') == 'b'",
                "assertion.sub.upperAscii() == 'A'",
                "'a' + 1 == 'b'"
            })
    void attributeCondition_thatGoogleDoesNotKnow_isRefused(String condition) {
        if (condition.equals("assertion.sub")) {
            // Of unknown type, and so no mistake before a token comes.
            assertThatCode(() -> unconditional().attributeCondition(condition).build())
                    .doesNotThrowAnyException();
            return;
        }
        assertThatThrownBy(() -> unconditional().attributeCondition(condition).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("CEL as Google Cloud knows it");
    }

    @Test
    void attributeCondition_noTruthValue_isRefused() {
        assertThatThrownBy(() -> unconditional().attributeCondition("'yes'").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("CEL as Google Cloud knows it");
    }

    @Test
    void build_withoutCondition_isRefusedUnlessSaid() {
        assertThatThrownBy(() -> unconditional().build()).hasMessageContaining("it has 0");
        assertThatCode(() -> unconditional().withoutAttributeCondition().build())
                .doesNotThrowAnyException();
    }

    @Test
    void build_twoConditions_isRefused() {
        assertThatThrownBy(() ->
                        provider().attributeCondition("assertion.sub == 'x'").build())
                .hasMessageContaining("it has 2");
        assertThatThrownBy(() -> provider().withoutAttributeCondition().build()).hasMessageContaining("it has 2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://token.actions.githubusercontent.com", "https://gitlab.com", "https://app.terraform.io"})
    void build_sharedIssuer_needsAConditionAboutAClaim(String issuer) {
        WorkloadIdentityProvider.Builder shared = WorkloadIdentityProvider.builder(
                        Google.PROVIDER, IssuerUrl.of(issuer))
                .map("google.subject", "assertion.sub");
        assertThatThrownBy(() -> shared.attributeCondition("1 == 1").build())
                .hasMessageContaining("The attribute condition must reference one of the provider's claims");
        assertThatCode(() -> shared.attributeCondition("google.subject == 'x'").build())
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> WorkloadIdentityProvider.builder(Google.PROVIDER, IssuerUrl.of(issuer))
                        .map("google.subject", "assertion.sub")
                        .withoutAttributeCondition()
                        .build())
                .hasMessageContaining("The attribute condition must reference one of the provider's claims");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "*", "**", "?*"})
    void subjectPattern_thatLetsEverybodyIn_isRefused(String pattern) {
        assertThatThrownBy(() -> unconditional().subjectPattern(pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not every workload meets");
    }

    @Test
    void uploadKeys_rsaAndP256_areTaken() {
        PublicJwk rsa = SigningKey.generate(SigningAlgorithm.RS256).publicJwk();
        PublicJwk ec = SigningKey.generate(SigningAlgorithm.ES256).publicJwk();
        String pss = jwks(rsa).replace("RS256", "PS256");

        assertThat(provider()
                        .uploadKeys(jwks(rsa))
                        .build()
                        .uploadedKeys()
                        .orElseThrow()
                        .find(rsa.keyId()))
                .isPresent();
        assertThat(provider()
                        .uploadKeys(jwks(ec))
                        .build()
                        .uploadedKeys()
                        .orElseThrow()
                        .find(ec.keyId()))
                .isPresent();
        assertThatCode(() -> provider().uploadKeys(pss)).doesNotThrowAnyException();
        assertThatCode(() -> provider().uploadKeys(jwks(rsa).replace("\"alg\":\"RS256\",", "")))
                .doesNotThrowAnyException();
    }

    @Test
    void uploadKeys_otherKinds_areRefused() {
        PublicJwk ed25519 = SigningKey.generate(SigningAlgorithm.EDDSA).publicJwk();
        String p384 = "{\"keys\":[{\"kty\":\"EC\",\"use\":\"sig\",\"kid\":\"1\",\"crv\":\"P-384\","
                + "\"x\":\"iA7lWQLzVrKGEFjfGMfMHfTEZ2KnLiKU7JuNT3E7ygsfE7ygsc7dB4lZ7nE7nE7n\",\"y\":\"x\"},"
                + member(SigningKey.generate(SigningAlgorithm.RS256).publicJwk()) + "]}";

        assertThatThrownBy(() -> provider().uploadKeys(jwks(ed25519))).hasMessageContaining("of type OKP");
        assertThatThrownBy(() -> provider().uploadKeys(p384)).hasMessageContaining("of type EC P-384");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x5c", "x5t"})
    void uploadKeys_withCertificates_isRefused(String member) {
        String jwks = jwks(SigningKey.generate(SigningAlgorithm.RS256).publicJwk())
                .replace("{\"kty\"", "{\"" + member + "\":\"x\",\"kty\"");
        assertThatThrownBy(() -> provider().uploadKeys(jwks))
                .hasMessageContaining("Input JWK is not in a valid json format")
                .hasMessageContaining(member);
    }

    @Test
    void uploadKeys_none_isRefused() {
        assertThatThrownBy(() -> provider().uploadKeys("{}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> provider().uploadKeys("{\"keys\":[]}")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void disabled_andEnabledAgain_isAStateOfTheSameProvider() {
        WorkloadIdentityProvider disabled =
                provider().allowAudience("a").build().disabled();

        assertThat(disabled.isDisabled()).isTrue();
        assertThat(disabled)
                .hasToString("WorkloadIdentityProvider[" + Google.PROVIDER
                        + ", issuer=https://ci.example, condition=assertion.sub.matches(r'(?s)^acme:.*$'), disabled]");
        assertThat(disabled.enabled().isDisabled()).isFalse();
        assertThat(disabled.enabled().audiences()).containsExactly("a");
    }

    private static WorkloadIdentityProvider.Builder provider() {
        return unconditional().subjectPattern("acme:*");
    }

    private static WorkloadIdentityProvider.Builder unconditional() {
        return WorkloadIdentityProvider.builder(Google.PROVIDER, ISSUER).map("google.subject", "assertion.sub");
    }

    private static String jwks(PublicJwk key) {
        return "{\"keys\":[" + member(key) + "]}";
    }

    private static String member(PublicJwk key) {
        String set = new JwkSet(List.of(key)).toJson();
        return set.substring("{\"keys\":[".length(), set.length() - 2);
    }

    private static Map.Entry<String, String> entry(String key, String value) {
        return Map.entry(key, value);
    }
}
