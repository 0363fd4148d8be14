package io.dynamiccredentials.azure;

import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;

/** What can be set about Azure. */
final class AzureRules {
    private static final String GUID_FORM = "an id such as \"11111111-2222-3333-4444-555555555555\"";

    static final SettingRule CLIENT = SettingRule.builder("CLIENT_ID", "the client id of the application")
            .perPhase()
            .required()
            .form(AzureFederatedExchanger::isGuid, AzureFederatedExchanger.CLIENT_FORM)
            .build();
    static final SettingRule AUDIENCE = SettingRule.builder(
                    "WORKLOAD_IDENTITY_AUDIENCE", "the audience of the token, that of the federated credential")
            .defaultsTo(AzureFederatedExchanger.STANDARD_AUDIENCE + ", or the cloud's own")
            .form(AzureFederatedExchanger::isAudience, AzureFederatedExchanger.EXPECTED_AUDIENCE)
            .build();
    // HCP Terraform sets these two for tests of modules, and knows no other names of them.
    static final SettingRule TEST_TENANT = SettingRule.builder(
                    "RUN_TENANT_ID", "the tenant, as HCP Terraform gives it to tests of modules")
            .withoutDefaultTwin()
            .form(AzureFederatedExchanger::isTenant, AzureFederatedExchanger.TENANT_FORM)
            .build();
    static final SettingRule TEST_SUBSCRIPTION = SettingRule.builder(
                    "RUN_SUBSCRIPTION_ID", "the subscription, as HCP Terraform gives it to tests of modules")
            .withoutDefaultTwin()
            .form(AzureFederatedExchanger::isGuid, GUID_FORM)
            .build();
    static final SettingRule TENANT = SettingRule.builder("TENANT_ID", "the tenant's id or domain")
            .beyondTerraform()
            .requiredWhen("unless ARM_TENANT_ID or the host gives a tenant")
            .form(AzureFederatedExchanger::isTenant, AzureFederatedExchanger.TENANT_FORM)
            .build();
    static final SettingRule SUBSCRIPTION = SettingRule.builder("SUBSCRIPTION_ID", "the id of the subscription")
            .beyondTerraform()
            .form(AzureFederatedExchanger::isGuid, GUID_FORM)
            .build();
    static final SettingRule CLOUD = SettingRule.builder("CLOUD", "the cloud, one of those that the host allows")
            .beyondTerraform()
            .defaultsTo(AzureCloud.PUBLIC.id())
            .form(id -> AzureCloud.named(id).isPresent(), "\"public\", \"usgovernment\" or \"china\"")
            .build();
    static final SettingRule SCOPE = SettingRule.builder(
                    "SCOPE", "the scope of the access token that proves the identity; the run does not receive it")
            .beyondTerraform()
            .defaultsTo("the Resource Manager of the cloud")
            .form(AzureFederatedExchanger::isScope, AzureFederatedExchanger.EXPECTED_SCOPE)
            .build();
    static final SettingRule EXPECTED_TENANT = SettingRule.builder(
                    "EXPECTED_TENANT_ID", "the id of the tenant that any other is refused for")
            .beyondTerraform()
            .form(AzureFederatedExchanger::isGuid, GUID_FORM)
            .build();
    static final VariableFamily FAMILY = VariableFamily.builder("AZURE")
            .rules(CLIENT, AUDIENCE, TEST_TENANT, TEST_SUBSCRIPTION)
            .rules(TENANT, SUBSCRIPTION, CLOUD, SCOPE, EXPECTED_TENANT)
            .input("tfc_azure_dynamic_credentials", "client_id_file_path", "oidc_token_file_path")
            .moreInputFields("tenant_id", "subscription_id", "environment")
            .build();

    private AzureRules() {}
}
