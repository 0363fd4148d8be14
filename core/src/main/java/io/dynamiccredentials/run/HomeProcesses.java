package io.dynamiccredentials.run;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.dynamiccredentials.journal.LeaseFact.Directory;
import io.dynamiccredentials.journal.LeaseFact.StartedProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The processes of this machine that have their home directory in a run's, as all that a lease starts have: among them
 * those that a host had started when it died, and had no time to write down. Only systems with
 * {@code /proc/<pid>/environ} tell of them; elsewhere there are none here. Immutable.
 */
final class HomeProcesses {
    private static final Path PROCESSES = Path.of("/proc");
    private static final String HOME = "HOME=";

    /** Where a run is at home, in a directory as {@code RunDirectory} names them: nobody else ever is. */
    private static final Pattern OF_A_RUN =
            Pattern.compile(".*/dynamic-credentials-(?:once-)?[0-9a-f]{32}/home", Pattern.DOTALL);

    /** More than that no system gives a process. */
    private static final int MAX_BYTES = 8 * 1024 * 1024;

    private final List<AtHome> all;

    /** A process, and where it is at home, byte for byte. */
    private record AtHome(long pid, Instant startedAt, String home) {}

    private HomeProcesses(List<AtHome> all) {
        this.all = List.copyOf(all);
    }

    /** Looks at all processes that this process's user may look at, but for this one. */
    static HomeProcesses find() {
        List<AtHome> all = new ArrayList<>();
        if (Files.isDirectory(PROCESSES)) {
            ProcessHandle.allProcesses()
                    .filter(process -> !process.equals(ProcessHandle.current()))
                    .forEach(process -> atHome(process).ifPresent(all::add));
        }
        return new HomeProcesses(all);
    }

    /** Returns those of the run that has {@code directory}. */
    List<StartedProcess> in(Directory directory) {
        String home = bytes(directory.path()) + "/home";
        return all.stream()
                .filter(process -> process.home().equals(home))
                .map(process -> new StartedProcess(directory.machine(), process.pid(), process.startedAt()))
                .toList();
    }

    private static Optional<AtHome> atHome(ProcessHandle process) {
        // Asked for first: if the number is given to another process meanwhile, that one started later.
        Optional<Instant> startedAt = process.info().startInstant();
        return startedAt.flatMap(
                instant -> homeOf(process.pid()).map(home -> new AtHome(process.pid(), instant, home)));
    }

    private static Optional<String> homeOf(long pid) {
        Path file = PROCESSES.resolve(Long.toString(pid)).resolve("environ");
        try (InputStream in = Files.newInputStream(file)) {
            String variables = new String(in.readNBytes(MAX_BYTES), ISO_8859_1);
            for (String variable : variables.split("\0", -1)) {
                if (variable.startsWith(HOME)) {
                    return Optional.of(variable.substring(HOME.length()))
                            .filter(home -> OF_A_RUN.matcher(home).matches());
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            // It has ended, or is somebody else's.
            return Optional.empty();
        }
    }

    /** Returns a character for each byte, as what the system tells is read. */
    private static String bytes(String path) {
        return new String(path.getBytes(Charset.defaultCharset()), ISO_8859_1);
    }
}
