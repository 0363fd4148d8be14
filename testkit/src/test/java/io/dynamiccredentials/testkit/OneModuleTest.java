package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compiles and runs the test of an embedder whose class path has the module of one provider and of no other. */
class OneModuleTest {
    private static final String TEST = """
            import static io.dynamiccredentials.testkit.assertions.FakeAssertions.assertThat;

            import io.dynamiccredentials.testkit.*;
            import io.dynamiccredentials.testkit.PLATFORM.FAKE;
            import io.dynamiccredentials.testkit.junit.*;
            import org.junit.jupiter.api.Test;
            import org.junit.jupiter.api.extension.ExtendWith;
            import org.junit.platform.engine.discovery.DiscoverySelectors;
            import org.junit.platform.testkit.engine.EngineTestKit;

            @ExtendWith({FakePlatforms.class, LeakDetection.class})
            public class Embedder {
                @Test
                void test(TestIssuer issuer, FAKE fake, SettableClock clock) {
                    assertThat(fake).grantedNothing().hasNothingLive();
                    fake.faults().next(Fault.reset());
                }

                public static void main(String[] arguments) {
                    EngineTestKit.engine("junit-jupiter")
                            .selectors(DiscoverySelectors.selectClass(Embedder.class))
                            .execute()
                            .testEvents()
                            .assertStatistics(tests -> tests.succeeded(1).failed(0));
                    System.out.println("passed");
                }
            }
            """;

    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @CsvSource({"aws, FakeAws", "azure, FakeEntra", "gcp, FakeGoogleCloud", "vault, FakeVault"})
    void test_withOneFake_needsTheModuleOfItsProviderOnly(String platform, String fake) throws Exception {
        String classPath = classPathOf(platform);
        Path source = Files.writeString(
                directory.resolve("Embedder.java"),
                TEST.replace("PLATFORM", platform).replace("FAKE", fake));

        assertThat(compile(source, classPath)).isEmpty();
        assertThat(run(classPath + File.pathSeparator + directory)).endsWith("passed\n");
    }

    /** Leaves out the other providers, what they need, and CEL, which is optional. */
    private static String classPathOf(String platform) {
        List<String> others = List.of("aws", "azure", "gcp", "vault").stream()
                .filter(each -> !each.equals(platform))
                .toList();
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> others.stream().noneMatch(other -> isOf(other, entry)))
                .filter(entry -> !entry.contains("test-classes") && !entry.contains("/dev/cel/"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static boolean isOf(String platform, String entry) {
        return entry.contains("providers-" + platform)
                || entry.contains("dynamic-credentials-" + platform)
                || switch (platform) {
                    case "aws" -> entry.contains("/software/amazon/");
                    case "azure" -> entry.contains("/com/azure/") || entry.contains("/com/microsoft/");
                    case "gcp" -> entry.contains("/com/google/auth/") || entry.contains("/com/google/http-client/");
                    default -> entry.contains("/jopenlibs/");
                };
    }

    private String compile(Path source, String classPath) {
        var compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (var files = compiler.getStandardFileManager(null, null, UTF_8)) {
            compiler.getTask(
                            messages,
                            files,
                            null,
                            List.of("-proc:none", "-classpath", classPath, "-d", directory.toString()),
                            null,
                            files.getJavaFileObjects(source))
                    .call();
        } catch (IOException e) {
            messages.append(e.toString());
        }
        return messages.toString();
    }

    private String run(String classPath) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + directory,
                        "-cp",
                        classPath,
                        "Embedder")
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return output;
    }
}
