package io.dynamiccredentials.run;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.dynamiccredentials.journal.LeaseFact.StartedProcess;
import io.dynamiccredentials.run.CloseReport.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Ends processes of this machine that outlived the one that had started them: politely, after a while by force. Not
 * safe for use by several threads.
 */
final class SweeperProcesses {
    /** The start of a process is told by the time since boot, in hundredths, and by when that was, in seconds. */
    private static final Duration CLOCK_GRANULARITY = Duration.ofSeconds(2);

    private static final Path PROCESSES = Path.of("/proc");

    private final Duration grace;
    private final Map<StartedProcess, ProcessHandle> running = new LinkedHashMap<>();
    private final List<ProcessHandle> families = new ArrayList<>();
    private boolean interrupted;

    SweeperProcesses(Duration grace) {
        this.grace = grace;
    }

    /**
     * Asks those of {@code processes} that still run to end, with their descendants; waits once for all; then ends by
     * force whoever is left. {@link #outcome} tells what became of each.
     */
    void end(List<StartedProcess> processes) {
        processes.forEach(process -> find(process).ifPresent(handle -> running.put(process, handle)));
        running.values().forEach(handle -> families.addAll(family(handle)));
        families.forEach(ProcessHandle::destroy);
        awaitAll();
        // Children may have been born meanwhile.
        running.values().stream().filter(SweeperProcesses::isAlive).forEach(handle -> families.addAll(family(handle)));
        families.forEach(ProcessHandle::destroyForcibly);
        awaitAll();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Tells what became of one.
     *
     * @throws IllegalStateException if it still runs, or may
     */
    Outcome outcome(StartedProcess process) {
        Optional<ProcessHandle> still = find(process);
        if (still.isPresent()) {
            throw new IllegalStateException("It did not end even by force. Check that it belongs to this user");
        }
        boolean known = ProcessHandle.of(process.pid())
                .filter(SweeperProcesses::isAlive)
                .map(handle -> handle.info().startInstant().isPresent())
                .orElse(true);
        if (!known) {
            throw new IllegalStateException("There is a process of its number, and this machine does not tell when it "
                    + "started. Look at it, and end it by hand");
        }
        return running.containsKey(process) ? Outcome.ENDED : Outcome.ENDED_BEFORE;
    }

    private static Optional<ProcessHandle> find(StartedProcess process) {
        return ProcessHandle.of(process.pid())
                .filter(SweeperProcesses::isAlive)
                .filter(handle -> handle.info()
                        .startInstant()
                        .filter(start -> isSame(start, process.startedAt()))
                        .isPresent());
    }

    private static boolean isSame(Instant start, Instant told) {
        return Duration.between(start, told).abs().compareTo(CLOCK_GRANULARITY) <= 0;
    }

    /** One that has ended and whose parent has not asked about it keeps its number, and does nothing any more. */
    private static boolean isAlive(ProcessHandle handle) {
        if (!handle.isAlive()) {
            return false;
        }
        try {
            Path file = PROCESSES.resolve(Long.toString(handle.pid())).resolve("stat");
            String stat = Files.readString(file, ISO_8859_1);
            // The name before it, in brackets, may have any characters.
            return !stat.substring(stat.lastIndexOf(')') + 1).strip().startsWith("Z");
        } catch (IOException e) {
            // Not every system has such files.
            return handle.isAlive();
        }
    }

    private static List<ProcessHandle> family(ProcessHandle process) {
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        family.add(process);
        // Whoever sweeps may have been started by what it sweeps, and has processes of its own.
        if (family.remove(ProcessHandle.current())) {
            family.removeAll(ProcessHandle.current().descendants().toList());
        }
        return family;
    }

    private void awaitAll() {
        long deadline = System.nanoTime() + grace.toNanos();
        for (ProcessHandle handle : families) {
            await(handle, deadline);
        }
    }

    private void await(ProcessHandle handle, long deadline) {
        while (isAlive(handle) && System.nanoTime() < deadline) {
            // In steps: nobody is told of one that has ended and whose parent does not ask about it.
            long step = Math.min(
                    deadline - System.nanoTime(), Duration.ofMillis(100).toNanos());
            try {
                handle.onExit().get(Math.max(0, step), NANOSECONDS);
            } catch (TimeoutException e) {
                // Another step, if there is time.
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                throw new IllegalStateException("Nobody tells when process " + handle.pid() + " ends", e);
            }
        }
    }
}
