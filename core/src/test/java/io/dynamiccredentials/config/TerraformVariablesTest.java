package io.dynamiccredentials.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import io.dynamiccredentials.workload.Workload;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TerraformVariablesTest {
    private static final String ON = "TFC_ACME_PROVIDER_AUTH";

    @Test
    void read_nothingSet_isNothing() {
        assertThat(read(Phase.PLAN, Map.of("TF_LOG", "info", "TFC_RUN_ID", "run-1")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "PLAN,  TFC_ACME_PLAN_ROLE",
        "APPLY, TFC_ACME_APPLY_ROLE",
        "PLAN,  TFC_ACME_RUN_ROLE",
        "PLAN,  TFC_DEFAULT_ACME_PLAN_ROLE",
        "APPLY, TFC_DEFAULT_ACME_RUN_ROLE"
    })
    void read_anyForm_isFound(Phase phase, String variable) {
        assertThat(role(phase, Map.of(ON, "true", variable, "r"))).isEqualTo(variable + "=r");
    }

    @ParameterizedTest
    @CsvSource({"4", "3", "2", "1"})
    void read_severalForms_theFirstOfTheTableWins(int present) {
        List<String> order = List.of(
                "TFC_ACME_PLAN_ROLE", "TFC_ACME_RUN_ROLE", "TFC_DEFAULT_ACME_PLAN_ROLE", "TFC_DEFAULT_ACME_RUN_ROLE");
        Map<String, String> variables = new HashMap<>(Map.of(ON, "true"));
        order.subList(4 - present, 4).forEach(name -> variables.put(name, "r"));

        assertThat(role(Phase.PLAN, variables)).isEqualTo(order.get(4 - present) + "=r");
    }

    @Test
    void read_onlyTheOtherPhase_isMissing() {
        assertRefused(
                Map.of(ON, "true", "TFC_ACME_APPLY_ROLE", "r"), "TFC_ACME_RUN_ROLE or TFC_ACME_PLAN_ROLE is required");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRUE", "True", "1", "yes", "", " true", "on"})
    void read_switchOfAnotherSpelling_isRefused(String value) {
        assertRefused(
                Map.of(ON, value, "TFC_ACME_RUN_ROLE", "r"),
                "must be exactly \"true\" or \"false\"",
                "\"" + value + "\"");
    }

    @Test
    void read_switchFalse_isOff() {
        assertThat(read(Phase.PLAN, Map.of(ON, "false", "TFC_ACME_ROLL", "unread")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TFC_OTHER_PROVIDER_AUTH", "TFC_KUBERNETES_PROVIDER_AUTH"})
    void read_unknownPlatform_isRefused(String name) {
        assertRefused(Map.of(name, "true"), name, "known are [ACME]");
        assertThat(read(Phase.PLAN, Map.of(name, "false"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "TFC_VAULT_BACKED_AWS_AUTH,    unknown here",
        "TFC_HVS_BACKED_GCP_AUTH_EAST, HCP Vault Secrets",
        "TFC_DEFAULT_ACME_PROVIDER_AUTH, a switch has no default"
    })
    void read_switchOfNoProvider_isRefused(String name, String text) {
        assertRefused(Map.of(name, "true"), name, text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TFC_ACME_PROVIDER_AUHT",
                "TFC_ACME_PROVDER_AUTH",
                "TFC_ACME_PROVIDER_AUTHS",
                "tfc_acme_provider_auth",
                "TFC_ACNE_PROVIDER_AUTH"
            })
    void read_misspeltSwitch_isRefused(String name) {
        assertRefused(Map.of(name, "true"), name);
    }

    @Test
    void read_misspeltRequiredVariable_isNamedBesideTheMissingOne() {
        assertRefused(
                Map.of(ON, "true", "TFC_ACME_RUN_ROLEE", "r"),
                "TFC_ACME_RUN_ROLE or TFC_ACME_PLAN_ROLE is required",
                "TFC_ACME_RUN_ROLEE looks like a misspelt TFC_ACME_RUN_ROLE");
    }

    @Test
    void read_settingWhoseNameHoldsAuth_isNoSwitch() {
        assertThat(role(Phase.PLAN, Map.of(ON, "true", "TFC_ACME_RUN_ROLE", "r", "TFC_ACME_AUTH_PATH", "p")))
                .isEqualTo("TFC_ACME_RUN_ROLE=r");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TFC_ACME_RULE", "TFC_ACME_DUTY", "TFC_DEFAULT_ACME_PATH", "TFC_DEFAULT_ACME_RUN_ROLE_TAG"})
    void read_unknownVariableOfAPlatformThatIsOn_isRefused(String name) {
        assertRefused(Map.of(ON, "true", "TFC_ACME_RUN_ROLE", "r", name, "x"), name + " is not a variable");
    }

    @Test
    void read_tags_areConfigurationsOfTheirOwn() {
        Map<String, String> variables = new HashMap<>(Map.of(ON, "true", "TFC_ACME_RUN_ROLE", "untagged"));
        for (String tag : List.of("b", "B", "_x_1")) {
            variables.put(ON + "_" + tag, "true");
        }
        variables.put("TFC_ACME_RUN_ROLE_B", "one");
        variables.put("TFC_DEFAULT_ACME_PLAN_ROLE", "all");

        assertThat(read(Phase.PLAN, variables))
                .extracting(
                        configuration -> configuration.tag().orElse("none"),
                        configuration -> configuration.platform().exchanger().audience())
                .containsExactly(
                        tuple("none", "TFC_ACME_RUN_ROLE=untagged"),
                        tuple("B", "TFC_ACME_RUN_ROLE_B=one"),
                        tuple("_x_1", "TFC_DEFAULT_ACME_PLAN_ROLE=all"),
                        tuple("b", "TFC_DEFAULT_ACME_PLAN_ROLE=all"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TYPE", "TYPE_1", ""})
    void read_reservedTag_isRefused(String tag) {
        assertRefused(Map.of(ON + "_" + tag, "true"), ON + "_" + tag, "another tag");
    }

    @Test
    void read_settingOfATagThatNothingTurnsOn_isRefused() {
        assertRefused(
                Map.of(ON, "true", "TFC_ACME_RUN_ROLE", "r", "TFC_ACME_RUN_ROLE_PROD", "x"),
                "TFC_ACME_RUN_ROLE_PROD belongs to a configuration that nothing turns on. Set "
                        + "TFC_ACME_PROVIDER_AUTH_PROD to \"true\"");
        assertThat(read(
                        Phase.PLAN,
                        Map.of(
                                ON,
                                "true",
                                "TFC_ACME_RUN_ROLE",
                                "r",
                                ON + "_PROD",
                                "false",
                                "TFC_ACME_RUN_ROLE_PROD",
                                "x")))
                .hasSize(1);
    }

    @Test
    void read_manualToken_isRefused() {
        assertRefused(Map.of("TFC_WORKLOAD_IDENTITY_AUDIENCE", "x"), "token of its own");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void read_blankValue_isRefusedEvenWhereAnotherWins(String blank) {
        assertRefused(
                Map.of(ON, "true", "TFC_ACME_PLAN_ROLE", "r", "TFC_DEFAULT_ACME_RUN_ROLE", blank),
                "TFC_DEFAULT_ACME_RUN_ROLE is set and empty");
    }

    @Test
    void read_manyProblems_areCut() {
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < 103; i++) {
            variables.put(ON + "_" + i, "TRUE");
        }

        assertRefused(variables, "\nand 3 more");
    }

    @Test
    void read_moreConfigurationsThanARunMayHave_isRefused() {
        Map<String, String> variables = new HashMap<>(Map.of("TFC_DEFAULT_ACME_RUN_ROLE", "r"));
        for (int i = 0; i < 64; i++) {
            variables.put(ON + "_" + i, "true");
        }
        assertThat(read(Phase.PLAN, variables)).hasSize(64);

        variables.put(ON, "true");
        assertRefused(variables, "at most 64 configurations; these variables turn on 65");
    }

    @Test
    void read_longTag_isRefused() {
        Map<String, String> variables = Map.of(ON + "_" + "x".repeat(64), "true", "TFC_DEFAULT_ACME_RUN_ROLE", "r");
        assertThat(read(Phase.PLAN, variables)).hasSize(1);

        assertRefused(Map.of(ON + "_" + "x".repeat(65), "true"), "a tag of 1 to 64 letters");
    }

    @Test
    void read_hostOfStrangeNames_isRefusedWithoutALookAtEach() {
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            variables.put("TFC_STRANGE_" + i, "x");
        }

        assertRefused(variables, "There are 500 or more variables that begin with TFC_");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TFC_ACME_PROVIDER_AUTH\nERROR", "TFC_ACME_\u202eX", "1"})
    void read_nameThatIsNone_isRefusedAndQuoted(String name) {
        assertRefused(Map.of(name, "x"), "has at most 255 letters");
        assertThatThrownBy(() -> read(Phase.PLAN, Map.of(name, "x"))).hasMessageNotContaining("\n");
    }

    @Test
    void read_severalProblems_areSaidAtOnce() {
        assertRefused(
                Map.of(ON, "true", "TFC_ACME_ROLL", "x", "TFC_NOPE_PROVIDER_AUTH", "true"),
                "TFC_NOPE_PROVIDER_AUTH",
                "TFC_ACME_RUN_ROLE");
    }

    @ParameterizedTest
    @CsvSource({
        "strict, , TFC_ACME_KEY is required while TFC_ACME_PROVIDER_AUTH is \"true\" (in strict mode)",
        "lax, k, TFC_ACME_KEY has no effect in lax mode"
    })
    void read_settingThatDependsOnAnother_isRequiredOrVoid(String mode, @Nullable String key, String text) {
        Map<String, String> variables = new HashMap<>(Map.of(ON, "true", "TFC_ACME_MODE", mode));
        if (key != null) {
            variables.put("TFC_ACME_KEY", key);
        }
        // Beside what is missing anyway.
        assertRefused(variables, text, "TFC_ACME_RUN_ROLE or TFC_ACME_PLAN_ROLE is required");
    }

    @Test
    void read_defaultOfASettingThatIsVoid_doesNoHarm() {
        assertThat(role(
                        Phase.PLAN,
                        Map.of(
                                ON,
                                "true",
                                "TFC_ACME_RUN_ROLE",
                                "r",
                                "TFC_ACME_MODE",
                                "lax",
                                "TFC_DEFAULT_ACME_KEY",
                                "k")))
                .isEqualTo("TFC_ACME_RUN_ROLE=r");
    }

    @Test
    void read_emptyValue_hidesNoOtherProblem() {
        assertRefused(
                Map.of(ON, "true", "TFC_ACME_MODE", " ", "TFC_ACME_KEY", ""),
                "TFC_ACME_MODE is set and empty",
                "TFC_ACME_KEY is set and empty",
                "TFC_ACME_RUN_ROLE or TFC_ACME_PLAN_ROLE is required");
    }

    @Test
    void read_provenance_namesVariablesAndNoValues() {
        Configuration<?> configuration = read(
                        Phase.QUERY,
                        Map.of(ON, "true", "TFC_DEFAULT_ACME_PLAN_ROLE", "s3cret", "TFC_ACME_AUTH_PATH", "s3cret"))
                .get(0);

        assertThat(configuration.provenance())
                .isEqualTo(Map.of(
                        "ROLE",
                        "TFC_DEFAULT_ACME_PLAN_ROLE",
                        "AUTH_PATH",
                        "TFC_ACME_AUTH_PATH",
                        "MODE",
                        "the default"));
        assertThat(configuration.toString())
                .contains("ROLE=TFC_DEFAULT_ACME_PLAN_ROLE")
                .doesNotContain("s3cret");
    }

    @Test
    void require_wrongForm_namesVariableRuleAndValue() {
        assertThatThrownBy(() -> new Setting("TFC_X", "v").require(String::isEmpty, "an address"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("TFC_X must be an address; it was \"v\"");
    }

    private static String role(Phase phase, Map<String, String> variables) {
        return read(phase, variables).get(0).platform().exchanger().audience();
    }

    private static List<Configuration<?>> read(Phase phase, Map<String, String> variables) {
        Workload workload =
                TerraformRun.builder("o", "p", "w", "r").phase(phase).build();
        return TerraformVariables.read(variables, workload, List.of(new AcmeProvider()));
    }

    private static void assertRefused(Map<String, String> variables, String... texts) {
        assertThatThrownBy(() -> read(Phase.PLAN, variables))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(texts);
    }

    /** A platform whose exchanger tells, as its audience, which variable gave the role. */
    private static final class AcmeProvider implements CredentialProvider {
        private static final SettingRule ROLE =
                SettingRule.builder("ROLE", "the role").perPhase().required().build();
        private static final SettingRule MODE =
                SettingRule.builder("MODE", "the mode").defaultsTo("normal").build();
        private static final SettingRule KEY = SettingRule.builder("KEY", "the key")
                .requiredWhen("in strict mode", settings -> settings.is(MODE, "strict"))
                .voidWhen("in lax mode", settings -> settings.is(MODE, "lax"))
                .build();
        private static final VariableFamily FAMILY = VariableFamily.builder("ACME")
                .rules(ROLE, SettingRule.builder("AUTH_PATH", "the path").build(), MODE, KEY)
                .build();

        @Override
        public VariableFamily family() {
            return FAMILY;
        }

        @Override
        public ConfiguredPlatform<?> configure(PlatformSettings settings, Workload workload) {
            Setting role = settings.required(ROLE);
            return new ConfiguredPlatform<>(
                    workload,
                    new AcmeExchanger(role.variable() + "=" + role.value()),
                    (credentials, token, environment) -> {});
        }
    }

    private record AcmeExchanger(String audience) implements CredentialExchanger<Credentials> {
        @Override
        public String platform() {
            return "Acme";
        }

        @Override
        public Credentials exchange(IdentityToken token) {
            throw new UnsupportedOperationException();
        }
    }
}
