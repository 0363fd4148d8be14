package io.dynamiccredentials.handover;

import static io.dynamiccredentials.handover.Handovers.JWT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.environment.LoopbackAnswer;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.fixtures.RecordedEndpoints;
import io.dynamiccredentials.fixtures.Rendering;
import io.dynamiccredentials.workload.Phase;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KubernetesProviderTest {
    private static final String ON = "TFC_KUBERNETES_PROVIDER_AUTH";
    private static final String AUDIENCE = "TFC_KUBERNETES_WORKLOAD_IDENTITY_AUDIENCE";

    private final KubernetesProvider provider = KubernetesProvider.create();

    @TempDir
    private Path directory = Path.of("");

    @Test
    void render_soleConfiguration_setsVariableFileAndInput() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = Handovers.render(provider, Map.of(ON, "true", AUDIENCE, "kubernetes"), run);

            Path file = run.path().resolve("kubernetes-token");
            assertThat(Handovers.values(environment)).isEqualTo(Map.of("KUBE_TOKEN", JWT));
            assertThat(environment.files()).containsExactly(file);
            assertThat(file).hasContent(JWT);
            assertThat(Handovers.input(environment, "tfc_kubernetes_dynamic_credentials"))
                    .isEqualTo("{\"default\":{\"token_path\":\"" + file + "\"},\"aliases\":{}}");
        }
    }

    @Test
    void render_tagged_setsNoVariable() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment =
                    Handovers.render(provider, Map.of(ON + "_Blue", "true", AUDIENCE + "_Blue", "blue"), run);

            assertThat(environment.variables()).isEmpty();
            assertThat(Handovers.input(environment, "tfc_kubernetes_dynamic_credentials"))
                    .isEqualTo("{\"default\":null,\"aliases\":{\"Blue\":{\"token_path\":\""
                            + run.path().resolve("kubernetes-token_Blue") + "\"}}}");
        }
    }

    @Test
    void render_broker_setsAScriptAndNoToken() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            RecordedEndpoints endpoints = new RecordedEndpoints();
            Configuration<?> configuration = Handovers.only(broker(), Map.of(ON, "true", AUDIENCE, "kubernetes"));
            RunEnvironment environment = Rendering.only(configuration, Handovers.token(configuration), run, endpoints);

            Path script = run.path().resolve("kubernetes-exec.sh");
            assertThat(Handovers.values(environment)).isEqualTo(Map.of("KUBE_EXEC_SCRIPT", script.toString()));
            assertThat(endpoints.body("kubernetes-exec"))
                    .isEqualTo(
                            "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":"
                                    + "{\"expirationTimestamp\":\"2026-03-01T13:00:00Z\",\"token\":\"" + JWT + "\"}}");
            assertThat(endpoints.answers().values())
                    .extracting(LoopbackAnswer::expiresAt)
                    .containsExactly(Handovers.END);
            assertThat(run.path().resolve("kubernetes-token")).hasContent(JWT);
            assertThat(Handovers.input(environment, "tfc_kubernetes_dynamic_credentials"))
                    .contains(run.path().resolve("kubernetes-token").toString());
        }
    }

    @Test
    void render_brokerTagged_hasItsScriptAndNoVariable() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment =
                    Handovers.render(broker(), Map.of(ON + "_Blue", "true", AUDIENCE + "_Blue", "blue"), run);

            assertThat(environment.variables()).isEmpty();
            assertThat(environment.files()).contains(run.path().resolve("kubernetes-exec.sh_Blue"));
        }
    }

    @Test
    void delivery_variables_isRefused() {
        assertThatThrownBy(() -> KubernetesProvider.builder().delivery(Delivery.VARIABLES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be one of [files, broker]; it was \"variables\"");
    }

    @Test
    void factory_deliveryOfTheHost_reachesTheProvider() {
        CredentialProvider fromFactory = new HandoverProviderFactory()
                .create(Map.of("kubernetes.delivery", "broker"))
                .get(0);
        try (RunDirectory run = RunDirectory.create(directory)) {
            assertThat(Handovers.render(fromFactory, Map.of(ON, "true", AUDIENCE, "kubernetes"), run)
                            .variables())
                    .containsOnlyKeys("KUBE_EXEC_SCRIPT");
        }
        assertThatThrownBy(() -> new HandoverProviderFactory().create(Map.of("kubernetes.delivery", "Broker")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "kubernetes.delivery must be one of [files, broker, variables]; it was \"Broker\"");
    }

    private static KubernetesProvider broker() {
        return KubernetesProvider.builder().delivery(Delivery.BROKER).build();
    }

    @Test
    void configure_always_asksForATokenWithTheAudience() {
        assertThat(Handovers.audience(provider, Phase.APPLY, Map.of(ON, "true", AUDIENCE, "kubernetes")))
                .isEqualTo("kubernetes");
    }

    @Test
    void configure_noAudience_isRefused() {
        Handovers.assertRefused(provider, Map.of(ON, "true"), AUDIENCE + " is required");
    }

    @ParameterizedTest
    @ValueSource(strings = {"two words", "tab\tbed", "línea", "newline\n"})
    void configure_malformedAudience_isRefused(String audience) {
        Handovers.assertRefused(provider, Map.of(ON, "true", AUDIENCE, audience), AUDIENCE + " must be 1 to 255");
    }

    @Test
    void configure_longestAudience_isTakenAndOneMoreIsRefused() {
        Map<String, String> longest = Map.of(ON, "true", AUDIENCE, "a".repeat(255));

        assertThat(Handovers.audience(provider, Phase.PLAN, longest)).hasSize(255);
        Handovers.assertRefused(provider, Map.of(ON, "true", AUDIENCE, "a".repeat(256)), "1 to 255");
    }
}
