package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.environment.SecretForms;
import io.dynamiccredentials.wire.StrictJson;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/** A detector that finds nothing would be easy to pass: here it finds what was put there. */
@Isolated("captures the log of everything in this JVM")
class LeakDetectorTest {
    @TempDir
    Path directory;

    private final LeakDetector detector = new LeakDetector();
    private final String secret = "\"x/" + new Markers(new Random(1)).text(60);

    @AfterEach
    void stop() {
        detector.close();
    }

    @Test
    void leak_nothingSecret_isNone() {
        detector.print("nothing to see");
        assertThat(detector.leak()).isEmpty();
    }

    @Test
    void leak_eachEncodingAtAnyPlace_isFound() {
        for (int before = 0; before < 3; before++) {
            byte[] bytes = ("y".repeat(before) + secret).getBytes(UTF_8);
            for (String encoded : List.of(
                    new String(bytes, UTF_8),
                    Base64.getEncoder().encodeToString(bytes),
                    Base64.getUrlEncoder().withoutPadding().encodeToString(bytes),
                    HexFormat.of().formatHex(bytes),
                    HexFormat.of().formatHex(bytes).toUpperCase(Locale.ROOT),
                    URLEncoder.encode(new String(bytes, UTF_8), UTF_8),
                    StrictJson.write(Map.of("a", new String(bytes, UTF_8))))) {
                detector.print("before " + encoded + " after");
                assertThat(detector.leak()).as(encoded).isPresent();
            }
        }
        assertThat(detector.leak()).isEmpty();
    }

    @Test
    void leak_anyPieceOfASecret_isFound() {
        for (int at = 0; at + 24 <= secret.length(); at++) {
            detector.print(secret.substring(at, at + 24));
            assertThat(detector.leak()).as("from %d", at).isPresent();
        }
    }

    @Test
    void leak_secretWithoutAMark_isFoundInItsForms() {
        Secret bearer = Secret.of("a0b1c2d3e4f5g6h7");
        detector.learn(SecretForms.of(bearer));
        detector.print(Base64.getEncoder().encodeToString(bearer.reveal().getBytes(UTF_8)));
        assertThat(detector.leak()).isPresent();
    }

    @Test
    void leak_inBothLogsAtAnyLevel_isFound() {
        LoggerFactory.getLogger("a").trace("token {}", secret);
        assertThat(detector.leak()).isPresent();
        LoggerFactory.getLogger("a").error("failed", new IllegalStateException(new IOException(secret)));
        assertThat(detector.leak()).isPresent();
        java.util.logging.Logger.getLogger("b").finest(secret);
        assertThat(detector.leak()).isPresent();
        java.util.logging.Logger.getLogger("b").log(java.util.logging.Level.FINE, "failed", new IOException(secret));
        assertThat(detector.leak()).isPresent();
    }

    @Test
    void leak_inCausesAndSuppressedOnes_isFound() {
        RuntimeException failure = new IllegalStateException("harmless", new IOException("harmless"));
        failure.addSuppressed(new IllegalStateException("harmless", new IOException(secret)));
        detector.print(failure);
        assertThat(detector.leak()).isPresent();
    }

    @Test
    void leak_inNamesAndContentsOfFiles_isFound() throws Exception {
        Path file = Files.writeString(directory.resolve("a"), secret);
        detector.printFiles(directory, false);
        assertThat(detector.leak()).isEmpty();
        detector.printFiles(directory, true);
        assertThat(detector.leak()).isPresent();
        Files.move(file, directory.resolve(secret.replace("/", "").replace("\"", "")));
        detector.printFiles(directory, false);
        assertThat(detector.leak()).isPresent();
    }

    @Test
    void leak_inTheNameOfAThread_isFound() throws Exception {
        Thread thread = new Thread(detector::printThreads, secret);
        thread.start();
        thread.join();
        assertThat(detector.leak()).isPresent();
    }

    @Test
    void leak_inACommandLine_isFound() throws Exception {
        Process process = new ProcessBuilder("sh", "-c", "read line", secret).start();
        detector.printCommandLine(process.toHandle());
        process.destroyForcibly();
        assertThat(detector.leak()).isPresent();
    }
}
