package io.dynamiccredentials.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.wire.StrictJson;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimsTest {
    private static final Claims TAGS = Claims.builder()
            .object(
                    "principal_tags",
                    Claims.builder().texts("Project", List.of("shop")).build())
            .texts("transitive_tag_keys", List.of("Project"))
            .build();

    @Test
    void members_everyKind_areTheJsonOfTheClaims() {
        Claims claims = Claims.builder()
                .text("team", "bleü")
                .integer("attempt", 2)
                .flag("reviewed", true)
                .texts("groups", List.of("a", "b"))
                .object("https://aws.amazon.com/tags", TAGS)
                .build();

        assertThat(StrictJson.write(claims.members()))
                .isEqualTo("{\"team\":\"bleü\",\"attempt\":2,\"reviewed\":true,\"groups\":[\"a\",\"b\"],"
                        + "\"https://aws.amazon.com/tags\":{\"principal_tags\":{\"Project\":[\"shop\"]},"
                        + "\"transitive_tag_keys\":[\"Project\"]}}");
        assertThat(claims.toString()).contains("team").doesNotContain("bleü");
    }

    @Test
    void members_areUnmodifiableAndNoViewOfTheBuilder() {
        Claims.Builder builder = Claims.builder().text("a", "1");
        Claims claims = builder.build();
        builder.text("b", "2");

        assertThat(claims.members()).containsExactly(Map.entry("a", "1"));
        assertThatThrownBy(() -> claims.members().put("c", "3")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void equals_sameMembers_isEqual() {
        assertThat(Claims.builder().text("a", "1").build())
                .isEqualTo(Claims.builder().text("a", "1").build())
                .hasSameHashCodeAs(Claims.builder().text("a", "1").build())
                .isNotEqualTo(Claims.none());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "iss",
                "sub",
                "aud",
                "exp",
                "nbf",
                "iat",
                "jti",
                "azp",
                "nonce",
                "auth_time",
                "acr",
                "amr",
                "at_hash",
                "c_hash",
                "s_hash",
                "sid",
                "sub_jwk",
                "sub_id",
                "_claim_names",
                "_claim_sources",
                "cnf",
                "act",
                "may_act",
                "scope",
                "client_id",
                "events",
                "Sub",
                "AUD",
                "\u017Fub",
                "ISS",
                "i\u017Fs"
            })
    void isReserved_whatRelyingPartiesInterpret_inAnyCase(String name) {
        Claims claims = Claims.builder().text(name, "x").build();

        assertThat(Claims.isReserved(name)).isTrue();
        for (ClaimsOfTheHost workload : workloads()) {
            assertThatThrownBy(() -> workload.with(claims))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"" + name + "\"");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "terraform_run_id",
                "terraform_run_phase",
                "terraform_new",
                "Terraform_run_id",
                "ci_project_name",
                "CI_ref_type",
                "ci_"
            })
    void claims_thatWorkloadsSetThemselves_areRefusedByAll(String name) {
        Claims claims = Claims.builder().text(name, "x").build();

        for (ClaimsOfTheHost workload : workloads()) {
            assertThatThrownBy(() -> workload.with(claims))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"" + name + "\"")
                    .hasMessageContaining("terraform_");
        }
    }

    @Test
    void claims_ofTheHost_areThereInAll() {
        Claims claims =
                Claims.builder().object("https://aws.amazon.com/tags", TAGS).build();

        for (ClaimsOfTheHost workload : workloads()) {
            assertThat(workload.with(claims).claims().members()).containsAllEntriesOf(claims.members());
        }
    }

    @Test
    void object_reservedNameInside_isAllowed() {
        Claims inner = Claims.builder().text("sub", "someone").build();

        assertThat(Claims.builder().object("requester", inner).build().members())
                .containsEntry("requester", Map.of("sub", "someone"));
    }

    @Test
    void builder_sameNameInAnotherCase_isRefused() {
        assertThatThrownBy(() -> Claims.builder().text("Team", "a").text("team", "b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"team\"")
                .hasMessageContaining("\"Team\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0000b", "\uD800", "a\uDC00"})
    void builder_improperText_isRefused(String text) {
        assertRefused(() -> Claims.builder().text("team", text), "team");
        assertRefused(() -> Claims.builder().texts("team", List.of("a", text)), "team");
        assertRefused(() -> Claims.builder().text(text, "a"), "name of a claim");
    }

    @Test
    void builder_sizes_atTheLimitsAreAcceptedAndAboveRefused() {
        assertThat(Claims.builder().text("x".repeat(255), "y".repeat(4096)).build())
                .isNotEqualTo(Claims.none());
        assertRefused(() -> Claims.builder().text("x".repeat(256), "y"), "255");
        assertRefused(() -> Claims.builder().text("", "y"), "empty");
        assertRefused(() -> Claims.builder().text("x", "y".repeat(4097)), "4096");
        assertThat(Claims.builder().texts("x", Collections.nCopies(100, "y")).build())
                .isNotEqualTo(Claims.none());
        assertRefused(() -> Claims.builder().texts("x", Collections.nCopies(101, "y")), "101");
        Claims.Builder many = Claims.builder();
        for (int i = 0; i < 100; i++) {
            many.flag("c" + i, true);
        }
        assertRefused(() -> many.flag("c100", true), "101");
    }

    @Test
    void integer_beyondADouble_isRefused() {
        long limit = 9_007_199_254_740_991L;

        assertThat(Claims.builder().integer("a", limit).integer("b", -limit).build())
                .isNotEqualTo(Claims.none());
        assertRefused(() -> Claims.builder().integer("a", limit + 1), "9007199254740992");
        assertRefused(() -> Claims.builder().integer("a", -limit - 1), "-9007199254740992");
    }

    @Test
    void all_addsEveryClaimWithItsDepth() {
        Claims some = Claims.builder().text("a", "1").object("tags", TAGS).build();
        Claims all = Claims.builder().text("b", "2").all(some).build();

        assertThat(all.members()).containsOnlyKeys("b", "a", "tags").containsEntry("tags", TAGS.members());
        Claims twice = Claims.builder().object("outer", all).build();
        assertThatThrownBy(() -> Claims.builder().object("outermost", twice)).hasMessageContaining("nest at most 4");
    }

    @Test
    void all_claimThatIsThere_isRefused() {
        Claims.Builder builder = Claims.builder().text("a", "1");

        assertThatThrownBy(() -> builder.all(Claims.builder().text("A", "2").build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"A\" is there already");
    }

    @Test
    void object_nestedFourDeep_isAcceptedAndFiveRefused() {
        Claims four = nested(4);

        assertThat(four.members()).containsKey("x");
        assertRefused(() -> Claims.builder().object("x", four), "5");
    }

    private static Claims nested(int depth) {
        return depth == 1
                ? Claims.builder().text("x", "y").build()
                : Claims.builder().object("x", nested(depth - 1)).build();
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String piece) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(piece);
    }

    private static List<ClaimsOfTheHost> workloads() {
        return List.of(
                claims ->
                        TerraformRun.builder("o", "p", "w", "r").claims(claims).build(),
                claims -> TerraformModuleTest.builder("o", "m", "r")
                        .claims(claims)
                        .build(),
                claims -> TerraformStackDeployment.builder("o", "p", "s", "d", "r")
                        .claims(claims)
                        .build(),
                claims -> PipelineJob.builder("o", "p", "l", "r").claims(claims).build());
    }

    @FunctionalInterface
    private interface ClaimsOfTheHost {
        Workload with(Claims claims);
    }
}
