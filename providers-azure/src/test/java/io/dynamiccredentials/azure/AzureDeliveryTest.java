package io.dynamiccredentials.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.broker.CredentialBroker;
import io.dynamiccredentials.broker.CredentialBroker.LeaseEndpoints;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.ConfiguredPlatform.Renewal;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.environment.LoopbackEndpoints;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.fixtures.RecordedEndpoints;
import io.dynamiccredentials.fixtures.Rendering;
import io.dynamiccredentials.workload.TerraformRun;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How Terraform's providers come by the identity token, as the host chooses it. */
class AzureDeliveryTest {
    private static final AzureAccessCredentials CREDENTIALS =
            new AzureAccessCredentials(Secret.of(Samples.ACCESS_TOKEN), Samples.TENANT, Samples.CLIENT, Samples.NOW);
    private static final String AUDIENCE = "api%3A%2F%2FAzureADTokenExchange";

    @TempDir
    private Path directory = Path.of("");

    @Test
    void broker_only_setsTheRequestInPlaceOfTheFileOfTerraform() {
        RecordedEndpoints endpoints = new RecordedEndpoints();
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = render(run, endpoints);

            Secret file = Secret.of(run.path().resolve("azure-token").toString());
            assertThat(environment.variables())
                    .containsEntry(
                            "ARM_OIDC_REQUEST_URL",
                            Secret.of(RecordedEndpoints.ADDRESS + "/azure-token?audience=" + AUDIENCE))
                    .containsEntry("ARM_OIDC_REQUEST_TOKEN", RecordedEndpoints.BEARER)
                    .containsEntry("ARM_USE_OIDC", Secret.of("true"))
                    .containsEntry("AZURE_FEDERATED_TOKEN_FILE", file)
                    .doesNotContainKey("ARM_OIDC_TOKEN_FILE_PATH");
            assertThat(environment.terraformInputs().values())
                    .singleElement()
                    .satisfies(input -> assertThat(input.reveal()).contains(file.reveal()));
        }
        assertThat(endpoints.body("azure-token")).isEqualTo("{\"value\":\"" + Samples.JWT + "\"}");
        assertThat(endpoints.answers().values()).singleElement().satisfies(answer -> {
            assertThat(answer.audience()).hasValue("api://AzureADTokenExchange");
            assertThat(answer.expiresAt()).isEqualTo(Samples.token().expiresAt());
        });
    }

    /** What clients of GitHub Actions do with the address: take it as it is, or add an audience. */
    @ParameterizedTest
    @CsvSource({
        "'', 200",
        "'&audience=" + AUDIENCE + "', 200",
        "'&audience=api://AzureADTokenExchange', 200",
        "'&audience=sts.amazonaws.com', 403"
    })
    void broker_requestOfAClient_getsTheTokenForItsAudienceOnly(String added, int status) throws Exception {
        try (CredentialBroker broker = CredentialBroker.of(Clock.fixed(Samples.NOW, ZoneOffset.UTC));
                LeaseEndpoints endpoints = broker.open((endpoint, outcome) -> {});
                RunDirectory run = RunDirectory.create(directory)) {
            Map<String, Secret> variables = render(run, endpoints).variables();

            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(reveal(variables, "ARM_OIDC_REQUEST_URL") + added))
                                    .header("Authorization", "bearer " + reveal(variables, "ARM_OIDC_REQUEST_TOKEN"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(status);
            assertThat(answer.body().contains(Samples.JWT)).isEqualTo(status == 200);
        }
    }

    @Test
    void files_only_setNoRequest() {
        AzureProvider provider =
                AzureProvider.builder().delivery(Delivery.FILES).build();
        try (RunDirectory run = RunDirectory.create(directory)) {
            assertThat(render(configure(provider), run, new RecordedEndpoints()).variables())
                    .containsKey("ARM_OIDC_TOKEN_FILE_PATH")
                    .doesNotContainKeys("ARM_OIDC_REQUEST_URL", "ARM_OIDC_REQUEST_TOKEN");
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "VARIABLES")
    void renewal_always_isOfTheToken(Delivery delivery) {
        AzureProvider provider = AzureProvider.builder().delivery(delivery).build();

        assertThat(configure(provider).platform().renewal()).isEqualTo(Renewal.IDENTITY_TOKEN);
    }

    @Test
    void delivery_variables_isRefused() {
        assertThatThrownBy(() -> AzureProvider.builder().delivery(Delivery.VARIABLES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The delivery of Azure must be one of [files, broker]; it was \"variables\"");
    }

    @Test
    void factory_deliveryOfTheHost_reachesTheProvider() {
        AzureProvider provider = (AzureProvider) new AzureProviderFactory()
                .create(Map.of("azure.delivery", "broker"))
                .get(0);
        try (RunDirectory run = RunDirectory.create(directory)) {
            assertThat(render(configure(provider), run, new RecordedEndpoints()).variables())
                    .containsKey("ARM_OIDC_REQUEST_URL");
        }
        assertThatThrownBy(() -> new AzureProviderFactory().create(Map.of("azure.delivery", "variables")))
                .hasMessageContaining("must be one of [files, broker]");
    }

    @Test
    @SuppressWarnings("unchecked") // The platform is Azure.
    void stateBackend_arguments_nameTheFileAndTheClient() {
        Configuration<AzureAccessCredentials> configuration = (Configuration<AzureAccessCredentials>)
                configure(AzureProvider.builder().build());
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = Rendering.stateBackend(configuration, CREDENTIALS, Samples.token(), run);

            assertThat(run.path().resolve("state-backend.json"))
                    .content()
                    .contains(
                            "\"use_oidc\":true",
                            "\"client_id\":\"" + Samples.CLIENT + '"',
                            "\"tenant_id\":\"" + Samples.TENANT + '"',
                            "\"oidc_token_file_path\":\"" + run.path().resolve("azure-token_STATE") + '"');
            assertThat(environment.variables())
                    .containsOnlyKeys("TF_CLI_ARGS_init", "ARM_USE_OIDC", "ARM_USE_CLI", "ARM_USE_MSI");
        }
    }

    private static RunEnvironment render(RunDirectory run, LoopbackEndpoints endpoints) {
        AzureProvider provider =
                AzureProvider.builder().delivery(Delivery.BROKER).build();
        return render(configure(provider), run, endpoints);
    }

    @SuppressWarnings("unchecked") // The platform is Azure.
    private static <C extends Credentials> RunEnvironment render(
            Configuration<C> configuration, RunDirectory run, LoopbackEndpoints endpoints) {
        return Rendering.only(configuration, (C) CREDENTIALS, Samples.token(), run, endpoints);
    }

    private static Configuration<?> configure(AzureProvider provider) {
        Map<String, String> variables = Map.of(
                "TFC_AZURE_PROVIDER_AUTH",
                "true",
                "TFC_AZURE_RUN_CLIENT_ID",
                Samples.CLIENT,
                "ARM_TENANT_ID",
                Samples.TENANT);
        TerraformRun run = TerraformRun.builder("acme", "shop", "prod", "run-1").build();
        return TerraformVariables.read(variables, run, List.of(provider)).get(0);
    }

    private static String reveal(Map<String, Secret> variables, String name) {
        return Objects.requireNonNull(variables.get(name), name).reveal();
    }
}
