package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What one host has told of its life. Not safe for use by several threads. */
final class HostLife {
    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Thread reader;

    /** By the ids of tokens, what they were issued for. */
    final Map<String, Use> issued = new HashMap<>();

    /** The ids of tokens whose credentials the host has told of. */
    final Set<String> exchanged = new HashSet<>();

    final Set<String> closing = new HashSet<>();
    final Set<String> closed = new HashSet<>();
    final List<String> strange = new ArrayList<>();

    /** What a token is for. */
    record Use(String runId, String configuration) {}

    HostLife(Process process) {
        this.process = process;
        // All the time, or the host would wait for its reader and do nothing else.
        this.reader = new Thread(() -> process.inputReader(UTF_8).lines().forEach(lines::add), "host-lines");
        reader.start();
    }

    /** Waits for so many lines, or for the one that is {@code last}. */
    void hear(int count, @Nullable String last) throws InterruptedException {
        for (int number = 0; number < count; number++) {
            String line = lines.poll(30, TimeUnit.SECONDS);
            hear(Objects.requireNonNull(line, "The host says nothing any more"));
            if (line.equals(last)) {
                return;
            }
        }
    }

    /** Kills the host with SIGKILL after a while, and hears what it told before. */
    void kill(int afterMillis) throws InterruptedException {
        process.waitFor(afterMillis, TimeUnit.MILLISECONDS);
        process.toHandle().destroyForcibly();
        process.waitFor();
        reader.join();
        lines.forEach(this::hear);
        lines.clear();
    }

    /** Waits for its end by itself, and returns its last lines. */
    List<String> end() throws InterruptedException {
        process.waitFor();
        reader.join();
        return List.copyOf(lines);
    }

    private void hear(String line) {
        String[] words = line.split("\t", -1);
        switch (words[0]) {
            case "ISSUED" -> issued.put(words[2], new Use(words[1], words[3]));
            case "EXCHANGED" -> exchanged.add(words[2]);
            case "closing" -> closing.add(words[1]);
            case "closed" -> closed.add(words[1]);
            case "started", "ready", "opening", "open", "holding" -> {}
            default -> strange.add(line);
        }
    }
}
