package io.dynamiccredentials.handover;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.environment.LoopbackAnswer;
import io.dynamiccredentials.environment.LoopbackScript;
import io.dynamiccredentials.exchange.HandedOnToken;
import io.dynamiccredentials.exchange.TokenHandover;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.workload.Workload;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Plugs Kubernetes in, for clusters whose API server takes OpenID Connect tokens of the host's issuer. Reads
 * {@code TFC_KUBERNETES_WORKLOAD_IDENTITY_AUDIENCE}, which has no default; gives a run {@code KUBE_TOKEN}, a file
 * {@code kubernetes-token} with the same token, and the Terraform input {@code tfc_kubernetes_dynamic_credentials},
 * which names the file.
 *
 * <p>With {@link Delivery#BROKER} there is no {@code KUBE_TOKEN}, which tools would prefer and which no process sees
 * change. Instead {@code KUBE_EXEC_SCRIPT} names a script that prints an {@code ExecCredential}
 * ({@code client.authentication.k8s.io/v1}) with the newest token, for a {@code kubeconfig} or a Terraform provider
 * that asks a command:
 *
 * <pre>{@code
 * users:
 *   - name: run
 *     user:
 *       exec:
 *         apiVersion: client.authentication.k8s.io/v1
 *         command: /bin/sh
 *         args: ["-c", "exec /bin/sh \"$KUBE_EXEC_SCRIPT\""]
 *         interactiveMode: Never
 * }</pre>
 *
 * <p>Of several configurations each has its script, {@code kubernetes-exec.sh_TAG} beside the file of its token, and no
 * variable names it.
 *
 * <p>Which cluster the run's tools talk to is in the run's own code or in {@code KUBE_HOST}, as HCP Terraform has it:
 * the token goes there. So give each cluster an audience of its own. Immutable.
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

    private final Delivery delivery;

    private KubernetesProvider(Builder builder) {
        this.delivery = builder.delivery;
    }

    /** Returns a provider that delivers by {@link Delivery#FILES}. */
    public static KubernetesProvider create() {
        return builder().build();
    }

    /** Starts a provider. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public VariableFamily family() {
        return FAMILY;
    }

    @Override
    public ConfiguredPlatform<HandedOnToken> configure(PlatformSettings settings, Workload workload) {
        TokenHandover handover =
                new TokenHandover("Kubernetes", settings.required(AUDIENCE).value());
        return new ConfiguredPlatform<>(workload, handover, (credentials, token, environment) -> {
            String file = environment.file("kubernetes-token", token.compact()).toString();
            environment.input("token_path", file);
            if (delivery == Delivery.BROKER) {
                renderScript(token, environment);
            } else {
                environment.secretVariable("KUBE_TOKEN", token.compact());
            }
        });
    }

    private static void renderScript(IdentityToken token, ConfigurationEnvironment environment) {
        LoopbackAnswer answer = LoopbackAnswer.json(execCredential(token), token.expiresAt());
        LoopbackScript script =
                LoopbackScript.write(environment, "kubernetes-exec", environment.endpoint("kubernetes-exec", answer));
        environment.variable("KUBE_EXEC_SCRIPT", script.file().toString());
    }

    private static Secret execCredential(IdentityToken token) {
        Map<String, Object> status = new LinkedHashMap<>();
        status.put(
                "expirationTimestamp",
                token.expiresAt().truncatedTo(ChronoUnit.SECONDS).toString());
        status.put("token", token.compact().reveal());
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("apiVersion", "client.authentication.k8s.io/v1");
        members.put("kind", "ExecCredential");
        members.put("status", status);
        return Secret.of(StrictJson.write(members));
    }

    /** Collects the settings of a provider. Not safe for use by several threads. */
    public static final class Builder {
        private Delivery delivery = Delivery.FILES;

        private Builder() {}

        /**
         * Sets how runs come by the token. Default {@link Delivery#FILES}, which also sets {@code KUBE_TOKEN}.
         *
         * @throws IllegalArgumentException if it is neither that nor {@link Delivery#BROKER}
         */
        public Builder delivery(Delivery delivery) {
            this.delivery = delivery.requireOneOf(Set.of(Delivery.FILES, Delivery.BROKER), "Kubernetes");
            return this;
        }

        /** Returns the provider. */
        public KubernetesProvider build() {
            return new KubernetesProvider(this);
        }
    }
}
