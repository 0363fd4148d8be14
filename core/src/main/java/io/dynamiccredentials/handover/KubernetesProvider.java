package io.dynamiccredentials.handover;

import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.exchange.HandedOnToken;
import io.dynamiccredentials.exchange.TokenHandover;
import io.dynamiccredentials.workload.Workload;

/**
 * Plugs Kubernetes in, for clusters whose API server takes OpenID Connect tokens of the host's issuer. Reads
 * {@code TFC_KUBERNETES_WORKLOAD_IDENTITY_AUDIENCE}, which has no default; gives a run {@code KUBE_TOKEN}, a file
 * {@code kubernetes-token} with the same token, and the Terraform input {@code tfc_kubernetes_dynamic_credentials}.
 *
 * <p>Which cluster the run's tools talk to is in the run's own code or in {@code KUBE_HOST}, as HCP Terraform has it:
 * the token goes there. So give each cluster an audience of its own. The token is not renewed, and ends with its
 * {@code exp}. Immutable.
 */
public final class KubernetesProvider implements CredentialProvider {
    private static final SettingRule AUDIENCE = SettingRule.builder(
                    "WORKLOAD_IDENTITY_AUDIENCE",
                    "the audience of the token, the client id in the cluster's OpenID Connect configuration")
            .required()
            .form(Audience::isWellFormed, Audience.EXPECTED)
            .build();
    private static final VariableFamily FAMILY = VariableFamily.builder("KUBERNETES")
            .rules(AUDIENCE)
            .input("tfc_kubernetes_dynamic_credentials", "token_path")
            .build();

    private KubernetesProvider() {}

    /** Returns a provider. */
    public static KubernetesProvider create() {
        return new KubernetesProvider();
    }

    @Override
    public VariableFamily family() {
        return FAMILY;
    }

    @Override
    public ConfiguredPlatform<HandedOnToken> configure(PlatformSettings settings, Workload workload) {
        TokenHandover handover =
                new TokenHandover("Kubernetes", settings.required(AUDIENCE).value());
        return new ConfiguredPlatform<>(
                workload,
                handover,
                (credentials, token, environment) -> environment
                        .secretVariable("KUBE_TOKEN", token.compact())
                        .input(
                                "token_path",
                                environment
                                        .file("kubernetes-token", token.compact())
                                        .toString()));
    }
}
