package example.ciserver;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.run.RunLease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The programs of {@code who-am-i}, each in a JVM of its own, which knows the vendors' libraries and nothing of Dynamic
 * Credentials.
 *
 * @param target the folder into which {@code who-am-i} was built
 * @param trustStore the roots that its JVM trusts: those of the fakes
 */
record ChildProgram(Path target, Path trustStore) {
    static final String TRUST_STORE_PASSWORD = "loopback";
    private static final long TIMEOUT_SECONDS = 60;

    /** Returns its whole class path: its own classes and the vendors' libraries. */
    String classPath() throws IOException {
        return target.resolve("classes") + ":"
                + Files.readString(target.resolve("class-path.txt")).trim();
    }

    /** Runs it with what {@code lease} holds, in {@code directory}, and returns who it is by platform. */
    Map<String, String> whoAmI(RunLease lease, Path directory) throws IOException, InterruptedException {
        return run("example.whoami.WhoAmI", lease, directory);
    }

    /** Runs the one that knows several configurations, and returns who it is by input and tag. */
    Map<String, String> whoAreWe(RunLease lease, Path directory) throws IOException, InterruptedException {
        return run("example.whoami.WhoAreWe", lease, directory);
    }

    private Map<String, String> run(String program, RunLease lease, Path directory)
            throws IOException, InterruptedException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djavax.net.ssl.trustStore=" + trustStore,
                "-Djavax.net.ssl.trustStorePassword=" + TRUST_STORE_PASSWORD,
                "-Dhttp.proxyHost=127.0.0.1",
                "-Dhttp.proxyPort=9",
                "-Dhttps.proxyHost=127.0.0.1",
                "-Dhttps.proxyPort=9",
                "-Dhttp.nonProxyHosts=localhost|127.*|[::1]",
                "-classpath",
                classPath(),
                program);
        Path log = directory.resolve("who-am-i.log");
        Process child = lease.start(
                new ProcessBuilder(command).directory(directory.toFile()).redirectError(log.toFile()));
        String output = new String(child.getInputStream().readAllBytes(), UTF_8);
        if (!child.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS) || child.exitValue() != 0) {
            throw new IOException(
                    "The child process failed after " + output.lines().count() + " answers:\n" + Files.readString(log));
        }
        Map<String, String> identities = new LinkedHashMap<>();
        for (String line : output.lines().toList()) {
            String[] cells = line.split("\t", -1);
            identities.put(cells[0], cells[1]);
        }
        return identities;
    }
}
