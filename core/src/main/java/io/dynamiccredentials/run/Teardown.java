package io.dynamiccredentials.run;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.run.CloseReport.Item;
import io.dynamiccredentials.run.CloseReport.Outcome;
import io.dynamiccredentials.run.CloseReport.Thing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * One pass over everything that a run holds, newest first. Every step runs, whatever fails before it. Not safe for use
 * by several threads.
 */
final class Teardown {
    private static final long GRACE_SECONDS = 5;

    private final List<Item> items = new ArrayList<>();
    private final Set<Throwable> failures = new LinkedHashSet<>();

    // A cancelled job arrives here with its thread interrupted, which would make every revocation fail at once.
    private boolean interrupted = Thread.interrupted();

    /** Ends what {@code processes} still run, then all that {@code holdings} bought, then the files. */
    CloseReport run(List<Process> processes, List<Holding> holdings, RunDirectory directory) {
        try {
            processes.forEach(process -> attempt(Thing.PROCESS, "process " + process.pid(), () -> end(process)));
            for (int i = holdings.size() - 1; i >= 0; i--) {
                Holding holding = holdings.get(i);
                holding.bought().ifPresent(bought -> revoke(holding.platform(), bought));
                items.add(Item.livesUntil(
                        Thing.IDENTITY_TOKEN,
                        "identity token " + holding.token().tokenId() + " for " + holding.platform(),
                        holding.token().expiresAt()));
            }
        } finally {
            attempt(Thing.FILES, "files in " + directory.path(), () -> {
                directory.close();
                return Outcome.DELETED;
            });
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return new CloseReport(items);
    }

    /** Returns the first failure with the others suppressed. */
    Optional<Throwable> failure() {
        Optional<Throwable> first = failures.stream().findFirst();
        first.ifPresent(e -> failures.stream().skip(1).forEach(e::addSuppressed));
        return first;
    }

    private void revoke(String platform, Holding.Bought bought) {
        String what = platform + " credentials";
        Optional<Instant> until = Optional.empty();
        try {
            what += " of " + bought.credentials().principal();
            until = Optional.of(bought.credentials().expiresAt());
            Revocation revocation = bought.revoke().get();
            items.add(
                    revocation instanceof Revocation.LivesUntil lives
                            ? Item.livesUntil(Thing.CREDENTIALS, what, lives.until())
                            : Item.of(Thing.CREDENTIALS, what, Outcome.REVOKED));
        } catch (Throwable e) {
            fail(Thing.CREDENTIALS, what, until, e);
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

    private Outcome end(Process process) {
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
        return running ? Outcome.ENDED : Outcome.ENDED_BEFORE;
    }
}
