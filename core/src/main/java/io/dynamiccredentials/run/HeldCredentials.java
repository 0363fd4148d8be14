package io.dynamiccredentials.run;

import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.HandedOnToken;
import io.dynamiccredentials.exchange.RenewableExchanger;
import io.dynamiccredentials.exchange.Revocation;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Credentials that a run has, and the way to prolong and to end them. Safe for use by many threads. */
final class HeldCredentials<C extends Credentials> {
    private final String name;
    private final CredentialExchanger<C> exchanger;
    private volatile C credentials;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean released;
    private @Nullable Future<?> renewal;

    HeldCredentials(String name, CredentialExchanger<C> exchanger, C credentials) {
        this.name = name;
        this.exchanger = exchanger;
        this.credentials = credentials;
    }

    /** Returns the configuration that they are of. */
    String name() {
        return name;
    }

    Credentials credentials() {
        return credentials;
    }

    /** Tells whether they are the identity token itself, of which the report has a line anyway. */
    boolean isTokenItself() {
        return credentials instanceof HandedOnToken;
    }

    /** Returns how long from now they should be renewed; empty if they can't be, or the run has ended. */
    Optional<Duration> renewalDueIn() {
        return !released && exchanger instanceof RenewableExchanger<C> renewable
                ? renewable.renewalDueIn(credentials)
                : Optional.empty();
    }

    /** Prolongs them; does nothing if the run has ended. */
    void renew() {
        if (!released && exchanger instanceof RenewableExchanger<C> renewable) {
            credentials = renewable.renew(credentials);
        }
    }

    /** Tells whether the run has ended, so that a failure to renew means nothing. */
    boolean isReleased() {
        return released;
    }

    /** Remembers the renewal that is to come, so that it is taken back when the run ends. */
    void onRelease(Future<?> renewal) {
        lock.lock();
        try {
            this.renewal = renewal;
            if (released) {
                renewal.cancel(false);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets go of them: no renewal begins from now on. */
    void release() {
        lock.lock();
        try {
            released = true;
            if (renewal != null) {
                // Also one that is under way: it holds a thread that other runs' credentials wait for.
                renewal.cancel(true);
            }
        } finally {
            lock.unlock();
        }
    }

    Revocation revoke() {
        return exchanger.revoke(credentials);
    }
}
