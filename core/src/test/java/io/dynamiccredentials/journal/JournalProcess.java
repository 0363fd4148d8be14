package io.dynamiccredentials.journal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dynamiccredentials.fixtures.ChildJvm;
import io.dynamiccredentials.journal.LeaseFact.Directory;
import io.dynamiccredentials.journal.LeaseJournal.AbandonedLease;
import io.dynamiccredentials.journal.LeaseJournal.Entry;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;

/** A JVM of its own that uses the journal of a directory and tells on its standard output what it has achieved. */
final class JournalProcess implements AutoCloseable {
    private static final int FACTS_OF_A_LEASE = 7;

    private final Process process;
    private final BufferedReader lines;

    private JournalProcess(Process process) {
        this.process = process;
        this.lines = process.inputReader(US_ASCII);
    }

    /** Starts one that begins leases, adds facts and ends every other lease, until it is killed. */
    static JournalProcess writing(Path directory, String name) throws IOException {
        return start(directory, "write", name);
    }

    /** Starts one that sweeps once for each {@link #go}, and settles what it took. */
    static JournalProcess sweeping(Path directory) throws IOException {
        return start(directory, "sweep", "");
    }

    /** Starts one that takes over and settles nothing. */
    static JournalProcess hesitating(Path directory) throws IOException {
        return start(directory, "hesitate", "");
    }

    private static JournalProcess start(Path directory, String manner, String name) throws IOException {
        List<String> command = ChildJvm.lean(
                List.of(
                        FileLeaseJournal.class,
                        ObjectMapper.class,
                        JsonFactory.class,
                        JsonProperty.class,
                        Logger.class),
                JournalProcess.class,
                directory.toString(),
                manner,
                name);
        return new JournalProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    BufferedReader lines() {
        return lines;
    }

    /** Lets it sweep once. */
    void go() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    /** Kills the process with SIGKILL; what it told before can still be read. */
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] arguments) throws Exception {
        // One write call for each line: a killed process leaves no line half told and none in a buffer.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, US_ASCII);
        LeaseJournal journal = FileLeaseJournal.open(Path.of(arguments[0]));
        switch (arguments[1]) {
            case "write" -> write(journal, arguments[2], out);
            case "sweep" -> sweep(journal, out);
            default -> {
                out.print("took " + journal.takeOver().leases().size() + "\n");
                System.in.read();
            }
        }
    }

    static LeaseFact fact(int number) {
        return new Directory("machine", "/" + number + "/" + "x".repeat(number * 700));
    }

    private static void write(LeaseJournal journal, String name, PrintStream out) {
        for (int number = 0; ; number++) {
            String id = name + "-" + number;
            Entry entry = journal.begin(new LeaseRecord(id, "run", Instant.EPOCH));
            out.print("begun " + id + "\n");
            for (int fact = 0; fact < FACTS_OF_A_LEASE; fact++) {
                entry.add(fact(fact));
                out.print("fact " + id + " " + fact + "\n");
            }
            if (number % 2 == 0) {
                out.print("ending " + id + "\n");
                entry.end();
                out.print("ended " + id + "\n");
            }
        }
    }

    private static void sweep(LeaseJournal journal, PrintStream out) throws IOException {
        out.print("ready\n");
        while (System.in.read() >= 0) {
            for (AbandonedLease left : journal.takeOver().leases()) {
                out.print(left.lease().leaseId() + "\n");
                left.settle();
            }
            out.print("done\n");
        }
    }
}
