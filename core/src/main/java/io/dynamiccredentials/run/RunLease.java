package io.dynamiccredentials.run;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.environment.AmbientIdentity;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.run.CloseReport.Item;
import io.dynamiccredentials.run.CloseReport.Outcome;
import io.dynamiccredentials.token.IdentityToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one run holds, until it is closed: credentials, files and the processes that use them.
 *
 * <p>Made by {@link DynamicCredentials#open}. Close it when the run's work is over; the report tells what outlives it.
 * Safe for use by many threads.
 */
public final class RunLease implements AutoCloseable {
    private static final long GRACE_SECONDS = 5;

    private final RunDirectory directory;
    private final RunEnvironment environment;
    private final Deque<Holding> holdings;
    private final List<Process> processes = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;
    private @Nullable CloseReport report;

    RunLease(RunDirectory directory, RunEnvironment environment, Deque<Holding> holdings) {
        this.directory = directory;
        this.environment = environment;
        this.holdings = holdings;
    }

    /** Returns the variables and files of the run, for a host that starts its processes by other means. */
    public RunEnvironment environment() {
        return environment;
    }

    /**
     * Starts a process that has the run's credentials, and of this machine's variables only those that are inherited by
     * name.
     *
     * <p>Variables that you put into {@code builder}'s environment are kept, unless they carry an identity or are the
     * run's own. Its home directory is private to the run, so that no {@code ~/.aws} or {@code ~/.vault-token} of this
     * machine is found.
     *
     * @throws IllegalStateException if the lease is closed
     * @throws IllegalArgumentException if {@code builder} sets a variable that carries an identity, or works in a
     *     directory that contains the run's files
     * @throws IOException if the process can't be started
     */
    public Process start(ProcessBuilder builder) throws IOException {
        requireFilesOutside(builder);
        Map<String, String> variables = builder.environment();
        Map<String, String> own = setByCaller(variables);
        variables.clear();
        environment.variables().forEach((name, value) -> variables.put(name, value.reveal()));
        variables.putAll(own);
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("This lease is closed; open another one to start a process");
            }
            Process process = builder.start();
            processes.add(process);
            return process;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns what became of everything that the run held.
     *
     * @throws IllegalStateException if the lease is still open
     */
    public CloseReport report() {
        lock.lock();
        try {
            if (report == null) {
                throw new IllegalStateException("There is no report before the lease is closed");
            }
            return report;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the processes that still run, revokes what can be revoked and deletes the files. Every step runs, whatever
     * fails before it. Blocks on the network and up to 5 seconds for each process. A second call does nothing.
     *
     * @throws io.dynamiccredentials.DynamicCredentialsException with the first failure, the others suppressed; the
     *     report has them all
     */
    @Override
    public void close() {
        List<Process> started;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            started = List.copyOf(processes);
        } finally {
            lock.unlock();
        }
        Teardown teardown = new Teardown();
        started.forEach(teardown::end);
        teardown.release(holdings, directory);
        lock.lock();
        try {
            report = new CloseReport(teardown.items);
        } finally {
            lock.unlock();
        }
        teardown.failure().ifPresent(failure -> {
            throw failure;
        });
    }

    @Override
    public String toString() {
        return "RunLease[" + environment + "]";
    }

    private void requireFilesOutside(ProcessBuilder builder) throws IOException {
        Path working =
                builder.directory() == null ? Path.of("") : builder.directory().toPath();
        Path real = working.toRealPath();
        if (directory.path().startsWith(real)) {
            throw new IllegalArgumentException(
                    "The run's files in \"" + directory.path() + "\" must lie outside the working " + "directory \""
                            + real + "\", so that they reach no artifact. Choose another directory for leases");
        }
    }

    /** Finds what the caller put there: what this machine's own environment does not have. */
    private Map<String, String> setByCaller(Map<String, String> variables) {
        Map<String, String> own = new TreeMap<>(variables);
        Map<String, Secret> ofRun = environment.variables();
        new ProcessBuilder().environment().forEach(own::remove);
        for (String name : own.keySet()) {
            if (AmbientIdentity.carries(name) || ofRun.containsKey(name)) {
                throw new IllegalArgumentException("The process may not set " + name
                        + ", which carries an identity or is the run's own. Remove it from the process's environment");
            }
        }
        return own;
    }

    /** Credentials that were obtained, the token that bought them, and how to end them. */
    record Holding(String platform, IdentityToken token, Credentials credentials, Supplier<Revocation> revoke) {

        static <C extends Credentials> Holding of(
                CredentialExchanger<C> exchanger, IdentityToken token, C credentials) {
            return new Holding(exchanger.platform(), token, credentials, () -> exchanger.revoke(credentials));
        }
    }

    /** One pass over everything that is held. Goes on after failures and keeps them. */
    static final class Teardown {
        private final List<Item> items = new ArrayList<>();
        private final Set<RuntimeException> failures = new LinkedHashSet<>();

        // A cancelled job arrives here with its thread interrupted, which would make every revocation fail at once.
        private boolean interrupted = Thread.interrupted();

        void release(Deque<Holding> holdings, RunDirectory directory) {
            for (Holding holding : newestFirst(holdings)) {
                revoke(holding);
                items.add(Item.livesUntil(
                        "identity token " + holding.token().tokenId() + " for "
                                + holding.token().audience(),
                        holding.token().expiresAt()));
            }
            delete(directory);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        /** Returns the first failure with the others suppressed. */
        Optional<RuntimeException> failure() {
            Optional<RuntimeException> first = failures.stream().findFirst();
            first.ifPresent(e -> failures.stream().skip(1).forEach(e::addSuppressed));
            return first;
        }

        private static Deque<Holding> newestFirst(Deque<Holding> holdings) {
            Deque<Holding> reversed = new ArrayDeque<>();
            holdings.forEach(reversed::push);
            return reversed;
        }

        private void revoke(Holding holding) {
            Credentials credentials = holding.credentials();
            String what = holding.platform() + " credentials of " + credentials.principal();
            try {
                Revocation revocation = holding.revoke().get();
                items.add(
                        revocation instanceof Revocation.LivesUntil lives
                                ? Item.livesUntil(what, lives.until())
                                : Item.of(what, Outcome.REVOKED));
            } catch (RuntimeException e) {
                failures.add(e);
                items.add(Item.failed(what, credentials.expiresAt(), e));
            }
        }

        private void delete(RunDirectory directory) {
            String what = "files in " + directory.path();
            try {
                directory.close();
                items.add(Item.of(what, Outcome.DELETED));
            } catch (RuntimeException e) {
                failures.add(e);
                items.add(Item.failed(what, e));
            }
        }

        void end(Process process) {
            List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
            family.add(process.toHandle());
            boolean running = process.isAlive();
            family.forEach(ProcessHandle::destroy);
            try {
                process.waitFor(GRACE_SECONDS, SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
            // Whoever ignored the polite request has had its time; ended processes are not touched.
            family.forEach(ProcessHandle::destroyForcibly);
            if (running) {
                items.add(Item.of("process " + process.pid(), Outcome.ENDED));
            }
        }
    }
}
