package io.dynamiccredentials.environment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigurationHomesTest {
    private static final Path HOME = Path.of("/run/lease/home");

    @Test
    void below_home_hasADistinctPathForEachTool() {
        Map<String, Path> homes = ConfigurationHomes.below(HOME);

        assertThat(homes)
                .containsEntry("AWS_CONFIG_FILE", HOME.resolve(".aws/config"))
                .containsEntry("AWS_SHARED_CREDENTIALS_FILE", HOME.resolve(".aws/credentials"))
                .containsEntry("CLOUDSDK_CONFIG", HOME.resolve(".config/gcloud"))
                .containsEntry("AZURE_CONFIG_DIR", HOME.resolve(".azure"))
                .containsEntry("KUBECONFIG", HOME.resolve(".kube/config"));
        assertThat(homes.values()).doesNotHaveDuplicates().allMatch(path -> path.startsWith(HOME));
    }

    @Test
    void below_variables_areNoneThatAWorkspaceMaySet() {
        assertThat(ConfigurationHomes.below(HOME).keySet()).allMatch(AmbientIdentity::carries);
    }
}
