package io.dynamiccredentials.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.exchange.TokenHandover;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import io.dynamiccredentials.workload.Workload;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VariableFamilyTest {
    private static final SettingRule ROLE =
            SettingRule.builder("ROLE", "the role").perPhase().required().build();

    @ParameterizedTest
    @ValueSource(strings = {"", "aws", "AWS_", "_AWS", "A B", "1A", "A__B"})
    void builder_malformedWordOrName_isRefused(String name) {
        assertThatThrownBy(() -> VariableFamily.builder(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + name + "\"");
        assertThatThrownBy(() -> SettingRule.builder(name, "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + name + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"DEFAULT", "DEFAULT_ACME"})
    void builder_wordThatMeansDefaults_isRefused(String word) {
        assertThatThrownBy(() -> VariableFamily.builder(word))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not DEFAULT");
    }

    @Test
    void builder_malformedSwitchOrInput_isRefused() {
        assertThatThrownBy(() -> VariableFamily.builder("ACME").switchName("on"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"on\"");
        assertThatThrownBy(() -> VariableFamily.builder("ACME").input("my input"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"my input\"");
    }

    @Test
    void build_settingThatATagCouldMakeOfAnother_isRefused() {
        SettingRule channel = SettingRule.builder("CHANNEL", "x").build();
        SettingRule name = SettingRule.builder("CHANNEL_NAME", "x").build();
        SettingRule runRole = SettingRule.builder("RUN_ROLE", "x").build();

        assertThatThrownBy(() ->
                        VariableFamily.builder("ACME").rules(channel, name).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TFC_ACME_CHANNEL and TFC_ACME_CHANNEL_NAME could be mistaken");
        assertThatThrownBy(() ->
                        VariableFamily.builder("ACME").rules(ROLE, runRole).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("could be mistaken");
    }

    @Test
    void required_twice_isRefused() {
        SettingRule.Builder rule = SettingRule.builder("ROLE", "the role").required();

        assertThatThrownBy(() -> rule.requiredWhen("on Sundays"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "The setting ROLE is required by one rule; it had \"yes\" and was given \"on Sundays\" too");
    }

    @Test
    void build_sameSettingTwice_isRefused() {
        assertThatThrownBy(
                        () -> VariableFamily.builder("ACME").rules(ROLE, ROLE).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Each setting of ACME needs a name of its own; they are [ROLE, ROLE]");
    }

    @Test
    void build_nothingTurnsItOn_isRefused() {
        assertThatThrownBy(() -> VariableFamily.builder("ACME").withoutSwitch().build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs a switch or a required setting");
    }

    @Test
    void read_settingThatIsNotDeclared_isAMistakeOfTheProvider() {
        VariableFamily family = VariableFamily.builder("ACME").build();
        PlatformSettings settings =
                new PlatformSettings(family, "", Phase.PLAN, Map.of("TFC_ACME_RUN_ROLE", "r"), Map.of());

        assertThatThrownBy(() -> settings.optional(ROLE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("The setting ROLE must be declared by ACME to be read; it has []");
    }

    @Test
    void settling_outsideItsBounds_isRefused() {
        Workload run = TerraformRun.builder("o", "p", "w", "r").build();
        TokenHandover exchanger = new TokenHandover("Acme", "acme");

        for (Duration bad : List.of(Duration.ofSeconds(-1), Duration.ofSeconds(1501))) {
            assertThatThrownBy(() -> new ConfiguredPlatform<>(run, exchanger, (c, t, e) -> {}).settlingFor(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0 to 1500 seconds");
        }
        assertThatCode(() ->
                        new ConfiguredPlatform<>(run, exchanger, (c, t, e) -> {}).settlingFor(Duration.ofMinutes(25)))
                .doesNotThrowAnyException();
    }

    @Test
    void markdown_family_hasARowForEachVariable() {
        SettingRule own = SettingRule.builder("MODE", "the mode | not more")
                .beyondTerraform()
                .requiredWhen("on Sundays")
                .defaultsTo("normal")
                .form(String::isEmpty, "nothing")
                .build();
        VariableFamily family = VariableFamily.builder("ACME")
                .rules(
                        ROLE,
                        own,
                        SettingRule.builder("ONE", "the one")
                                .withoutDefaultTwin()
                                .build())
                .input("tfc_acme_dynamic_credentials", "a", "b")
                .moreInputFields("c")
                .build();

        assertThat(VariableReference.markdown(List.of(provider(family)))).isEqualTo("""

                ## ACME

                Terraform's input: `tfc_acme_dynamic_credentials`, each configuration with `a`, `b`; with variables of our own also `c`, which a type names as `optional(string)`.

                | variable | required | default | form | meaning |
                |---|---|---|---|---|
                | `TFC_ACME_PROVIDER_AUTH[_TAG]` | to turn it on | `false` | `true` or `false` | turns a configuration on |
                | `TFC_ACME_{RUN,PLAN,APPLY}_ROLE[_TAG]`<br>`TFC_DEFAULT_ACME_{RUN,PLAN,APPLY}_ROLE` | yes | none | any text | the role |
                | `DYNAMIC_CREDENTIALS_ACME_MODE[_TAG]`<br>`DYNAMIC_CREDENTIALS_DEFAULT_ACME_MODE` | on Sundays | `normal` | nothing | the mode \\| not more |
                | `TFC_ACME_ONE[_TAG]` | no | none | any text | the one |
                """);
    }

    private static CredentialProvider provider(VariableFamily family) {
        return new CredentialProvider() {
            @Override
            public VariableFamily family() {
                return family;
            }

            @Override
            public ConfiguredPlatform<?> configure(PlatformSettings settings, Workload workload) {
                throw new UnsupportedOperationException();
            }
        };
    }
}
