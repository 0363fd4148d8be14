package io.dynamiccredentials.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.auth.http.HttpTransportFactory;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.IdentityPoolCredentials;
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
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.LoopbackCertificate;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.fixtures.RecordedEndpoints;
import io.dynamiccredentials.fixtures.Rendering;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.fixtures.ScriptedServer.Request;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.Timeouts;
import io.dynamiccredentials.workload.TerraformRun;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a run comes by its identity, as the host chooses it; and what the official library makes of it. */
class GcpDeliveryTest {
    private static final String SECOND_JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzZWNvbmQifQ.c2Vjb25k";

    /** Tokens that end so soon that the library asks for another one each time. */
    private final ScriptedServer server = ScriptedServer.https(Answer.json(200, Google.federatedBody("1")));

    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void broker_only_namesTheEndpointInTheFileAndWritesNoToken() throws IOException {
        RecordedEndpoints endpoints = new RecordedEndpoints();
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = render(Google.token(), run, endpoints);

            Path file = run.path().resolve("gcp-credentials.json");
            assertThat(environment.files()).containsExactly(file);
            assertThat(environment.variables())
                    .containsEntry("GOOGLE_APPLICATION_CREDENTIALS", Secret.of(file.toString()))
                    .containsEntry("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", Secret.of(file.toString()))
                    .hasSize(3);
            JsonNode source = StrictJson.parseObject(Files.readString(file)).path("credential_source");
            assertThat(source.toString())
                    .isEqualTo("{\"url\":\"" + RecordedEndpoints.ADDRESS
                            + "/gcp-token\",\"headers\":{\"Authorization\":\"Bearer bearer-of-the-lease\"},"
                            + "\"format\":{\"type\":\"json\",\"subject_token_field_name\":\"value\"}}");
        }
        assertThat(endpoints.answers()).containsOnlyKeys("gcp-token");
        assertThat(endpoints.body("gcp-token")).isEqualTo("{\"value\":\"" + Google.JWT + "\"}");
        assertThat(endpoints.answers().values())
                .allSatisfy(answer ->
                        assertThat(answer.expiresAt()).isEqualTo(Google.token().expiresAt()));
    }

    @Test
    void variables_only_giveTheAccessTokenAndNoIdentityToken() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = Rendering.only(
                    configure(Delivery.VARIABLES, Map.of()), Google.token(), run, new RecordedEndpoints());

            assertThat(environment.variables())
                    .containsEntry("GOOGLE_OAUTH_ACCESS_TOKEN", Secret.of(Google.FEDERATED))
                    .containsEntry("GOOGLE_APPLICATION_CREDENTIALS", Secret.of("/dev/null"));
            assertThat(run.path().resolve("gcp-token")).doesNotExist();
        }
    }

    @ParameterizedTest
    @CsvSource({"FILES,IDENTITY_TOKEN", "BROKER,IDENTITY_TOKEN", "VARIABLES,CREDENTIALS"})
    void renewal_isOfWhatTheRunHas(Delivery delivery, Renewal renewal) {
        assertThat(configure(delivery, Map.of()).platform().renewal()).isEqualTo(renewal);
        assertThat(configure(delivery, Map.of("DYNAMIC_CREDENTIALS_GCP_SCOPES", "https://www.googleapis.com/auth/x"))
                        .platform()
                        .renewal())
                .isEqualTo(Renewal.CREDENTIALS);
    }

    @Test
    void factory_deliveryOfTheHost_reachesTheProvider() {
        GcpProvider provider = (GcpProvider) new GcpProviderFactory()
                .create(Map.of("gcp.delivery", "variables"))
                .get(0);
        assertThat(configure(provider, Map.of()).platform().renewal()).isEqualTo(Renewal.CREDENTIALS);

        assertThatThrownBy(() -> new GcpProviderFactory().create(Map.of("gcp.delivery", "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gcp.delivery must be one of [files, broker, variables]; it was \"\"");
    }

    @Test
    void identityPoolOfTheLibrary_acrossAnExpiry_sendsTheNewerToken() throws IOException {
        try (CredentialBroker broker = CredentialBroker.of(clock);
                LeaseEndpoints endpoints = broker.open((endpoint, outcome) -> {});
                RunDirectory run = RunDirectory.create(directory);
                RunDirectory renewed = RunDirectory.create(directory)) {
            clock.set(Google.NOW);
            render(Google.token(), run, endpoints);
            GoogleCredentials credentials = credentials(run.path().resolve("gcp-credentials.json"));
            assertThat(credentials).isInstanceOf(IdentityPoolCredentials.class);

            credentials.refreshIfExpired();
            assertThat(last()).contains("subject_token=" + Google.JWT);
            clock.pass(Duration.ofMinutes(10));
            assertThatThrownBy(credentials::refreshIfExpired).isInstanceOf(IOException.class);
            render(laterToken(), renewed, endpoints);
            credentials.refreshIfExpired();

            assertThat(last()).contains("subject_token=" + SECOND_JWT);
        }
    }

    private IdentityToken laterToken() {
        IdentityToken first = Google.token();
        return new IdentityToken(
                Secret.of(SECOND_JWT),
                first.issuer(),
                first.subject(),
                first.audience(),
                "jti-2",
                clock.instant(),
                clock.instant().plusSeconds(600));
    }

    private String last() {
        List<Request> requests = server.requests();
        return requests.get(requests.size() - 1).body();
    }

    private static GoogleCredentials credentials(Path file) throws IOException {
        HttpTransportFactory transport = () -> new NetHttpTransport.Builder()
                .setSslSocketFactory(LoopbackCertificate.shared().sslContext().getSocketFactory())
                .build();
        try (InputStream in = Files.newInputStream(file)) {
            return GoogleCredentials.fromStream(in, transport);
        }
    }

    private RunEnvironment render(IdentityToken token, RunDirectory run, LoopbackEndpoints endpoints) {
        return render(configure(Delivery.BROKER, Map.of()), token, run, endpoints);
    }

    @SuppressWarnings("unchecked") // The platform is Google Cloud.
    private static <C extends Credentials> RunEnvironment render(
            Configuration<C> configuration, IdentityToken token, RunDirectory run, LoopbackEndpoints endpoints) {
        C credentials = (C) new GcpAccessCredentials(Secret.of(Google.FEDERATED), Google.PRINCIPAL, Google.NOW);
        return Rendering.only(configuration, credentials, token, run, endpoints);
    }

    private Configuration<?> configure(Delivery delivery, Map<String, String> own) {
        return configure(
                GcpProvider.builder()
                        .http(Google.http(Timeouts.standard()))
                        .tokenUrl(URI.create(server.address() + "/v1/token"))
                        .clock(Google.CLOCK)
                        .delivery(delivery)
                        .build(),
                own);
    }

    private static Configuration<?> configure(GcpProvider provider, Map<String, String> own) {
        Map<String, String> variables = new HashMap<>(own);
        variables.put("TFC_GCP_PROVIDER_AUTH", "true");
        variables.put("TFC_GCP_WORKLOAD_PROVIDER_NAME", Google.PROVIDER);
        variables.put("TFC_GCP_PRINCIPAL_TYPE", "workload_pool");
        TerraformRun run = TerraformRun.builder("acme", "shop", "prod", "run-1").build();
        return TerraformVariables.read(variables, run, List.of(provider)).get(0);
    }
}
