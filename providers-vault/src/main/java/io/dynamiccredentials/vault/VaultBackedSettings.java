package io.dynamiccredentials.vault;

import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.SettingRule;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The settings that several kinds of Vault-backed credentials share. */
final class VaultBackedSettings {
    static final String EXPECTED_NAME =
            "letters, digits, \"-\", \"_\", and single dots and \"@\" inside, such as \"deploy\"";

    private static final int LONGEST_SLEEP = 1500;

    // No dot at either end and no "..": it becomes a part of a path.
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]++(?:[.@][A-Za-z0-9_-]++)*+");

    static final SettingRule VAULT_CONFIG = SettingRule.builder(
                    "VAULT_CONFIG", "the tag of the Vault configuration that it logs in with")
            .defaultsTo("the untagged one")
            .form(EngineMembers.matching(Pattern.compile("[A-Za-z0-9_]{1,100}")), "the tag of a Vault configuration")
            .build();
    static final SettingRule SLEEP_SECONDS = SettingRule.builder(
                    "SLEEP_SECONDS", "how many seconds new credentials need until they work everywhere")
            .defaultsTo("0")
            .form(WholeSeconds.between(0, LONGEST_SLEEP), WholeSeconds.expected(0, LONGEST_SLEEP))
            .build();
    static final SettingRule VAULT_ROLE = SettingRule.builder("VAULT_ROLE", "the role in the secrets engine")
            .perPhase()
            .required()
            .form(engineName(), EXPECTED_NAME)
            .build();

    private VaultBackedSettings() {}

    /** Returns the rule of the path at which an engine is mounted. */
    static SettingRule mountPath(String standard) {
        return SettingRule.builder("MOUNT_PATH", "the path at which the secrets engine is mounted")
                .defaultsTo(standard)
                .form(VaultJwtExchanger::isPath, VaultJwtExchanger.EXPECTED_PATH)
                .build();
    }

    static Predicate<String> engineName() {
        return text -> BoundedForm.matches(NAME, text);
    }

    static String mount(PlatformSettings settings, SettingRule rule) {
        return settings.optional(rule)
                .map(setting -> VaultJwtExchanger.withoutSlash(setting.value()))
                .or(rule::defaultValue)
                .orElseThrow();
    }

    static Duration settling(PlatformSettings settings) {
        return settings.optional(SLEEP_SECONDS).map(WholeSeconds::of).orElse(Duration.ZERO);
    }
}
