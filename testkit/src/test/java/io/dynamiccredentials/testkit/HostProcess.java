package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.journal.FileLeaseJournal;
import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.LeaseEvent;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.run.SweeperReport;
import io.dynamiccredentials.workload.TerraformRun;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A host in a JVM of its own, which tells on its standard output what it does, until it is killed. */
final class HostProcess {
    private static final int HELD = 2;

    // One write call for each line: a killed process leaves no line half told and none in a buffer.
    private static final PrintStream OUT = new PrintStream(new FileOutputStream(FileDescriptor.out), false, UTF_8);

    private final HostFile file;
    private final String name;
    private final DynamicCredentials door;

    private HostProcess(HostFile file, String name, DynamicCredentials door) {
        this.file = file;
        this.name = name;
        this.door = door;
    }

    /** Starts a host that opens leases. Its processes, and no others, sleep for {@code sleep} seconds. */
    static Process running(Path file, String name, String sleep) throws Exception {
        return start(file, "run", name, sleep);
    }

    /** Starts a host that sweeps once, tells its report and ends. */
    static Process sweeping(Path file) throws Exception {
        return start(file, "sweep", "", "");
    }

    private static Process start(Path file, String... arguments) throws Exception {
        Path temporary = HostFile.read(file).path("temporary");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-Xmx128m",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                HostProcess.class.getName(),
                file.toString());
        builder.command().addAll(List.of(arguments));
        return builder.redirectErrorStream(true).start();
    }

    public static void main(String[] arguments) throws Exception {
        HostFile file = HostFile.read(Path.of(arguments[0]));
        tell("started");
        LeaseJournal journal = FileLeaseJournal.open(file.path("journal"));
        DynamicCredentials door =
                file.door(journal).listener(HostProcess::tellOf).build();
        if (arguments[1].equals("sweep")) {
            tell("sweeping");
            report(door.sweep());
            journal.close();
            return;
        }
        tell("ready");
        HostProcess host = new HostProcess(file, arguments[2], door);
        new Thread(() -> host.hold(arguments[3])).start();
        new Thread(() -> host.work("platforms", file.platformVariables(), arguments[3])).start();
        new Thread(() -> host.work("vault", file.vaultVariables("ci"), arguments[3])).start();
    }

    /** Keeps leases open, so that they are renewed. */
    private void hold(String sleep) {
        try {
            for (int number = 0; number < HELD; number++) {
                openAndStart("held-" + number, file.vaultVariables("short"), sleep);
            }
            tell("holding");
            new CountDownLatch(1).await();
        } catch (Exception e) {
            fail(e);
        }
    }

    /** Opens leases and closes them. */
    private void work(String kind, Map<String, String> variables, String sleep) {
        try {
            for (int number = 0; ; number++) {
                RunLease lease = openAndStart(kind + "-" + number, variables, sleep);
                tell("closing\t" + runId(kind + "-" + number));
                lease.close();
                tell("closed\t" + runId(kind + "-" + number));
            }
        } catch (Exception e) {
            fail(e);
        }
    }

    private RunLease openAndStart(String kind, Map<String, String> variables, String sleep) throws Exception {
        tell("opening\t" + runId(kind));
        RunLease lease = door.open(
                TerraformRun.builder("acme", "shop", "prod", runId(kind)).build(), variables);
        tell("open\t" + runId(kind));
        Path work = Files.createDirectories(file.path("work").resolve(runId(kind.replaceFirst("-.*", ""))));
        lease.start(new ProcessBuilder("sleep", sleep).directory(work.toFile()));
        if (!kind.startsWith("held")) {
            lease.writeTerraformInputs(work);
        }
        return lease;
    }

    private String runId(String kind) {
        return name + "-" + kind;
    }

    private static void tellOf(LeaseEvent event) {
        if (event.kind() == LeaseEvent.Kind.ISSUED || event.kind() == LeaseEvent.Kind.EXCHANGED) {
            tell(event.kind() + "\t" + event.runId() + "\t" + event.tokenId().orElseThrow() + "\t"
                    + event.configuration().orElseThrow());
        }
    }

    private static void report(SweeperReport report) {
        HostSweep.of(report).lines().forEach(HostProcess::tell);
        tell("swept");
    }

    private static void fail(Exception e) {
        tell("failed\t" + e);
        e.printStackTrace();
    }

    private static void tell(String line) {
        OUT.print(line + "\n");
    }
}
