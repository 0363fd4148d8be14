package io.dynamiccredentials.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.dynamiccredentials.vault.VaultJwtRole.Leeways;
import io.dynamiccredentials.wire.StrictJson;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VaultJwtRoleTest {
    private static final Duration TTL = Duration.ofMinutes(20);

    @Test
    void of_isWrittenAsVaultTakesIt() {
        assertThat(VaultJwtRole.of("Deploy", Set.of("b", "a"), "organization:acme:*", TTL)
                        .toJson())
                .isEqualTo("{\"role_type\":\"jwt\",\"user_claim\":\"sub\",\"bound_audiences\":[\"a\",\"b\"],"
                        + "\"bound_claims_type\":\"glob\",\"bound_claims\":{\"sub\":\"organization:acme:*\"},"
                        + "\"token_ttl\":1200}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "*", "**", "a?"})
    void of_subjectThatLetsEverybodyIn_isRefused(String subjects) {
        assertThatThrownBy(() -> VaultJwtRole.of("r", Set.of("a"), subjects, TTL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not every workload has");
    }

    @Test
    void of_noAudience_isRefused() {
        assertThatThrownBy(() -> VaultJwtRole.of("r", Set.of(), "s", TTL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one bound audience");
    }

    @Test
    void of_tokensOfNoLife_areRefused() {
        assertThatThrownBy(() -> VaultJwtRole.of("r", Set.of("a"), "s", Duration.ofMillis(999)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 s or longer");
        assertThat(VaultJwtRole.of("r", Set.of("a"), "s", Duration.ofSeconds(1))
                        .tokens()
                        .ttl())
                .hasSeconds(1);
    }

    @Test
    void toJson_everything() {
        VaultJwtRole role = VaultJwtRole.builder("ci", "/user/name")
                .userClaimIsPointer()
                .boundAudiences(Set.of("vault"))
                .boundSubject("job")
                .boundClaim("/org/id", JsonNodeFactory.instance.numberNode(7))
                .boundClaim("env", "prod", "test")
                .claimMapping("ref", "git_ref")
                .groupsClaim("teams")
                .leeways(new Leeways(Duration.ofSeconds(5), Duration.ofSeconds(-3), Duration.ofSeconds(10)))
                .tokens(VaultTokenParameters.builder()
                        .policies("deploy")
                        .ttl(Duration.ofMinutes(5))
                        .maxTtl(Duration.ofMinutes(10))
                        .explicitMaxTtl(Duration.ofMinutes(15))
                        .period(Duration.ofMinutes(1))
                        .numUses(3)
                        .noDefaultPolicy()
                        .boundCidrs("10.0.0.0/8")
                        .build())
                .build();
        assertThat(StrictJson.parseObject(role.toJson()))
                .isEqualTo(StrictJson.parseObject("{\"role_type\":\"jwt\",\"user_claim\":\"/user/name\","
                        + "\"user_claim_json_pointer\":true,\"bound_audiences\":[\"vault\"],\"bound_subject\":\"job\","
                        + "\"bound_claims\":{\"/org/id\":7,\"env\":[\"prod\",\"test\"]},"
                        + "\"claim_mappings\":{\"ref\":\"git_ref\"},\"groups_claim\":\"teams\","
                        + "\"expiration_leeway\":5,\"not_before_leeway\":-1,\"clock_skew_leeway\":10,"
                        + "\"token_ttl\":300,\"token_max_ttl\":600,\"token_explicit_max_ttl\":900,"
                        + "\"token_period\":60,\"token_policies\":[\"deploy\"],\"token_num_uses\":3,"
                        + "\"token_no_default_policy\":true,\"token_bound_cidrs\":[\"10.0.0.0/8\"]}"));
    }

    @Test
    void toJson_batchAndOidc() {
        VaultJwtRole role = VaultJwtRole.builder("ci", "sub")
                .oidc(Set.of("https://vault.example/cb"))
                .tokens(VaultTokenParameters.builder().batch().build())
                .build();
        assertThat(role.toJson())
                .isEqualTo("{\"role_type\":\"oidc\",\"user_claim\":\"sub\","
                        + "\"allowed_redirect_uris\":[\"https://vault.example/cb\"],\"token_type\":\"batch\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "-a", "a.", "a b", "a\n"})
    void builder_nameThatIsNoPathOfTheMethod_isRefused(String name) {
        assertThatThrownBy(() -> VaultJwtRole.builder(name, "sub"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("A role's name");
    }

    @Test
    void builder_noUserClaim_isRefused() {
        assertThatThrownBy(() -> VaultJwtRole.builder("r", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a user claim must be defined on the role");
    }

    @Test
    void build_nothingBound_isRefused() {
        assertThatThrownBy(() -> VaultJwtRole.builder("r", "sub").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must have at least one bound constraint");
    }

    @Test
    void build_anyOneConstraint_isEnough() {
        VaultTokenParameters bound =
                VaultTokenParameters.builder().boundCidrs("10.0.0.1").build();
        assertThat(VaultJwtRole.builder("r", "sub").boundSubject("s").build().name())
                .isEqualTo("r");
        assertThat(VaultJwtRole.builder("r", "sub").boundClaim("a", "b").build().name())
                .isEqualTo("r");
        assertThat(VaultJwtRole.builder("r", "sub").tokens(bound).build().name())
                .isEqualTo("r");
        assertThat(VaultJwtRole.builder("r", "sub")
                        .boundAudiences(Set.of("a"))
                        .build()
                        .name())
                .isEqualTo("r");
    }

    @Test
    void build_globThatIsNoText_isRefused() {
        VaultJwtRole.Builder role = VaultJwtRole.builder("r", "sub")
                .globs()
                .boundClaim("n", JsonNodeFactory.instance.arrayNode().add("a").add(1));
        assertThatThrownBy(role::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bound_claims.n must be a text or a list of texts; it was [\"a\",1]");
    }

    @Test
    void build_globThatIsAnObject_isRefused() {
        VaultJwtRole.Builder role =
                VaultJwtRole.builder("r", "sub").globs().boundClaim("n", JsonNodeFactory.instance.objectNode());
        assertThatThrownBy(role::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bound_claims.n");
    }

    @Test
    void build_metadataKeyRole_isRefused() {
        VaultJwtRole.Builder role =
                VaultJwtRole.builder("r", "sub").boundSubject("s").claimMapping("a", "role");
        assertThatThrownBy(role::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("metadata key \"role\" is reserved");
    }

    @Test
    void build_twoClaimsForOneMetadataKey_isRefused() {
        VaultJwtRole.Builder role = VaultJwtRole.builder("r", "sub")
                .boundSubject("s")
                .claimMapping("a", "k")
                .claimMapping("b", "k");
        assertThatThrownBy(role::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("multiple keys are mapped to metadata key \"k\"");
    }

    @Test
    void boundClaim_twice_isRefused() {
        VaultJwtRole.Builder role = VaultJwtRole.builder("r", "sub").boundClaim("a", "b");
        assertThatThrownBy(() -> role.boundClaim("a", "c"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"a\" is bound already");
    }

    @Test
    void boundClaim_noValue_isRefused() {
        assertThatThrownBy(() -> VaultJwtRole.builder("r", "sub").boundClaim("a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bound to no value");
    }

    @Test
    void boundAudiences_blank_isRefused() {
        assertThatThrownBy(() -> VaultJwtRole.builder("r", "sub").boundAudiences(Set.of(" ")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("was blank");
    }

    @Test
    void oidc_noRedirectUri_isRefused() {
        assertThatThrownBy(() -> VaultJwtRole.builder("r", "sub").oidc(Set.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'allowed_redirect_uris' must be set");
    }

    @Test
    void leeways_partOfASecond_isRefused() {
        assertThatThrownBy(() -> new Leeways(Duration.ZERO, Duration.ofMillis(1), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("whole seconds");
    }
}
