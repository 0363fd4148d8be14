package io.dynamiccredentials.environment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.broker.CredentialBroker;
import io.dynamiccredentials.broker.CredentialBroker.LeaseEndpoints;
import io.dynamiccredentials.fixtures.Curl;
import io.dynamiccredentials.fixtures.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script as a shell runs it, with the machine's curl and a broker. */
class LoopbackScriptTest {
    private final ManualClock clock = new ManualClock();
    private final CredentialBroker broker = CredentialBroker.of(clock);
    private final LeaseEndpoints endpoints = broker.open((endpoint, outcome) -> {});

    @TempDir
    private Path directory = Path.of("");

    @BeforeEach
    void requireCurl() throws Exception {
        Curl.require();
    }

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void command_inAShell_printsTheNewestAnswer() throws Exception {
        Path parent = Files.createDirectory(directory.resolve("it's a place"));
        try (RunDirectory run = RunDirectory.create(parent)) {
            LoopbackScript script = write(run, answer("{\"a\":1}"));

            assertThat(output(script)).isEqualTo("0 {\"a\":1}");
            endpoints.publish("x", answer("{\"a\":2}"));
            assertThat(output(script)).isEqualTo("0 {\"a\":2}");
            clock.pass(Duration.ofMinutes(5));
            assertThat(output(script)).startsWith("22 ").contains("503");
            endpoints.close();
            assertThat(output(script)).startsWith("7 ");
        }
    }

    @Test
    void write_always_keepsTheBearerOffCommandLines() throws Exception {
        try (RunDirectory run = RunDirectory.create(directory)) {
            LoopbackScript script = write(run, answer("{}"));
            String bearer = endpoints.publish("x", answer("{}")).bearer().reveal();

            assertThat(script.command() + Files.readString(script.file())).doesNotContain(bearer);
            assertThat(script.file()).content().contains("curl --disable --fail --silent --show-error --noproxy '*'");
            assertThat(run.path().resolve("x.curl")).content().contains(bearer);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a\"b", "/a$HOME", "/a`id`", "/a\\b", "/a #b", "/a;b", "/a\nb"})
    void new_pathThatCantBeQuoted_isRefused(String path) {
        assertThatThrownBy(() -> new LoopbackScript(Path.of(path)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Set another directory for leases");
    }

    private LoopbackScript write(RunDirectory run, LoopbackAnswer answer) {
        ConfigurationEnvironment environment =
                RunEnvironment.builder(run).endpoints(endpoints).onlyConfiguration(Optional.empty());
        return LoopbackScript.write(environment, "x", environment.endpoint("x", answer));
    }

    private LoopbackAnswer answer(String body) {
        return LoopbackAnswer.json(Secret.of(body), clock.instant().plusSeconds(300));
    }

    /** Runs it where a proxy and a configuration of curl would lead it elsewhere. */
    private String output(LoopbackScript script) throws Exception {
        Files.writeString(directory.resolve(".curlrc"), "url = \"http://127.0.0.1:9/elsewhere\"\n");
        ProcessBuilder builder =
                new ProcessBuilder(List.of("/bin/sh", "-c", script.command())).redirectErrorStream(true);
        builder.environment().putAll(Map.of("HOME", directory.toString(), "http_proxy", "http://127.0.0.1:9"));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() + " " + output;
    }
}
