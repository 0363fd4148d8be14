package io.dynamiccredentials.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.fixtures.Rendering;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.workload.Claims;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.profiles.ProfileFile;

class AwsRegionsTest {
    private static final AwsSessionCredentials SESSION = new AwsSessionCredentials(
            Sts.ACCESS_KEY_ID, Secret.of(Sts.SECRET_KEY), Secret.of(Sts.SESSION_TOKEN), Sts.ASSUMED, Sts.NOW);
    private final ScriptedServer server = ScriptedServer.http(Sts.success());
    private final AwsProvider provider = AwsProvider.builder("eu-central-1").build();
    private final AwsProvider atServer = AwsProvider.builder("eu-central-1")
            .endpoint(server.address())
            .clock(Sts.CLOCK)
            .build();

    @TempDir
    private Path directory;

    private RunDirectory runDirectory;

    @BeforeEach
    void createRunDirectory() {
        runDirectory = RunDirectory.create(directory);
    }

    @AfterEach
    void stop() {
        runDirectory.close();
        server.close();
    }

    @Test
    void region_ofThePartition_isThatOfStsAndOfTheTools() {
        Configuration<?> configuration = AwsRuns.configure(provider, Map.of("REGION", "eu-west-1"));

        RunEnvironment environment = render(configuration);

        assertThat(stsOf(configuration).endpoint()).isEqualTo(URI.create("https://sts.eu-west-1.amazonaws.com"));
        assertThat(environment.variables()).containsEntry("AWS_REGION", Secret.of("eu-west-1"));
        assertThat(runDirectory.path().resolve("aws-config")).content().contains("region = eu-west-1\n");
    }

    @Test
    void region_ofAnotherPartition_needsTheHostsWord() {
        AwsProvider china =
                AwsProvider.builder("eu-central-1").allowRegion("cn-north-1").build();
        Map<String, String> variables = AwsRuns.variables(Map.of("REGION", "cn-north-1"));
        variables.put("TFC_AWS_RUN_ROLE_ARN", "arn:aws-cn:iam::123456789012:role/deploy");

        assertThat(stsOf(AwsRuns.read(china, variables)).endpoint())
                .isEqualTo(URI.create("https://sts.cn-north-1.amazonaws.com.cn"));
        assertThatThrownBy(() -> AwsRuns.configure(china, Map.of("REGION", "cn-north-1")))
                .hasMessageContaining("a role in partition aws-cn, as region cn-north-1 is");
    }

    @Test
    void region_hostSetAnEndpoint_isItsOwnAlone() {
        assertThat(stsOf(AwsRuns.configure(atServer, Map.of("REGION", "eu-central-1")))
                        .endpoint())
                .isEqualTo(server.address());
        assertThatThrownBy(() -> AwsRuns.configure(atServer, Map.of("REGION", "eu-west-1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("REGION must be \"eu-central-1\", since the host set an endpoint");
    }

    @ParameterizedTest
    @ValueSource(strings = {"AWS_REGION", "AWS_DEFAULT_REGION"})
    void region_variableThatWouldWinOverIt_isRefused(String variable) {
        Map<String, String> variables = AwsRuns.variables(Map.of("REGION", "eu-west-1"));
        variables.put(variable, "eu-west-1");
        assertThat(AwsRuns.read(provider, variables)).isNotNull();

        variables.put(variable, "us-east-1");
        assertThatThrownBy(() -> AwsRuns.read(provider, variables))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(variable + " must be absent or \"eu-west-1\", as " + AwsRuns.OWN + "REGION is");
    }

    @Test
    void render_amongOthers_hasTheRegionInItsFileAlone() {
        Configuration<?> configuration = AwsRuns.configure(atServer, Map.of("REGION", "eu-central-1"));

        RunEnvironment environment = Rendering.amongOthers(configuration, Sts.token(), runDirectory);

        assertThat(environment.variables()).containsOnlyKeys("AWS_ENDPOINT_URL_STS");
        assertThat(runDirectory.path().resolve("aws-config")).content().contains("region = eu-central-1\n");
    }

    @Test
    void render_taggedConfigurations_haveRegionsOfTheirOwn() {
        Map<String, String> variables = new TreeMap<>();
        Map.of("A", "eu-west-1", "b", "us-east-1").forEach((tag, region) -> {
            variables.put("TFC_AWS_PROVIDER_AUTH_" + tag, "true");
            variables.put("TFC_AWS_RUN_ROLE_ARN_" + tag, Sts.ROLE);
            variables.put("DYNAMIC_CREDENTIALS_AWS_REGION_" + tag, region);
        });
        List<Configuration<?>> both = TerraformVariables.read(variables, AwsRuns.run(Claims.none()), List.of(provider));

        for (Configuration<?> configuration : both) {
            assertThat(renderTagged(configuration).variables()).isEmpty();
        }

        assertThat(regionInFile("aws-config_A")).hasValue("eu-west-1");
        assertThat(regionInFile("aws-config_b")).hasValue("us-east-1");
    }

    @Test
    void builder_endpointAndRegions_conflict() {
        AwsProvider.Builder builder =
                AwsProvider.builder("eu-central-1").endpoint(server.address()).allowRegion("cn-north-1");

        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Set endpoint or allowRegion, not both");
        assertThatThrownBy(() -> builder.allowRegion("evil.example"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("evil.example");
    }

    private static AwsSts stsOf(Configuration<?> configuration) {
        return ((AwsWebIdentityExchanger) configuration.platform().exchanger()).sts();
    }

    private <C extends Credentials> RunEnvironment render(Configuration<C> configuration) {
        @SuppressWarnings("unchecked") // The platform is AWS, as every one in this class.
        C session = (C) SESSION;
        return Rendering.only(configuration, session, Sts.token(), runDirectory);
    }

    private <C extends Credentials> RunEnvironment renderTagged(Configuration<C> configuration) {
        @SuppressWarnings("unchecked") // The platform is AWS, as every one in this class.
        C session = (C) SESSION;
        RunEnvironment.Builder environment = RunEnvironment.builder(runDirectory);
        configuration
                .platform()
                .renderer()
                .render(
                        session,
                        Sts.token(),
                        environment.configuration(
                                configuration.tag(), configuration.family().input()));
        return environment.build();
    }

    /** Reads a shared config file as the SDK does. */
    private Optional<String> regionInFile(String name) {
        return ProfileFile.builder()
                .content(runDirectory.path().resolve(name))
                .type(ProfileFile.Type.CONFIGURATION)
                .build()
                .profile("default")
                .flatMap(profile -> profile.property("region"));
    }
}
