package io.dynamiccredentials.environment;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.environment.AmbientFinding.Kind;
import io.dynamiccredentials.environment.AmbientFinding.Treatment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AmbientFindingsTest {
    @TempDir
    private Path root = Path.of("");

    private Path home = Path.of("");

    @BeforeEach
    void makeHome() throws IOException {
        home = Files.createDirectories(root.resolve("home/ci"));
    }

    private List<AmbientFinding> find(Map<String, String> environment) {
        return AmbientFindings.of(environment, home, root);
    }

    @Test
    void of_cleanMachine_isEmpty() {
        assertThat(find(Map.of("PATH", "/bin", "AWS_REGION", "eu-central-1", "NO_GCE_CHECK", "true")))
                .isEmpty();
    }

    @Test
    void of_variables_areNamedWithoutValues() {
        List<AmbientFinding> findings =
                find(Map.of("AWS_SECRET_ACCESS_KEY", "MARKER", "GITHUB_TOKEN", "MARKER", "PATH", "/bin"));

        assertThat(findings)
                .containsExactly(
                        new AmbientFinding(
                                Kind.VARIABLE, "AWS_SECRET_ACCESS_KEY", Treatment.NOT_INHERITED, Optional.empty()),
                        new AmbientFinding(Kind.VARIABLE, "GITHUB_TOKEN", Treatment.NOT_INHERITED, Optional.empty()));
        assertThat(findings.toString())
                .contains("VARIABLE AWS_SECRET_ACCESS_KEY: NOT_INHERITED")
                .doesNotContain("MARKER");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".aws/credentials",
                ".aws/sso",
                ".azure",
                ".config/gcloud",
                ".vault-token",
                ".kube/config",
                ".docker/config.json",
                ".netrc",
                ".terraform.d/credentials.tfrc.json",
                ".config/hcp"
            })
    void of_fileInHome_isHidden(String path) throws IOException {
        Path file = home.resolve(path);
        Files.createDirectories(file.resolve(".."));
        Files.writeString(file, "MARKER");

        assertThat(find(Map.of()))
                .containsExactly(
                        new AmbientFinding(Kind.FILE, file.toString(), Treatment.HIDDEN_BY_HOME, Optional.empty()));
    }

    @Test
    void of_linkThatLeadsNowhere_isFound() throws IOException {
        Files.createSymbolicLink(home.resolve(".netrc"), Path.of("/nowhere/at/all"));

        assertThat(find(Map.of()))
                .singleElement()
                .satisfies(found -> assertThat(found.name()).endsWith(".netrc"));
    }

    @ParameterizedTest
    @CsvSource({
        "var/run/secrets/kubernetes.io/serviceaccount/token, FILE",
        "var/run/secrets/eks.amazonaws.com/serviceaccount/token, FILE",
        "var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token, FILE",
        "var/run/secrets/azure/tokens/azure-identity-token, FILE",
        "var/lib/waagent, METADATA"
    })
    void of_whatNothingHides_isToldToBeReachable(String path, Kind kind) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.resolve(".."));
        Files.writeString(file, "MARKER");

        assertThat(find(Map.of()))
                .containsExactly(new AmbientFinding(kind, file.toString(), Treatment.REACHABLE, Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource({
        "AWS_EXECUTION_ENV, AWS_EC2_METADATA_DISABLED",
        "ECS_CONTAINER_METADATA_URI_V4, AWS_EC2_METADATA_DISABLED",
        "K_SERVICE, NO_GCE_CHECK"
    })
    void of_signOfAMetadataService_namesWhatShutsIt(String sign, String shutBy) {
        List<AmbientFinding> findings = find(Map.of(sign, "x"));

        assertThat(findings)
                .containsExactly(new AmbientFinding(Kind.METADATA, sign, Treatment.SHUT, Optional.of(shutBy)));
        assertThat(findings.get(0)).hasToString("METADATA " + sign + ": SHUT by " + shutBy);
        assertThat(AmbientIdentity.SHUT).containsKey(shutBy);
    }

    @Test
    void of_thisMachine_doesNotFail() {
        assertThat(AmbientFindings.of(Map.of(), home)).noneMatch(found -> found.kind() == Kind.VARIABLE);
    }
}
