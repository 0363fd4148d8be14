package io.dynamiccredentials.azure;

import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.config.SettingRule;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads what both the settings of a configuration and the workspace's own {@code ARM_*} variables may say.
 *
 * <p>The first of these wins: a setting of the configuration itself, the variable of the workspace, a default of the
 * settings. What the configuration and the workspace say must agree, unless the configuration is tagged: then the
 * variable may be about another one, and Terraform learns from the input what this one has.
 */
final class AzureWorkspace {
    static final String ARM_TENANT = "ARM_TENANT_ID";
    static final String AZURE_TENANT = "AZURE_TENANT_ID";
    static final String ARM_SUBSCRIPTION = "ARM_SUBSCRIPTION_ID";
    static final String ARM_ENVIRONMENT = "ARM_ENVIRONMENT";

    /** Variables by which a workspace could have Terraform ask another host where tokens are sent. */
    private static final List<String> REDIRECTING = List.of("ARM_METADATA_HOSTNAME", "ARM_METADATA_HOST");

    private final PlatformSettings settings;

    AzureWorkspace(PlatformSettings settings) {
        this.settings = settings;
    }

    /** Returns which of the variables that a run may need are set. */
    Set<String> variables() {
        return Stream.of(ARM_TENANT, AZURE_TENANT, ARM_SUBSCRIPTION, ARM_ENVIRONMENT)
                .filter(name -> settings.workspaceVariable(name).isPresent())
                .collect(Collectors.toSet());
    }

    /** Returns the tenant; {@code ofHost} is for workspaces that name none. */
    String tenant(Optional<String> ofHost) {
        String tenant = chosen(ARM_TENANT, AzureRules.TENANT, AzureRules.TEST_TENANT)
                .map(setting -> setting.require(AzureFederatedExchanger::isTenant, AzureFederatedExchanger.TENANT_FORM))
                .or(() -> ofHost)
                .orElseThrow(() -> new IllegalArgumentException(ARM_TENANT + " is required while "
                        + settings.switchVariable()
                        + " is \"true\". Set it or DYNAMIC_CREDENTIALS_AZURE_TENANT_ID in the "
                        + "workspace, or let the host give its runs a tenant (AzureProvider.builder().tenantId)"));
        if (speaksOfThis(AzureRules.TENANT, AzureRules.TEST_TENANT)) {
            requireSame(
                    AZURE_TENANT,
                    tenant,
                    "the same tenant as the run's, \"" + tenant + "\", and written the same way, or absent");
        }
        return tenant;
    }

    /** Returns the subscription, if anybody names one. */
    Optional<String> subscription() {
        return chosen(ARM_SUBSCRIPTION, AzureRules.SUBSCRIPTION, AzureRules.TEST_SUBSCRIPTION)
                .map(Setting::value);
    }

    /**
     * Refuses a workspace whose variables would send the identity token elsewhere.
     *
     * @param cloud where the host sends it; empty for an address of the host's own
     */
    void requireNoDetour(Optional<AzureCloud> cloud) {
        REDIRECTING.forEach(variable -> settings.requireNoDetour(variable, Set.of()));
        if (cloud.isPresent() && speaksOfThis(AzureRules.CLOUD)) {
            String id = cloud.get().id();
            requireSame(
                    ARM_ENVIRONMENT,
                    id,
                    "absent or \"" + id + "\", as the run's cloud is (DYNAMIC_CREDENTIALS_AZURE_CLOUD)");
        }
    }

    private Optional<Setting> chosen(String variable, SettingRule rule, SettingRule ofTest) {
        List<Setting> explicit = Stream.of(rule, ofTest)
                .flatMap(either -> settings.explicit(either).stream())
                .toList();
        for (Setting other : explicit) {
            requireAgreement(explicit.get(0), other);
        }
        Optional<Setting> ofWorkspace = settings.workspaceVariable(variable);
        if (explicit.isEmpty()) {
            return ofWorkspace.or(() -> settings.optional(rule));
        }
        if (speaksOfThis(rule, ofTest)) {
            ofWorkspace.ifPresent(own -> requireAgreement(explicit.get(0), own));
        }
        return Optional.of(explicit.get(0));
    }

    private static void requireAgreement(Setting setting, Setting other) {
        other.require(
                setting.value()::equalsIgnoreCase,
                "absent or \"" + setting.value() + "\", as " + setting.variable() + " is");
    }

    private void requireSame(String variable, String value, String expected) {
        settings.workspaceVariable(variable).ifPresent(own -> own.require(value::equalsIgnoreCase, expected));
    }

    /** Tells whether the variables of the workspace are about this configuration. */
    private boolean speaksOfThis(SettingRule... rules) {
        return settings.tag().isEmpty()
                || Stream.of(rules).allMatch(rule -> settings.explicit(rule).isEmpty());
    }
}
