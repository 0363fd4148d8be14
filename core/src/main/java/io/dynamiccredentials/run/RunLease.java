package io.dynamiccredentials.run;

import io.dynamiccredentials.broker.CredentialBroker.LeaseEndpoints;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.environment.HalfSets;
import io.dynamiccredentials.environment.MaskingOutputStream;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.journal.LeaseFact;
import io.dynamiccredentials.journal.LeaseJournal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one run holds, until it is closed: credentials, files and the processes that use them.
 *
 * <p>Made by {@link DynamicCredentials#open}. Close it when the run's work is over; the report tells what outlives it.
 * Safe for use by many threads.
 */
public final class RunLease implements AutoCloseable {
    private static final String INPUTS_FILE = "dynamic-credentials.auto.tfvars.json";

    private final RunDirectory directory;
    private final LeaseEndpoints endpoints;
    private final Ledger ledger;
    private final LeaseEvents events;
    private final LeaseJournal.Entry journal;
    private final String machine;
    private final Map<String, Map<String, String>> provenance = new LinkedHashMap<>();
    private final Predicate<String> carriesIdentity;
    private final List<Process> processes = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final ReentrantLock renewing = new ReentrantLock();
    private volatile RunEnvironment environment;
    private List<KeptConfiguration<?>> kept = List.of();
    private boolean closed;
    private @Nullable CloseReport report;

    RunLease(LeaseParts parts, RunEnvironment environment, Predicate<String> carriesIdentity) {
        this.directory = parts.directory();
        this.endpoints = parts.endpoints();
        this.ledger = parts.ledger();
        this.events = parts.events();
        this.journal = parts.journal();
        this.machine = parts.machine();
        this.environment = environment;
        this.carriesIdentity = carriesIdentity;
    }

    /** Keeps fresh what was obtained. */
    RunLease keep(Opening opening) {
        kept = opening.keep(this);
        kept.forEach(each ->
                provenance.put(each.configuration().name(), each.configuration().provenance()));
        return this;
    }

    /** Gives processes that are started from now on what is newer. */
    void renewed(ConfigurationEnvironment newer) {
        renewing.lock();
        try {
            environment = environment.with(newer);
        } finally {
            renewing.unlock();
        }
    }

    /**
     * Returns the variables and files of the run as they are now, for a host that starts its processes by other means.
     * Ask again for each process: what is renewed has newer variables.
     */
    public RunEnvironment environment() {
        return environment;
    }

    /**
     * Returns the configurations that the run has, by names such as {@code AWS (PROD)}: for each setting the variable
     * that gave it, and no value. Empty if the variables turned nothing on.
     */
    public Map<String, Map<String, String>> provenance() {
        return Collections.unmodifiableMap(provenance);
    }

    /**
     * Returns a stream that writes to {@code out} what it is given, with {@code ***} in place of each secret of the
     * run, also of those that are renewed later. Use one for each stream of each process, and close it.
     *
     * <p>A secret is masked for as long as it lives, and afterwards until the newer ones need its room, as
     * {@link io.dynamiccredentials.environment.Masks} tells: with tokens of 10 minutes, which are replaced after 5, for
     * four platforms and their credentials that is for at least 5 hours. What looks like a JWT or like the id of an AWS
     * access key is masked always.
     */
    public MaskingOutputStream mask(OutputStream out) {
        return ledger.masks().mask(out);
    }

    /**
     * Starts a process that has the run's credentials, and of this machine's variables only those that are inherited by
     * name.
     *
     * <p>Variables that you put into {@code builder}'s environment reach the process too. A variable that has there the
     * very value of this machine's own counts as this machine's: to pass it on, name it in
     * {@link DynamicCredentials.Builder#inherit}. The process's home directory is private to the run, so that no
     * {@code ~/.aws} or {@code ~/.vault-token} of this machine is found. {@code builder} is left as it was.
     *
     * @throws IllegalStateException if the lease is closed
     * @throws IllegalArgumentException if {@code builder} sets a variable that carries an identity or that a platform
     *     gives to the run, or works in a directory that contains the run's files
     * @throws IOException if the process can't be started
     * @throws java.io.UncheckedIOException if the journal can't be told of it; then it is ended
     */
    public Process start(ProcessBuilder builder) throws IOException {
        requireFilesOutside(builder);
        Map<String, String> variables = builder.environment();
        Map<String, String> before = new TreeMap<>(variables);
        Map<String, String> own = setByCaller(variables);
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("This lease is closed; open another one to start a process");
            }
            variables.clear();
            environment.variables().forEach((name, value) -> variables.put(name, value.reveal()));
            variables.putAll(own);
            requireWholeSets(variables.keySet());
            Process process = builder.start();
            processes.add(process);
            remember(process);
            return process;
        } finally {
            lock.unlock();
            // The builder is the caller's, who may print it or start it again.
            variables.clear();
            variables.putAll(before);
        }
    }

    /**
     * Writes the values of Terraform's input variables to {@value #INPUTS_FILE} in {@code directory}, where Terraform
     * finds them by itself, and returns the file. It is 0600 and gone when the lease is closed. Does nothing but return
     * the path if there is no such value. It is not renewed: the files that it names are, and a token in it ends. Use
     * {@link DynamicCredentials.Builder#withoutTerraformVariables} with it.
     *
     * @param directory the working directory of the run's Terraform, a path that the run itself did not choose: links
     *     in it are followed
     * @throws IllegalStateException if the lease is closed
     * @throws IOException if the file exists, even as a link, or can't be written
     */
    public Path writeTerraformInputs(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new NoSuchFileException(
                    directory.toString(), null, "it must be the directory in which Terraform runs");
        }
        Path file = directory.toRealPath().resolve(INPUTS_FILE);
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("This lease is closed; open another one to write its inputs");
            }
            if (!environment.terraformInputs().isEmpty()) {
                journalFile(file, Optional.empty());
                this.directory.writeOutside(
                        file, environment.terraformInputsFile(), key -> journalFile(file, Optional.of(key)));
            }
            return file;
        } finally {
            lock.unlock();
        }
    }

    private void journalFile(Path file, Optional<String> key) {
        journal.add(new LeaseFact.OutsideFile(machine, file.toString(), key));
    }

    /**
     * Returns what became of everything that the run held. While another thread closes the lease, waits for it.
     *
     * @throws IllegalStateException if the lease is still open
     */
    public CloseReport report() {
        lock.lock();
        try {
            if (report == null) {
                throw new IllegalStateException("This lease is still open. Close it, then ask for its report");
            }
            return report;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the processes that still run, with their descendants (not such as have detached themselves), deletes the
     * files and revokes what can be revoked. Every step runs, whatever fails before it; the report has them all. Blocks
     * on the network, up to 5 seconds for refreshes that are under way, up to 10 for processes and up to 10 for files.
     * A second call does nothing.
     *
     * @throws java.io.UncheckedIOException if a file is left, with the failures of platforms suppressed
     * @throws IllegalStateException if the files are still being deleted after 10 seconds, with those suppressed too
     * @throws io.dynamiccredentials.DynamicCredentialsException if a platform did not revoke and no file is left; the
     *     first of them, with the others suppressed
     */
    @Override
    public void close() {
        Teardown teardown;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            teardown = new Teardown(events);
            teardown.release(kept);
            report = teardown.run(processes, ledger.seal(), endpoints, directory);
            teardown.settle(journal);
        } finally {
            lock.unlock();
        }
        teardown.failure().ifPresent(RunLease::throwUnchecked);
    }

    @Override
    public String toString() {
        return "RunLease[" + provenance.keySet() + ", " + environment + "]";
    }

    private static void throwUnchecked(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        // Steps of a teardown declare no checked exception.
        throw (RuntimeException) failure;
    }

    static void requireWholeSets(Set<String> names) {
        List<String> problems = HalfSets.problems(names);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
    }

    /** A process that nobody could end after a crash must not be. */
    private void remember(Process process) {
        boolean remembered = false;
        try {
            process.info()
                    .startInstant()
                    .ifPresent(
                            startedAt -> journal.add(new LeaseFact.StartedProcess(machine, process.pid(), startedAt)));
            remembered = true;
        } finally {
            if (!remembered) {
                process.destroyForcibly();
            }
        }
    }

    private void requireFilesOutside(ProcessBuilder builder) throws IOException {
        Path working =
                builder.directory() == null ? Path.of("") : builder.directory().toPath();
        Path real = working.toRealPath();
        if (directory.path().startsWith(real)) {
            throw new IllegalArgumentException(
                    "The process would work in \"" + real + "\", which contains the run's files "
                            + "in \"" + directory.path()
                            + "\", so that they could end in an artifact. Set another directory for "
                            + "the process, or for leases");
        }
    }

    /** Finds what the caller put there: what this machine's own environment does not have. */
    private Map<String, String> setByCaller(Map<String, String> variables) {
        Map<String, String> own = new TreeMap<>(variables);
        new ProcessBuilder().environment().forEach(own::remove);
        for (String name : own.keySet()) {
            if (carriesIdentity.test(name) || environment.given().contains(name)) {
                throw new IllegalArgumentException("The process may not set " + name + ", which "
                        + (environment.given().contains(name) ? "the run is given" : "carries an identity of its own")
                        + ". Remove it from the process's environment");
            }
        }
        return own;
    }
}
