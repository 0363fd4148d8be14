package io.dynamiccredentials.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.dynamiccredentials.fixtures.ChildJvm;
import io.dynamiccredentials.keys.FileWatch.Point;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A JVM of its own that writes the key file of a directory and tells on its standard output what it tries and what it
 * achieved.
 */
final class StoreProcess implements AutoCloseable {
    private static final FileWatch UNWATCHED = point -> {};

    private final Process process;
    private final BufferedReader lines;

    private StoreProcess(Process process) {
        this.process = process;
        this.lines = process.inputReader(US_ASCII);
    }

    /** Starts a writer that halts at {@code point} of its third write. */
    static StoreProcess haltingAt(Path directory, Point point) throws IOException {
        return start(directory, "halt", point.name());
    }

    /** Starts a writer that goes on until it is killed. */
    static StoreProcess endless(Path directory) throws IOException {
        return start(directory, "endless", "");
    }

    /** Starts a writer that tries one version with three stores, from 1 to {@code last}, for each {@link #go}. */
    static StoreProcess racing(Path directory, int last) throws IOException {
        return start(directory, "race", String.valueOf(last));
    }

    /** Starts a writer that tries the first version, tells how that went and ends. */
    static StoreProcess impatient(Path directory) throws IOException {
        return start(directory, "impatient", "");
    }

    private static StoreProcess start(Path directory, String manner, String argument) throws IOException {
        List<String> command = ChildJvm.lean(
                List.of(FileSigningKeyStore.class), StoreProcess.class, directory.toString(), manner, argument);
        return new StoreProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    BufferedReader lines() {
        return lines;
    }

    /** Lets a racing writer try the next version, and tell whether it won it. */
    void go() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    /** Kills the process with SIGKILL; what it told before can still be read. */
    void kill() {
        process.toHandle().destroyForcibly();
    }

    int exitCode() throws InterruptedException {
        return process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        // One write call for each line: a killed process leaves no line half told and none in a buffer.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, US_ASCII);
        switch (arguments[1]) {
            case "halt" -> writeOn(directory, new HaltInThirdWrite(Point.valueOf(arguments[2])), out);
            case "endless" -> writeOn(directory, UNWATCHED, out);
            case "impatient" -> out.print(tryFirst(directory) + "\n");
            default -> race(directory, Integer.parseInt(arguments[2]), out);
        }
    }

    private static void writeOn(Path directory, FileWatch watch, PrintStream out) {
        FileSigningKeyStore store = store(directory, watch);
        long version = store.read().map(StoredKeys::version).orElse(0L);
        while (true) {
            version++;
            out.print("try " + version + "\n");
            out.flush();
            if (!store.replace(content(version, "killed"))) {
                throw new IllegalStateException("Nobody else writes, and yet version " + version + " was refused");
            }
            out.print("ack " + version + "\n");
            out.flush();
        }
    }

    /** Tries the first version, without patience, and tells how that went. */
    static String tryFirst(Path directory) {
        try {
            return new FileSigningKeyStore(directory, "keys", Duration.ofMillis(50), UNWATCHED)
                            .replace(content(1, "impatient"))
                    ? "won"
                    : "lost";
        } catch (UncheckedIOException e) {
            return "busy";
        }
    }

    /** Races with three stores of its own: a lock must hold between them and the other process alike. */
    private static void race(Path directory, int last, PrintStream out) throws Exception {
        String author = String.valueOf(ProcessHandle.current().pid());
        ExecutorService executor = Executors.newFixedThreadPool(3);
        out.print("ready\n");
        for (int version = 1; version <= last; version++) {
            StoredKeys next = content(version, author);
            Callable<Boolean> attempt = () -> store(directory, UNWATCHED).replace(next);
            System.in.read();
            int won = 0;
            for (Future<Boolean> future : executor.invokeAll(List.of(attempt, attempt, attempt))) {
                won += future.get() ? 1 : 0;
            }
            out.print(won == 0 ? "lost\n" : (author + "\n").repeat(won));
            out.flush();
        }
        executor.shutdown();
    }

    static FileSigningKeyStore store(Path directory, FileWatch watch) {
        return new FileSigningKeyStore(directory, "keys", Duration.ofSeconds(10), watch);
    }

    /** Makes content of several pages that shows its version at both ends. */
    static StoredKeys content(long version, String author) {
        return new StoredKeys(
                version,
                "v" + version + ".." + author + "." + "A".repeat(9000 + (int) (version % 7) * 900) + ".v" + version);
    }

    /** Ends the process, without any clean-up, at one point of its third write. */
    private static final class HaltInThirdWrite implements FileWatch {
        private final Point point;
        private int reached;

        HaltInThirdWrite(Point point) {
            this.point = point;
        }

        @Override
        public void reached(Point now) {
            if (now == point && ++reached == 3) {
                Runtime.getRuntime().halt(9);
            }
        }
    }
}
