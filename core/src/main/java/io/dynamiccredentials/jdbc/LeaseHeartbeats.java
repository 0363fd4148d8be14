package io.dynamiccredentials.jdbc;

import io.dynamiccredentials.jdbc.LeaseTables.Claim;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The owners that this node writes for, and the signs of life that it gives for them. Safe for use by many threads. */
final class LeaseHeartbeats {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseHeartbeats.class);

    private final LeaseTables tables;
    private final Duration pause;
    private final @Nullable ScheduledExecutorService given;
    private final Set<Claim> held = ConcurrentHashMap.newKeySet();
    private final ReentrantLock starting = new ReentrantLock();
    // A beat shares it; whoever stops waits for the last one, which would bring a released owner back to life.
    private final ReentrantReadWriteLock beatingNow = new ReentrantReadWriteLock();
    private @Nullable ScheduledExecutorService own;
    private @Nullable Future<?> beating;
    private boolean stopped;

    LeaseHeartbeats(LeaseTables tables, Duration pause, @Nullable ScheduledExecutorService given) {
        this.tables = tables;
        this.pause = pause;
        this.given = given;
    }

    Set<Claim> held() {
        return Set.copyOf(held);
    }

    boolean holds(Claim claim) {
        return held.contains(claim);
    }

    boolean holdsOwner(String owner) {
        return held.stream().anyMatch(claim -> claim.owner().equals(owner));
    }

    /** Beats for this owner from now on. */
    void hold(Claim claim) {
        held.add(claim);
        starting.lock();
        try {
            if (beating == null) {
                long millis = pause.toMillis();
                beating = scheduler().scheduleWithFixedDelay(this::beat, millis, millis, TimeUnit.MILLISECONDS);
            }
        } finally {
            starting.unlock();
        }
    }

    /** Beats for this owner no more. */
    void release(Claim claim) {
        held.remove(claim);
    }

    /** Leaves an owner to others: at once, or if the database can't be told, when it was silent for long enough. */
    void leave(Claim claim) {
        // Before the row: a beat that then found another's would take it for lost.
        release(claim);
        try {
            if (!tables.release(claim)) {
                LOG.warn("Another node went on with owner {}, whose leases this one had", claim.owner());
            }
        } catch (RuntimeException e) {
            LOG.warn("Owner {} of leases is free only when it was silent for long: {}", claim.owner(), e.getMessage());
        }
    }

    /** Learns that another node has the owner. */
    void lose(Claim claim) {
        if (held.remove(claim)) {
            LOG.error("Another node took this one for dead and took over its leases, as no heartbeat had reached the "
                    + "database. Check the connection to it, and for pauses of this process");
        }
    }

    /**
     * Learns whether the claim still held when something was written.
     *
     * @throws UncheckedIOException if not
     */
    void require(boolean held, Claim claim) {
        if (!held) {
            lose(claim);
            throw takenOver();
        }
    }

    /** Says that a lease is another's. */
    static UncheckedIOException takenOver() {
        String message = "The lease was taken over by another node, which took this one for dead, as no heartbeat had "
                + "reached the database. Close the lease: what it holds is being ended";
        return new UncheckedIOException(message, new IOException(message));
    }

    /** Beats no more once it returns. */
    void stop() {
        Lock alone = beatingNow.writeLock();
        alone.lock();
        try {
            stopped = true;
        } finally {
            alone.unlock();
        }
        starting.lock();
        try {
            if (beating != null) {
                beating.cancel(false);
            }
            if (own != null) {
                own.shutdown();
            }
        } finally {
            starting.unlock();
        }
    }

    /** What a beat throws would end all further ones. */
    private void beat() {
        Lock shared = beatingNow.readLock();
        shared.lock();
        try {
            if (!stopped) {
                held.forEach(this::beat);
            }
        } finally {
            shared.unlock();
        }
    }

    private void beat(Claim claim) {
        try {
            // It may have been released since the beats began, and then nobody has lost it.
            if (!tables.beat(claim) && held.contains(claim)) {
                lose(claim);
            }
        } catch (RuntimeException e) {
            LOG.warn("A heartbeat of the lease journal failed and is tried again in {}: {}", pause, e.getMessage());
        }
    }

    private ScheduledExecutorService scheduler() {
        if (given != null) {
            return given;
        }
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "dynamic-credentials-lease-heartbeat");
            thread.setDaemon(true);
            return thread;
        });
        own = executor;
        return executor;
    }
}
