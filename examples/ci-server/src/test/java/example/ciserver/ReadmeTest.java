package example.ciserver;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.discovery.DiscoveryEndpoint;
import io.dynamiccredentials.discovery.JdkHttpDiscovery;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.workload.TerraformRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {
    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern NAME = Pattern.compile("`([A-Z0-9_]+)`");

    /**
     * What the fakes' addresses add, which a host with the real platforms does not override; and what every run has.
     * Terraform's inputs have a place of their own.
     */
    private static final Set<String> NOT_OF_THE_PLATFORM = Set.of("AWS_ENDPOINT_URL_STS", "AZURE_AUTHORITY_HOST");

    @TempDir
    Path directory;

    @Test
    void examples_inTheReadme_areTheCompiledOnes() throws Exception {
        List<String> examples =
                JAVA.matcher(readme()).results().map(match -> match.group(1)).toList();

        assertThat(examples)
                .containsExactly(
                        example("src/main/java/example/ciserver/Embedding.java"),
                        example("src/main/java/example/ciserver/HostThatMayDie.java"),
                        topLevelExample("src/main/java/example/ciserver/AcmeProvider.java"),
                        example("src/main/java/example/ciserver/TokensFromElsewhere.java"),
                        topLevelExample("src/test/java/example/ciserver/JobRunnerTest.java"),
                        example("src/test/java/example/ciserver/TrustOfThePlatformsTest.java"));
    }

    @Test
    void table_whatARunReceives_isWhatItReceives() throws Exception {
        HttpServer web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        IssuerUrl issuer =
                IssuerUrl.loopback("http://127.0.0.1:" + web.getAddress().getPort());
        SigningKeys keys = SigningKeys.generate(SigningAlgorithm.RS256);
        web.createContext("/.well-known/", JdkHttpDiscovery.of(DiscoveryEndpoint.of(issuer, keys)));
        web.start();
        try (FakePlatforms platforms = FakePlatforms.start(issuer, "organization:acme:project:shop:workspace:prod")) {
            DynamicCredentials.Builder door = DynamicCredentials.builder(
                            JwtTokenIssuer.builder(issuer, keys).build())
                    .directory(directory);
            platforms.providers().forEach(door::provider);
            TerraformRun bare =
                    TerraformRun.builder("acme", "shop", "bare", "run-0").build();
            Set<String> ofEveryRun;
            try (RunLease lease = door.build().open(bare, Map.of())) {
                ofEveryRun = lease.environment().given();
            }
            Map<String, Set<String>> received = new HashMap<>();
            platforms.variables().forEach((platform, variables) -> {
                TerraformRun run =
                        TerraformRun.builder("acme", "shop", "prod", "run-1").build();
                try (RunLease lease = door.build().open(run, variables)) {
                    Set<String> given = new TreeSet<>(lease.environment().given());
                    given.removeAll(NOT_OF_THE_PLATFORM);
                    given.removeAll(ofEveryRun);
                    given.removeIf(name -> name.startsWith("TF_VAR_"));
                    received.put(platform, given);
                }
            });

            assertThat(received).isEqualTo(documented(received.keySet()));
        } finally {
            web.stop(0);
        }
    }

    private static Map<String, Set<String>> documented(Set<String> platforms) throws IOException {
        Map<String, Set<String>> documented = new HashMap<>();
        for (String line : readme().lines().toList()) {
            String[] cells = line.split(" \\| ", -1);
            String platform = cells[0].replace("| ", "");
            if (cells.length == 4 && platforms.contains(platform)) {
                documented.put(platform, names(cells[3]));
            }
        }
        return documented;
    }

    private static Set<String> names(String cell) {
        return new TreeSet<>(NAME.matcher(cell)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList());
    }

    private static String readme() throws IOException {
        return Files.readString(Path.of("..", "..", "README.md"));
    }

    private static String example(String file) throws IOException {
        return region(file, "    ").indent(-4);
    }

    private static String topLevelExample(String file) throws IOException {
        return region(file, "");
    }

    private static String region(String file, String indent) throws IOException {
        String source = Files.readString(Path.of(file));
        String begin = indent + "// README: begin\n";
        int from = source.indexOf(begin) + begin.length();
        return source.substring(from, source.indexOf(indent + "// README: end", from));
    }
}
