package io.dynamiccredentials.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A running {@code moto_server}, which has a KMS that signs: the command in {@code DYNAMIC_CREDENTIALS_MOTO}, or else
 * the one on the path.
 */
final class MotoServer implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("Running on (http://127\\.0\\.0\\.1:[0-9]+)");

    private final Process process;
    private final URI address;

    private MotoServer(Process process, URI address) {
        this.process = process;
        this.address = address;
    }

    /** Starts one on a port of the system's choice, or skips the test. */
    static MotoServer startOrSkip(Map<String, String> environment) {
        Optional<String> command = command(environment);
        if (command.isEmpty()) {
            return abort("SKIPPED: no moto_server on the path and none in DYNAMIC_CREDENTIALS_MOTO");
        }
        try {
            return start(command.get());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI address() {
        return address;
    }

    @Override
    public void close() {
        // A launcher script may have started the server as its child.
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }

    private static MotoServer start(String command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command, "-H", "127.0.0.1", "-p", "0").redirectErrorStream(true);
        // What misleads this module's tests on purpose would mislead the server too.
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        Process process = builder.start();
        BufferedReader lines = process.inputReader(UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Matcher matcher = ADDRESS.matcher(line);
            if (matcher.find()) {
                drain(lines);
                return new MotoServer(process, URI.create(matcher.group(1)));
            }
        }
        process.destroy();
        throw new IOException("\"" + command + "\" ended without an address");
    }

    /** Reads the log on, which would otherwise fill the pipe and stop the server. */
    private static void drain(BufferedReader lines) {
        Thread thread = new Thread(() -> lines.lines().forEach(line -> {}), "moto-log");
        thread.setDaemon(true);
        thread.start();
    }

    private static Optional<String> command(Map<String, String> environment) {
        Optional<String> named = Optional.ofNullable(environment.get("DYNAMIC_CREDENTIALS_MOTO"));
        if (named.isPresent()) {
            return named;
        }
        for (String directory : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            Path candidate = Path.of(directory, "moto_server");
            if (Files.isExecutable(candidate)) {
                return Optional.of(candidate.toString());
            }
        }
        return Optional.empty();
    }
}
