package io.dynamiccredentials.testkit.vault;

import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.DENY;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.READ;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FakeVaultPolicyTest {

    @ParameterizedTest
    @CsvSource({
        "a/b, a/b, true",
        "a/b, a/c, false",
        "a/b, a/b/c, false",
        "a/b, a, false",
        "a/*, a/b, true",
        "a/*, a/b/c, true",
        "a/*, a/, true",
        "a/*, a, false",
        "a/b*, a/bc/d, true",
        "a/b*, a/c, false",
        "*, a/b, true",
        "+/b, a/b, true",
        "+/b, a/c, false",
        "+/b, a/b/c, false",
        "a/+/c, a/b/c, true",
        "a/+/c, a/b/d, false",
        "+/b*, a/bc, true",
        "+/*, a/b/c, true",
        "+/*, a, false",
    })
    void allowed_pathOfOneRule(String pattern, String path, boolean matches) {
        FakeVaultPolicy policy = FakeVaultPolicy.named("p").rule(pattern, READ);

        assertThat(FakeVaultPolicy.allowed(List.of(policy), path).contains(READ))
                .isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({
        "a/b, a/*, a/b",
        "a/bc*, a/b*, a/bcd",
        "a/b/*, a/+/*, a/b/c",
        "a/b*, a/*, a/b",
        "a/+/c, a/*, a/b/c",
        "a/+/c, a/+/*, a/b/c",
        "a/+/c/d, a/+/+/d, a/b/c/d",
        "a/b, +/b, a/b",
        "a/*, *, a/b",
        "a/+, +/b, a/b",
        "a/b/+, a/+/cc, a/b/cc",
        "a/+/!/c, a/+/+/c, a/x/!/c",
    })
    void allowed_twoRules_theMoreSpecificCounts(String specific, String general, String path) {
        for (List<String> order : List.of(List.of(specific, general), List.of(general, specific))) {
            FakeVaultPolicy policy = FakeVaultPolicy.named("p");
            for (String pattern : order) {
                policy = policy.rule(pattern, pattern.equals(specific) ? READ : UPDATE);
            }
            assertThat(FakeVaultPolicy.allowed(List.of(policy), path)).containsExactly(READ);
        }
    }

    @Test
    void allowed_sameRuleInTwoPolicies_addsUp() {
        FakeVaultPolicy one = FakeVaultPolicy.named("one").rule("a", READ);
        FakeVaultPolicy other = FakeVaultPolicy.named("other").rule("a", UPDATE);

        assertThat(FakeVaultPolicy.allowed(List.of(one, other), "a")).containsExactly(READ, UPDATE);
        assertThat(FakeVaultPolicy.allowed(List.of(one.rule("a", UPDATE)), "a")).containsExactly(READ, UPDATE);
    }

    @Test
    void allowed_deniedByOne_isDenied() {
        FakeVaultPolicy one = FakeVaultPolicy.named("one").rule("a", READ);
        FakeVaultPolicy other = FakeVaultPolicy.named("other").rule("a", DENY);

        assertThat(FakeVaultPolicy.allowed(List.of(one, other), "a")).isEmpty();
    }

    @Test
    void allowed_nothingSaid_isNothing() {
        assertThat(FakeVaultPolicy.allowed(List.of(), "a")).isEmpty();
        assertThat(FakeVaultPolicy.allowed(List.of(FakeVaultPolicy.named("p")), "a"))
                .isEmpty();
    }

    @Test
    void rule_starBeforeTheEnd_isRefused() {
        for (String path : List.of("a/*/b", "*a")) {
            assertThatThrownBy(() -> FakeVaultPolicy.named("p").rule(path, READ))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("only at the end");
        }
    }

    @Test
    void rule_noCapability_isRefused() {
        assertThatThrownBy(() -> FakeVaultPolicy.named("p").rule("a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("had 0 capabilities");
    }

    @Test
    void name_isInLowerCase() {
        assertThat(FakeVaultPolicy.named("Deploy").name()).isEqualTo("deploy");
    }
}
