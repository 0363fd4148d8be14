package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dynamiccredentials.run.RunLease;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The real Terraform, with the provider of AWS from a local mirror and without a network. */
final class Terraform {
    private static final String MIRROR = "DYNAMIC_CREDENTIALS_TERRAFORM_MIRROR";

    private final Map<String, String> variables;

    private Terraform(Map<String, String> variables) {
        this.variables = variables;
    }

    /** Finds Terraform and the provider, or skips the test and says so if one of them is absent. */
    static Terraform find(Path scratch) throws IOException {
        assumeTrue(isOnPath(), "SKIPPED: there is no terraform on the PATH");
        Optional<String> mirror = Optional.ofNullable(System.getenv(MIRROR));
        assumeTrue(mirror.isPresent(), "SKIPPED: " + MIRROR + " names no mirror with the provider hashicorp/aws");
        Path settings = Files.writeString(
                scratch.resolve("terraform.rc"),
                "provider_installation {\n  filesystem_mirror {\n    path = \"" + mirror.orElseThrow()
                        + "\"\n  }\n}\n");
        return new Terraform(Map.of(
                "TF_CLI_CONFIG_FILE",
                settings.toString(),
                "TF_IN_AUTOMATION",
                "1",
                "TF_INPUT",
                "0",
                "CHECKPOINT_DISABLE",
                "1",
                // Nobody listens there; Go's client never goes through a proxy to loopback.
                "HTTPS_PROXY",
                "http://127.0.0.1:9",
                "HTTP_PROXY",
                "http://127.0.0.1:9"));
    }

    /** Makes a working directory with one configuration of this package's resources. */
    static Path module(Path parent, String file) throws IOException {
        Path module = Files.createTempDirectory(parent, "module-");
        try (InputStream resource =
                Objects.requireNonNull(Terraform.class.getResourceAsStream("/terraform/" + file), file)) {
            Files.copy(resource, module.resolve(file));
        }
        return module;
    }

    /** Runs a command as a process of the run and returns what it printed. */
    String run(RunLease lease, Path module, String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(Stream.of("terraform"), Stream.of(command))
                        .toList())
                .directory(module.toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(variables);
        Process process = lease.start(builder);
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    /** Removes the links to the provider, which JUnit would warn of. */
    static void unlink(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path link : files.filter(Files::isSymbolicLink).toList()) {
                Files.delete(link);
            }
        }
    }

    private static boolean isOnPath() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "terraform")));
    }
}
