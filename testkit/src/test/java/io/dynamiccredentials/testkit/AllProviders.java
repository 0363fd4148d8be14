package io.dynamiccredentials.testkit;

import io.dynamiccredentials.aws.AwsProvider;
import io.dynamiccredentials.azure.AzureProvider;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.gcp.GcpProvider;
import io.dynamiccredentials.handover.HcpProvider;
import io.dynamiccredentials.handover.KubernetesProvider;
import io.dynamiccredentials.handover.ManualTokenProvider;
import io.dynamiccredentials.handover.TencentCloudProvider;
import io.dynamiccredentials.vault.VaultBackedProvider;
import io.dynamiccredentials.vault.VaultProvider;
import java.net.URI;
import java.util.List;

/** Every provider that there is, for tests that read variables and speak to no platform. */
final class AllProviders {
    private static final List<CredentialProvider> ALL = all();

    private AllProviders() {}

    static List<CredentialProvider> list() {
        return ALL;
    }

    private static List<CredentialProvider> all() {
        VaultProvider vault =
                VaultProvider.builder(URI.create("https://vault.example:8200")).build();
        return List.of(
                AwsProvider.builder("eu-central-1").build(),
                GcpProvider.builder().build(),
                AzureProvider.builder().build(),
                vault,
                VaultBackedProvider.aws(vault),
                VaultBackedProvider.gcp(vault),
                VaultBackedProvider.azure(vault),
                KubernetesProvider.create(),
                HcpProvider.create(),
                TencentCloudProvider.create(),
                ManualTokenProvider.create());
    }
}
