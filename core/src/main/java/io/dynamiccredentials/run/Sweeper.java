package io.dynamiccredentials.run;

import io.dynamiccredentials.exchange.HandleRevoker;
import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.journal.LeaseJournal.AbandonedLease;
import io.dynamiccredentials.journal.LeaseJournal.TakenOver;
import io.dynamiccredentials.journal.LeaseRecord;
import io.dynamiccredentials.run.CloseReport.Item;
import io.dynamiccredentials.run.CloseReport.Thing;
import io.dynamiccredentials.token.IdentityToken;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what processes that died have left, as the journal tells it: their processes, files and credentials. Safe for
 * use by many threads.
 */
final class Sweeper {
    private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);

    private final LeaseJournal journal;
    private final Map<String, HandleRevoker> revokers = new LinkedHashMap<>();
    private final Function<String, IdentityToken> tokens;
    private final Clock clock;
    private final String machine;
    private final LeaseListener listener;

    /**
     * Makes a sweeper.
     *
     * @param revokers who ends credentials of which platform; of two for one platform the first counts
     * @param tokens issues the host's own tokens for an audience
     * @param machine the name by which the journal knows this machine
     */
    Sweeper(
            LeaseJournal journal,
            List<HandleRevoker> revokers,
            Function<String, IdentityToken> tokens,
            Clock clock,
            String machine,
            LeaseListener listener) {
        this.journal = journal;
        revokers.forEach(revoker -> this.revokers.putIfAbsent(revoker.platform(), revoker));
        this.tokens = tokens;
        this.clock = clock;
        this.machine = machine;
        this.listener = listener;
    }

    /**
     * Takes over the leases of dead owners and ends what they held, every step whatever fails before it. Blocks on the
     * network, and for each lease up to 10 seconds for its processes and for each path of files.
     *
     * @throws java.io.UncheckedIOException if the journal can't be searched
     */
    SweeperReport sweep() {
        // An interrupt would make every revocation fail at once.
        boolean interrupted = Thread.interrupted();
        try {
            TakenOver over = journal.takeOver();
            over.unreadable().forEach(why -> LOG.error("A lease of a dead process can't be ended: {}", why));
            List<SweptLease> swept = new ArrayList<>();
            if (!over.leases().isEmpty()) {
                sweepAll(over.leases(), swept);
            }
            return new SweeperReport(swept, over.unreadable());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void sweepAll(List<AbandonedLease> all, List<SweptLease> swept) {
        try {
            HomeProcesses atHome = HomeProcesses.find();
            all.forEach(left -> swept.add(sweepOrPutBack(left, atHome)));
        } catch (Throwable e) {
            all.stream().skip(swept.size()).forEach(left -> swept.add(putBack(left, e)));
        }
    }

    /** What fails here, even as no test has foreseen, must not keep the leases of others from being swept. */
    private SweptLease sweepOrPutBack(AbandonedLease left, HomeProcesses atHome) {
        try {
            return sweep(left, atHome);
        } catch (Throwable e) {
            return putBack(left, e);
        }
    }

    private static SweptLease putBack(AbandonedLease left, Throwable failure) {
        LeaseRecord lease = left.lease();
        LOG.error("Lease {} can't be swept", lease.leaseId(), failure);
        try {
            left.putBack(left.facts());
        } catch (Throwable e) {
            LOG.error("Lease {} can't be put back", lease.leaseId(), e);
        }
        Item item = Item.failed(Thing.FILES, "what is known of lease " + lease.leaseId(), Optional.empty(), failure);
        return new SweptLease(lease, new CloseReport(List.of(item)), false);
    }

    private SweptLease sweep(AbandonedLease left, HomeProcesses atHome) {
        LeaseRecord lease = left.lease();
        SweeperWork work = new SweeperWork(
                lease, left.facts(), clock.instant(), machine, new SweeperEvents(listener, clock, lease));
        work.attempt(Thing.PROCESS, () -> work.endProcesses(atHome));
        work.attempt(Thing.FILES, work::deleteFiles);
        work.attempt(Thing.CREDENTIALS, () -> work.revoke(this::revoker, tokens));
        work.attempt(Thing.IDENTITY_TOKEN, work::tellOfTokens);
        List<Item> items = new ArrayList<>(work.items());
        boolean settled = work.remaining().isEmpty();
        try {
            if (settled) {
                left.settle();
            } else {
                left.putBack(work.remaining());
            }
        } catch (RuntimeException e) {
            settled = false;
            items.add(Item.failed(Thing.FILES, "the journal of lease " + lease.leaseId(), Optional.empty(), e));
            LOG.error("Lease {} was swept, and its journal could not be told: {}", lease.leaseId(), e.getMessage());
        }
        return new SweptLease(lease, new CloseReport(items), settled);
    }

    private Optional<HandleRevoker> revoker(String platform) {
        return Optional.ofNullable(revokers.get(platform));
    }
}
