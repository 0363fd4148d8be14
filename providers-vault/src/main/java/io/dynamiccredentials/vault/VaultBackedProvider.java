package io.dynamiccredentials.vault;

import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.workload.Workload;

/**
 * Plugs in credentials of AWS, Google Cloud or Azure that secrets engines of Vault make. Reads the variables
 * {@code TFC_VAULT_BACKED_AWS_…}, {@code TFC_VAULT_BACKED_GCP_…} or {@code TFC_VAULT_BACKED_AZURE_…}.
 *
 * <p>Each configuration logs in by itself, with the settings of the Vault configuration that its {@code VAULT_CONFIG}
 * names, or of the untagged one, which must be on and gives the run a Vault token as always. Neither the identity token
 * nor the Vault token of this further login reaches the run: the run gets what the engine made, which lives as long as
 * the run. The library renews the Vault token and the lease meanwhile.
 *
 * <p>In the end the lease is revoked and then the token. Vault's {@code default} policy does not allow the first; then
 * Vault ends the lease by itself, after the token, and nobody hears of the outcome: add {@code update} on
 * {@code sys/leases/revoke} to the policies of the login's role for a confirmed end. Sessions of AWS and access tokens
 * of Google live on until their own end, whatever Vault is told. Safe for use by many threads.
 */
public final class VaultBackedProvider implements CredentialProvider {
    private final VaultProvider vault;
    private final VaultBackedPlatform platform;

    private VaultBackedProvider(VaultProvider vault, VaultBackedPlatform platform) {
        this.vault = vault;
        this.platform = platform;
    }

    /**
     * Returns a provider of keys of AWS: of an IAM user, an assumed role or a federation token. Gives a run
     * {@code AWS_ACCESS_KEY_ID}, {@code AWS_SECRET_ACCESS_KEY} and, for the latter two, {@code AWS_SESSION_TOKEN}.
     */
    public static VaultBackedProvider aws(VaultProvider vault) {
        return new VaultBackedProvider(vault, new VaultBackedAws());
    }

    /**
     * Returns a provider of access tokens and keys of service accounts of Google Cloud. Gives a run
     * {@code GOOGLE_OAUTH_ACCESS_TOKEN} and {@code CLOUDSDK_AUTH_ACCESS_TOKEN}, or the file that
     * {@code GOOGLE_APPLICATION_CREDENTIALS} and {@code CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE} name. Shuts the way to
     * the machine's own identity with {@code CLOUDSDK_CORE_CHECK_GCE_METADATA}, and where the run has no such file with
     * {@code GOOGLE_APPLICATION_CREDENTIALS=/dev/null}.
     */
    public static VaultBackedProvider gcp(VaultProvider vault) {
        return new VaultBackedProvider(vault, new VaultBackedGcp());
    }

    /**
     * Returns a provider of client secrets of Azure. Gives a run {@code ARM_CLIENT_ID} and {@code ARM_CLIENT_SECRET};
     * the {@code AZURE_*} variables of Microsoft's SDKs if the workspace names the tenant by {@code ARM_TENANT_ID} or
     * {@code AZURE_TENANT_ID}; and {@code ARM_USE_CLI} and {@code ARM_USE_MSI}, which shut the way to the machine's own
     * identity.
     */
    public static VaultBackedProvider azure(VaultProvider vault) {
        return new VaultBackedProvider(vault, new VaultBackedAzure());
    }

    @Override
    public VariableFamily family() {
        return platform.family();
    }

    @Override
    public ConfiguredPlatform<?> configure(PlatformSettings settings, Workload workload) {
        PlatformSettings login = settings.of(
                VaultProvider.FAMILY,
                settings.optional(VaultBackedSettings.VAULT_CONFIG).map(Setting::value));
        return platform.configure(settings, workload, vault.connect(login));
    }
}
