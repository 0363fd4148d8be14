package io.dynamiccredentials.run;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.run.CloseReport.Item;
import io.dynamiccredentials.run.CloseReport.Outcome;
import io.dynamiccredentials.run.CloseReport.Thing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * One pass over everything that a run holds, newest first. Every step runs, whatever fails before it. Not safe for use
 * by several threads.
 */
final class Teardown {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final LeaseEvents events;
    private final Duration fileLimit;
    private final List<Item> items = new ArrayList<>();
    private final Set<Throwable> failures = new LinkedHashSet<>();

    // A cancelled job arrives here with its thread interrupted, which would make every revocation fail at once.
    private boolean interrupted = Thread.interrupted();

    Teardown(LeaseEvents events) {
        this(events, LimitedStep.LIMIT);
    }

    Teardown(LeaseEvents events, Duration fileLimit) {
        this.events = events;
        this.fileLimit = fileLimit;
    }

    /** Ends all refreshing, so that nothing more comes: stops everything first, and then waits once for all. */
    void release(List<? extends KeptConfiguration<?>> kept) {
        kept.forEach(each -> attempt(each::release));
        long deadline = System.nanoTime() + GRACE.toNanos();
        kept.forEach(each -> attempt(() -> {
            each.awaitEnd(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            interrupted |= Thread.interrupted();
        }));
    }

    /** Ends what {@code processes} still run, then the files, then all that {@code holdings} bought. */
    CloseReport run(List<Process> processes, List<Holding> holdings, AutoCloseable endpoints, RunDirectory directory) {
        try {
            endAll(processes);
            stop(endpoints);
            // Before the network, which may take its time: nobody reads them any more. They may not keep it waiting.
            attempt(Thing.FILES, "files in " + directory.path(), () -> {
                LimitedStep.take(fileLimit, () -> {
                    directory.close();
                    return true;
                });
                return Outcome.DELETED;
            });
            for (int i = holdings.size() - 1; i >= 0; i--) {
                Holding holding = holdings.get(i);
                holding.bought().filter(bought -> !bought.isTokenItself()).ifPresent(this::revokeAndReport);
                items.add(Item.livesUntil(
                        Thing.IDENTITY_TOKEN,
                        "identity token " + holding.token().tokenId() + " for " + holding.name(),
                        holding.token().expiresAt()));
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return new CloseReport(items);
    }

    /** Has the journal forget the lease, unless something is left that somebody else may end later. */
    void settle(LeaseJournal.Entry journal) {
        if (items.stream().anyMatch(item -> item.outcome() == Outcome.FAILED)) {
            return;
        }
        try {
            journal.end();
        } catch (Throwable e) {
            failures.add(e);
        }
    }

    /** Returns the first failure with the others suppressed. */
    Optional<Throwable> failure() {
        Optional<Throwable> first = failures.stream().findFirst();
        first.ifPresent(e -> failures.stream().skip(1).forEach(e::addSuppressed));
        return first;
    }

    private void stop(AutoCloseable endpoints) {
        try {
            endpoints.close();
        } catch (Throwable e) {
            fail(Thing.ENDPOINTS, "endpoints on loopback", Optional.empty(), e);
        }
    }

    private void revokeAndReport(HeldCredentials<?> bought) {
        String what = bought.name() + " credentials";
        Optional<Instant> until = Optional.empty();
        try {
            what += " of " + bought.credentials().principal();
            until = Optional.of(bought.credentials().expiresAt());
        } catch (Throwable e) {
            // Credentials that can't say whose they are must be ended all the same.
            failures.add(e);
        }
        try {
            Revocation revocation = revoke(bought);
            items.add(Item.ended(what, revocation));
            events.revoked(bought, revocation);
        } catch (Throwable e) {
            fail(Thing.CREDENTIALS, what, until, e);
            events.refused(bought.name(), String.valueOf(e.getMessage()));
        }
    }

    private void endAll(List<Process> processes) {
        try {
            end(processes);
        } catch (Throwable e) {
            fail(Thing.PROCESS, processes.size() + " processes", Optional.empty(), e);
        }
    }

    private void attempt(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            failures.add(e);
        }
    }

    private void attempt(Thing thing, String what, Supplier<Outcome> step) {
        try {
            items.add(Item.of(thing, what, step.get()));
        } catch (Throwable e) {
            fail(thing, what, Optional.empty(), e);
        }
    }

    private void fail(Thing thing, String what, Optional<Instant> until, Throwable e) {
        failures.add(e);
        items.add(Item.failed(thing, what, until, e));
    }

    /** An interrupt in the middle gives up the request and not the revocation. */
    private Revocation revoke(HeldCredentials<?> bought) {
        try {
            return bought.revoke();
        } catch (RuntimeException e) {
            if (!Thread.interrupted()) {
                throw e;
            }
            interrupted = true;
            return bought.revoke();
        }
    }

    /** Asks all processes to end, waits once for all, and then ends by force whoever is left. */
    private void end(List<Process> processes) {
        Map<Process, Boolean> running = new LinkedHashMap<>();
        List<ProcessHandle> families = new ArrayList<>();
        for (Process process : processes) {
            running.put(process, process.isAlive());
            families.addAll(family(process));
        }
        families.forEach(ProcessHandle::destroy);
        long deadline = System.nanoTime() + GRACE.toNanos();
        processes.forEach(process -> await(process, deadline));
        // Whoever ignored the polite request has had its time, and so have children that were born meanwhile.
        processes.forEach(process -> families.addAll(family(process)));
        families.forEach(ProcessHandle::destroyForcibly);
        long lastCall = System.nanoTime() + GRACE.toNanos();
        running.forEach((process, ran) -> attempt(Thing.PROCESS, "process " + process.pid(), () -> {
            await(process, lastCall);
            if (process.isAlive()) {
                throw new IllegalStateException("It did not end even by force");
            }
            return ran ? Outcome.ENDED : Outcome.ENDED_BEFORE;
        }));
    }

    private static List<ProcessHandle> family(Process process) {
        if (!process.isAlive()) {
            // Its number may be a stranger's by now, whose children are not the run's.
            return List.of();
        }
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        family.add(process.toHandle());
        return family;
    }

    private void await(Process process, long deadlineNanos) {
        try {
            process.waitFor(Math.max(0, deadlineNanos - System.nanoTime()), NANOSECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
    }
}
