package io.dynamiccredentials.run;

import io.dynamiccredentials.environment.LeftBehind;
import io.dynamiccredentials.exchange.HandleRevoker;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.exchange.RevocationHandle;
import io.dynamiccredentials.journal.LeaseFact;
import io.dynamiccredentials.journal.LeaseFact.Directory;
import io.dynamiccredentials.journal.LeaseFact.IssuedToken;
import io.dynamiccredentials.journal.LeaseFact.ObtainedCredentials;
import io.dynamiccredentials.journal.LeaseFact.OutsideFile;
import io.dynamiccredentials.journal.LeaseFact.StartedProcess;
import io.dynamiccredentials.journal.LeaseRecord;
import io.dynamiccredentials.run.CloseReport.Item;
import io.dynamiccredentials.run.CloseReport.Outcome;
import io.dynamiccredentials.run.CloseReport.Thing;
import io.dynamiccredentials.token.IdentityToken;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The sweeping of one lease: what is done, what is said of it and what remains. Not safe for use by several threads.
 */
final class SweeperWork {
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** After that what a token may have bought has ended by itself. */
    private static final Duration LONG_ENDED = Duration.ofDays(1);

    /** Who held a Vault token may have prolonged it, by default for 32 days in all, and nobody wrote that down. */
    private static final Duration LONGEST_PROLONGED = Duration.ofDays(33);

    /**
     * A machine that was away for so long does not come back, and files that can't be deleted hold nothing that lives.
     */
    private static final Duration GIVEN_UP = Duration.ofDays(30);

    private final LeaseRecord lease;
    private final List<LeaseFact> facts;
    private final boolean givenUp;
    private final Instant now;
    private final String machine;
    private final SweeperEvents events;
    private final List<Item> items = new ArrayList<>();
    private final List<LeaseFact> remaining = new ArrayList<>();

    SweeperWork(LeaseRecord lease, List<LeaseFact> facts, Instant now, String machine, SweeperEvents events) {
        this.facts = List.copyOf(facts);
        this.lease = lease;
        this.givenUp = now.isAfter(lastEnd(lease, facts).plus(GIVEN_UP));
        this.now = now;
        this.machine = machine;
        this.events = events;
    }

    /** Returns what became of each thing. */
    List<Item> items() {
        return items;
    }

    /** Returns what a later sweep has to try again. */
    List<LeaseFact> remaining() {
        return remaining;
    }

    /** Takes a step; if it fails as a whole, a later sweep has to try everything again. */
    void attempt(Thing thing, Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            items.add(Item.failed(thing, "what is known of lease " + lease.leaseId(), Optional.empty(), e));
            facts.stream().filter(fact -> !remaining.contains(fact)).forEach(remaining::add);
        }
    }

    /** Ends the processes first: nothing must be taken from under one that still works. */
    void endProcesses(HomeProcesses atHome) {
        List<StartedProcess> here = new ArrayList<>();
        for (StartedProcess process : only(StartedProcess.class)) {
            if (isHere(process, process.machine(), Thing.PROCESS, "process " + process.pid())) {
                here.add(process);
            }
        }
        addFound(here, atHome);
        if (here.isEmpty()) {
            return;
        }
        SweeperProcesses processes = new SweeperProcesses(GRACE);
        try {
            processes.end(here);
        } catch (Throwable e) {
            events.of(LeaseEvent.Kind.REFUSED, "processes " + here + ": " + e.getMessage());
        }
        here.forEach(process ->
                attempt(process, Thing.PROCESS, "process " + process.pid(), () -> processes.outcome(process)));
    }

    /**
     * The host may have died between the start of a process and writing that down; and what it wrote down may be of a
     * process that ended, whose number another of the run has, or may tell a time of a clock that was set since.
     */
    private void addFound(List<StartedProcess> here, HomeProcesses atHome) {
        for (Directory directory : only(Directory.class)) {
            if (directory.machine().equals(machine) && !isOfAnother(directory)) {
                for (StartedProcess found : atHome.in(directory)) {
                    here.removeIf(told -> told.pid() == found.pid());
                    here.add(found);
                }
            }
        }
    }

    /** Another lease of the same run may have begun in the same place, since this one's host has died. */
    private boolean isOfAnother(Directory directory) {
        try {
            return leftBehind(directory).isOfAnother();
        } catch (IllegalArgumentException e) {
            // It is no run's directory: told when it is to be deleted, and nobody is at home there.
            return true;
        }
    }

    private LeftBehind leftBehind(Directory directory) {
        return LeftBehind.of(Path.of(directory.path()), lease.leaseId());
    }

    /** Deletes what the run had on this machine. */
    void deleteFiles() {
        for (Directory directory : only(Directory.class)) {
            String what = "files in " + directory.path();
            if (isHere(directory, directory.machine(), Thing.FILES, what)) {
                attempt(directory, Thing.FILES, what, () -> {
                    tellIfFound(LimitedStep.take(LimitedStep.LIMIT, leftBehind(directory)::delete), what);
                    return Outcome.DELETED;
                });
            }
        }
        for (OutsideFile file : outsideFiles()) {
            String what = "file " + file.path();
            if (isHere(file, file.machine(), Thing.FILES, what)) {
                attempt(file, Thing.FILES, what, () -> {
                    tellIfFound(LimitedStep.take(LimitedStep.LIMIT, () -> SweeperFiles.delete(file)), what);
                    return Outcome.DELETED;
                });
            }
        }
    }

    /** Returns each file once: what was known before its creation is told again, and better, after it. */
    private List<OutsideFile> outsideFiles() {
        List<OutsideFile> files = new ArrayList<>(only(OutsideFile.class));
        Set<String> created = new HashSet<>();
        files.forEach(file -> file.fileKey().ifPresent(key -> created.add(file.path())));
        files.removeIf(file -> file.fileKey().isEmpty() && created.contains(file.path()));
        return files;
    }

    /** Revokes each handle once, the newest first; tells of what has none when it ends. */
    void revoke(Function<String, Optional<HandleRevoker>> revokers, Function<String, IdentityToken> tokens) {
        List<ObtainedCredentials> newestFirst = new ArrayList<>(only(ObtainedCredentials.class));
        Collections.reverse(newestFirst);
        Map<RevocationHandle, ObtainedCredentials> latest = new LinkedHashMap<>();
        for (ObtainedCredentials credentials : newestFirst) {
            credentials.handle().ifPresent(handle -> latest.merge(handle, credentials, SweeperWork::laterEnding));
            if (credentials.handle().isEmpty() && now.isBefore(credentials.expiresAt())) {
                events.of(LeaseEvent.Kind.LIVES_ON, credentials, "lives until " + credentials.expiresAt());
                items.add(Item.livesUntil(Thing.CREDENTIALS, what(credentials), credentials.expiresAt()));
            }
        }
        latest.forEach((handle, credentials) -> revoke(handle, credentials, revokers.apply(handle.platform()), tokens));
    }

    /** Tells of the tokens that can still be traded, and of those of which nobody knows what they have bought. */
    void tellOfTokens() {
        Set<String> heardOf = new HashSet<>();
        only(ObtainedCredentials.class).forEach(credentials -> heardOf.add(credentials.tokenId()));
        for (IssuedToken token : only(IssuedToken.class)) {
            String what = "identity token " + token.tokenId() + " for " + token.configuration();
            if (!heardOf.contains(token.tokenId()) && !hasLongEnded(token.expiresAt())) {
                items.add(Item.unknown(
                        Thing.CREDENTIALS,
                        token.configuration() + " credentials that " + what + " may have bought",
                        "The process died after it had issued the token and before it told what it got for it. If "
                                + "there are such credentials, nobody knows and nobody has them"));
            }
            if (now.isBefore(token.expiresAt())) {
                items.add(Item.livesUntil(Thing.IDENTITY_TOKEN, what, token.expiresAt()));
            }
        }
    }

    private void revoke(
            RevocationHandle handle,
            ObtainedCredentials credentials,
            Optional<HandleRevoker> revoker,
            Function<String, IdentityToken> tokens) {
        try {
            Revocation revocation = revoker.orElseThrow(() -> new IllegalStateException("No provider of this host "
                            + "ends credentials of " + handle.platform()
                            + ". Give its provider an identity to end them with"))
                    .revoke(handle, credentials.expiresAt(), tokens);
            items.add(Item.ended(what(credentials), revocation));
            events.of(EventText.kindOf(revocation), credentials, EventText.of(revocation));
        } catch (Throwable e) {
            events.of(LeaseEvent.Kind.REFUSED, credentials, reason(e));
            items.add(Item.failed(Thing.CREDENTIALS, what(credentials), Optional.of(credentials.expiresAt()), e));
            if (!now.isAfter(credentials.expiresAt().plus(LONGEST_PROLONGED))) {
                remaining.add(credentials);
            }
        }
    }

    /** Tells whether it is this machine's; what is another's stays, as long as that one may come back. */
    private boolean isHere(LeaseFact fact, String where, Thing thing, String what) {
        if (where.equals(machine)) {
            return true;
        }
        String reason = "It is on machine \"" + where + "\", and this one is \"" + machine + "\". "
                + (givenUp ? "That was long ago, and nobody tries it again" : "Sweep there");
        items.add(Item.failed(thing, what, Optional.empty(), new IllegalStateException(reason)));
        tryAgain(fact);
        return false;
    }

    private static Instant lastEnd(LeaseRecord lease, List<LeaseFact> facts) {
        Instant last = lease.openedAt();
        for (LeaseFact fact : facts) {
            Instant end = last;
            if (fact instanceof ObtainedCredentials credentials) {
                end = credentials.expiresAt();
            } else if (fact instanceof IssuedToken token) {
                end = token.expiresAt();
            }
            last = end.isAfter(last) ? end : last;
        }
        return last;
    }

    private void attempt(LeaseFact fact, Thing thing, String what, Supplier<Outcome> step) {
        try {
            items.add(Item.of(thing, what, step.get()));
        } catch (Throwable e) {
            items.add(Item.failed(thing, what, Optional.empty(), e));
            events.of(LeaseEvent.Kind.REFUSED, what + ": " + reason(e));
            tryAgain(fact);
        }
    }

    private void tryAgain(LeaseFact fact) {
        if (!givenUp) {
            remaining.add(fact);
        }
    }

    private void tellIfFound(boolean found, String what) {
        if (found) {
            events.of(LeaseEvent.Kind.LEAKED_FILE_FOUND, what);
        }
    }

    private boolean hasLongEnded(Instant end) {
        return now.isAfter(end.plus(LONG_ENDED));
    }

    private static ObtainedCredentials laterEnding(ObtainedCredentials one, ObtainedCredentials other) {
        return other.expiresAt().isAfter(one.expiresAt()) ? other : one;
    }

    private static String what(ObtainedCredentials credentials) {
        return credentials.configuration() + " credentials of " + credentials.principal();
    }

    private static String reason(Throwable e) {
        return e.getMessage() == null ? e.getClass().getName() : e.getMessage();
    }

    private <T extends LeaseFact> List<T> only(Class<T> kind) {
        return facts.stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .distinct()
                .toList();
    }
}
