package io.dynamiccredentials.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.broker.CredentialBroker;
import io.dynamiccredentials.broker.CredentialBroker.LeaseEndpoints;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.ConfiguredPlatform.Renewal;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.environment.LoopbackAnswer;
import io.dynamiccredentials.environment.LoopbackEndpoints;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.fixtures.Curl;
import io.dynamiccredentials.fixtures.RecordedEndpoints;
import io.dynamiccredentials.fixtures.Rendering;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.profiles.ProfileFile;

/** How a run comes by its identity, as the host chooses it; and what the official SDK makes of it. */
class AwsDeliveryTest {
    private static final Instant END = Instant.parse("2026-03-01T13:00:00.123456Z");
    private static final String POLICY = "{\"Statement\":[]}";

    private final AwsProvider provider =
            AwsProvider.builder("eu-central-1").delivery(Delivery.BROKER).build();

    @TempDir
    private Path directory;

    @Test
    void broker_only_setsWhereKeysAreAndNoKey() {
        RecordedEndpoints endpoints = new RecordedEndpoints();
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment environment = render(configuration(Map.of()), "1", END, run, endpoints);

            assertThat(environment.variables())
                    .isEqualTo(Map.of(
                            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                            Secret.of(RecordedEndpoints.ADDRESS + "/aws-container"),
                            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                            RecordedEndpoints.BEARER,
                            "AWS_REGION",
                            Secret.of("eu-central-1")));
            assertThat(run.path().resolve("aws-config"))
                    .hasContent("[default]\ncredential_process = /bin/sh \"" + run.path() + "/aws-process.sh\"\n"
                            + "region = eu-central-1\n");
            assertThat(environment.terraformInputs().values())
                    .containsExactly(Secret.of(
                            "{\"default\":{\"shared_config_file\":\"" + run.path() + "/aws-config\"},\"aliases\":{}}"));
        }
        assertThat(endpoints.body("aws-container"))
                .isEqualTo(
                        "{\"AccessKeyId\":\"ASIAEXAMPLEEXAMPLE01\",\"SecretAccessKey\":\"secret-1\","
                                + "\"Expiration\":\"2026-03-01T13:00:00Z\",\"AccountId\":\"123456789012\",\"Token\":\"token-1\"}");
        assertThat(endpoints.body("aws-process"))
                .endsWith("\"SessionToken\":\"token-1\",\"Version\":1}")
                .doesNotContain("\"Token\"");
        assertThat(endpoints.answers().values())
                .extracting(LoopbackAnswer::expiresAt)
                .containsOnly(END);
    }

    @Test
    void broker_amongOthers_namesTheProcessOfItsTag() {
        Map<String, String> variables = AwsRuns.variables(Map.of());
        variables.remove("TFC_AWS_PROVIDER_AUTH");
        variables.putAll(Map.of("TFC_AWS_PROVIDER_AUTH_LOGS", "true", "TFC_AWS_RUN_ROLE_ARN_LOGS", Sts.ROLE));
        variables.remove("TFC_AWS_RUN_ROLE_ARN");
        try (RunDirectory run = RunDirectory.create(directory)) {
            RunEnvironment.Builder environment = RunEnvironment.builder(run).endpoints(new RecordedEndpoints());
            Configuration<?> configuration = AwsRuns.read(provider, variables);
            renderInto(configuration, environment);

            assertThat(environment.build().variables()).isEmpty();
            assertThat(run.path().resolve("aws-config_LOGS"))
                    .content()
                    .contains("credential_process = /bin/sh \"" + run.path() + "/aws-process.sh_LOGS\"\n");
            assertThat(run.path().resolve("aws-process.curl_LOGS"))
                    .content()
                    .contains(RecordedEndpoints.ADDRESS + "/aws-process_LOGS");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FILES, false, IDENTITY_TOKEN",
        "FILES, true, CREDENTIALS",
        "BROKER, false, CREDENTIALS",
        "BROKER, true, CREDENTIALS",
        "VARIABLES, false, CREDENTIALS",
        "VARIABLES, true, CREDENTIALS"
    })
    void renewal_isOfWhatTheRunHas(Delivery delivery, boolean policy, Renewal renewal) {
        AwsProvider chosen =
                AwsProvider.builder("eu-central-1").delivery(delivery).build();
        Map<String, String> own = policy ? Map.of("RUN_SESSION_POLICY", POLICY) : Map.of();

        assertThat(AwsRuns.configure(chosen, own).platform().renewal()).isEqualTo(renewal);
    }

    @Test
    void renewal_ofAChainInFiles_isOfTheToken() {
        AwsProvider files = AwsProvider.builder("eu-central-1").build();

        assertThat(AwsRuns.configure(files, Map.of("RUN_CHAINED_ROLE_ARN", AwsRuns.CHAINED))
                        .platform()
                        .renewal())
                .isEqualTo(Renewal.IDENTITY_TOKEN);
    }

    @Test
    void factory_deliveryOfTheHost_reachesTheProvider() {
        AwsProvider fromFactory = (AwsProvider) new AwsProviderFactory()
                .create(Map.of("aws.region", "eu-central-1", "aws.delivery", "broker"))
                .get(0);
        assertThat(AwsRuns.configure(fromFactory, Map.of()).platform().renewal())
                .isEqualTo(Renewal.CREDENTIALS);

        assertThatThrownBy(() -> new AwsProviderFactory().create(Map.of("aws.delivery", "broker")))
                .hasMessageContaining("aws.delivery needs aws.region beside it");
        assertThatThrownBy(() -> new AwsProviderFactory()
                        .create(Map.of("aws.region", "eu-central-1", "aws.delivery", "endpoint")))
                .hasMessageContaining("aws.delivery must be one of [files, broker, variables]; it was \"endpoint\"");
    }

    @Test
    void containerProviderOfTheSdk_acrossARenewal_hasTheNewerKeys() {
        try (CredentialBroker broker = CredentialBroker.of(Clock.systemUTC());
                LeaseEndpoints endpoints = broker.open((endpoint, outcome) -> {});
                RunDirectory run = RunDirectory.create(directory);
                RunDirectory renewed = RunDirectory.create(directory)) {
            Map<String, Secret> variables = render(configuration(Map.of()), "1", nearEnd(), run, endpoints)
                    .variables();
            setProperty(SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_FULL_URI, variables);
            setProperty(SdkSystemSetting.AWS_CONTAINER_AUTHORIZATION_TOKEN, variables);
            try (ContainerCredentialsProvider sdk =
                    ContainerCredentialsProvider.builder().build()) {
                assertRefreshes(sdk, () -> render(configuration(Map.of()), "2", nearEnd(), renewed, endpoints));
            } finally {
                System.clearProperty(SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_FULL_URI.property());
                System.clearProperty(SdkSystemSetting.AWS_CONTAINER_AUTHORIZATION_TOKEN.property());
            }
        }
    }

    @Test
    void processProviderOfTheSdk_acrossARenewal_hasTheNewerKeys() throws Exception {
        Curl.require();
        try (CredentialBroker broker = CredentialBroker.of(Clock.systemUTC());
                LeaseEndpoints endpoints = broker.open((endpoint, outcome) -> {});
                RunDirectory run = RunDirectory.create(directory);
                RunDirectory renewed = RunDirectory.create(directory)) {
            render(configuration(Map.of()), "1", nearEnd(), run, endpoints);
            ProfileFile config = ProfileFile.builder()
                    .content(run.path().resolve("aws-config"))
                    .type(ProfileFile.Type.CONFIGURATION)
                    .build();
            try (ProfileCredentialsProvider sdk = ProfileCredentialsProvider.builder()
                    .profileFile(config)
                    .profileName("default")
                    .build()) {
                assertRefreshes(sdk, () -> render(configuration(Map.of()), "2", nearEnd(), renewed, endpoints));
            }
        }
    }

    private static void assertRefreshes(AwsCredentialsProvider sdk, Runnable renewal) {
        assertKeys(sdk, "1");
        renewal.run();
        assertKeys(sdk, "2");
    }

    private static void assertKeys(AwsCredentialsProvider sdk, String number) {
        assertThat(sdk.resolveCredentials())
                .isInstanceOfSatisfying(
                        software.amazon.awssdk.auth.credentials.AwsSessionCredentials.class, session -> {
                            assertThat(session.accessKeyId()).isEqualTo("ASIAEXAMPLEEXAMPLE0" + number);
                            assertThat(session.secretAccessKey()).isEqualTo("secret-" + number);
                            assertThat(session.sessionToken()).isEqualTo("token-" + number);
                        });
    }

    /** So near that the SDK takes what it has for stale, and the broker still gives it. */
    private static Instant nearEnd() {
        return Instant.now().plusSeconds(13);
    }

    private static void setProperty(SdkSystemSetting setting, Map<String, Secret> variables) {
        System.setProperty(
                setting.property(),
                Objects.requireNonNull(variables.get(setting.environmentVariable()))
                        .reveal());
    }

    private Configuration<?> configuration(Map<String, String> own) {
        return AwsRuns.configure(provider, own);
    }

    private static <C extends Credentials> void renderInto(
            Configuration<C> configuration, RunEnvironment.Builder environment) {
        configuration
                .platform()
                .renderer()
                .render(
                        session(configuration, "1", END),
                        Sts.token(),
                        environment.configuration(
                                configuration.tag(), configuration.family().input()));
    }

    private static <C extends Credentials> RunEnvironment render(
            Configuration<C> configuration, String number, Instant end, RunDirectory run, LoopbackEndpoints endpoints) {
        return Rendering.only(configuration, session(configuration, number, end), Sts.token(), run, endpoints);
    }

    @SuppressWarnings({"unchecked", "unused"}) // The platform is AWS, as every one in this class.
    private static <C extends Credentials> C session(Configuration<C> configuration, String number, Instant end) {
        return (C) new AwsSessionCredentials(
                "ASIAEXAMPLEEXAMPLE0" + number,
                Secret.of("secret-" + number),
                Secret.of("token-" + number),
                Sts.ASSUMED,
                end);
    }
}
