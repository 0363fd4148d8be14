package io.dynamiccredentials.run;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.environment.Masks;
import io.dynamiccredentials.environment.SecretForms;
import io.dynamiccredentials.environment.SecretSink;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.journal.LeaseFact;
import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.token.IdentityToken;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whatever a lease comes to hold passes here before anybody uses it: it is remembered, so that it is ended with the
 * lease; journaled, so that it is ended if this process dies; masked, and told to listeners. Safe for use by many
 * threads.
 */
final class Ledger {
    private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);

    private final String runId;
    private final LeaseJournal.Entry journal;
    private final Optional<SecretSink> sink;
    private final LeaseEvents events;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Holding> holdings = new ArrayList<>();
    private final Set<Secret> bearers = new HashSet<>();
    private boolean sealed;
    private @Nullable Masks masks;

    Ledger(String runId, LeaseJournal.Entry journal, Optional<SecretSink> sink, LeaseEvents events, Clock clock) {
        this.runId = runId;
        this.journal = journal;
        this.sink = sink;
        this.events = events;
        this.clock = clock;
    }

    /** Takes a token that was issued, before anybody but its issuer has seen it. */
    void issued(String name, IdentityToken token) {
        // First of all, so that masks which are asked for meanwhile know it, and the report has it.
        add(Holding.of(name, token));
        mask(token.compact());
        keepMasked();
        journal.add(new LeaseFact.IssuedToken(name, token.tokenId(), token.expiresAt()));
        events.issued(name, token);
    }

    /** Takes credentials that {@code token} bought, before the run has them. */
    <C extends Credentials> void bought(
            String name, CredentialExchanger<C> exchanger, C credentials, IdentityToken token) {
        HeldCredentials<C> held = new HeldCredentials<>(name, exchanger, credentials);
        // First of all, so that whatever fails from here on, they are ended.
        if (!attach(held, token)) {
            endAtOnce(held);
            throw closed();
        }
        journal.add(fact(name, exchanger, credentials, token));
        credentials.secrets().forEach(this::mask);
        events.exchanged(name, token, credentials);
    }

    /** Takes note that the run trades a token itself: nobody here has to know what it buys. */
    void handedOn(String name, IdentityToken token) {
        journal.add(new LeaseFact.ObtainedCredentials(
                name, token.tokenId(), token.subject(), token.expiresAt(), Optional.empty()));
    }

    /** Takes credentials that are {@code former} with a later end. */
    <C extends Credentials> void prolonged(String name, CredentialExchanger<C> exchanger, C credentials, C former) {
        Optional<IdentityToken> bought = replace(former, new HeldCredentials<>(name, exchanger, credentials));
        // Who ends them after a crash has to know how long they may live.
        bought.ifPresent(token -> journal.add(fact(name, exchanger, credentials, token)));
    }

    private Optional<IdentityToken> replace(Credentials former, HeldCredentials<?> held) {
        lock.lock();
        try {
            for (int i = 0; i < holdings.size(); i++) {
                Holding holding = holdings.get(i);
                if (holding.holds(former)) {
                    holdings.set(i, holding.with(held));
                    forgetEnded();
                    return Optional.of(holding.token());
                }
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private static <C extends Credentials> LeaseFact fact(
            String name, CredentialExchanger<C> exchanger, C credentials, IdentityToken token) {
        return new LeaseFact.ObtainedCredentials(
                name, token.tokenId(), credentials.principal(), credentials.expiresAt(), exchanger.handle(credentials));
    }

    /** Takes the bearer of an endpoint on loopback. */
    void takeBearer(Secret bearer) {
        lock.lock();
        try {
            if (!bearers.add(bearer)) {
                return;
            }
        } finally {
            lock.unlock();
        }
        mask(bearer);
    }

    /** Returns masks of everything that is held, and of what comes. Costs memory, so only who asks has them. */
    Masks masks() {
        lock.lock();
        try {
            if (masks == null) {
                Masks own = new Masks();
                maskHeld(own);
                masks = own;
            }
            return masks;
        } finally {
            lock.unlock();
        }
    }

    /** What lives as long as the lease came first; masks forget what was added first, so it is added again. */
    private void keepMasked() {
        lock.lock();
        try {
            if (masks != null) {
                maskHeld(masks);
            }
        } finally {
            lock.unlock();
        }
    }

    private void maskHeld(Masks own) {
        for (Holding holding : holdings) {
            holding.secrets().forEach(secret -> own.mask(runId, SecretForms.of(secret)));
        }
        bearers.forEach(bearer -> own.mask(runId, SecretForms.of(bearer)));
    }

    private void mask(Secret secret) {
        Optional<Masks> own = ownMasks();
        if (sink.isEmpty() && own.isEmpty()) {
            return;
        }
        Set<Secret> forms = SecretForms.of(secret);
        own.ifPresent(masks -> masks.mask(runId, forms));
        sink.ifPresent(host -> host.mask(runId, forms));
    }

    private Optional<Masks> ownMasks() {
        lock.lock();
        try {
            return Optional.ofNullable(masks);
        } finally {
            lock.unlock();
        }
    }

    /** Returns what is held, in the order in which it came; from now on nothing is taken any more. */
    List<Holding> seal() {
        lock.lock();
        try {
            sealed = true;
            return List.copyOf(holdings);
        } finally {
            lock.unlock();
        }
    }

    private static IllegalStateException closed() {
        return new IllegalStateException("The lease was closed meanwhile; what came too late is ended");
    }

    private void add(Holding holding) {
        lock.lock();
        try {
            if (sealed) {
                throw closed();
            }
            forgetEnded();
            holdings.add(holding);
        } finally {
            lock.unlock();
        }
    }

    private boolean attach(HeldCredentials<?> held, IdentityToken token) {
        lock.lock();
        try {
            if (sealed) {
                return false;
            }
            Holding bought = Holding.of(held.name(), token).with(held);
            int last = holdings.lastIndexOf(Holding.of(held.name(), token));
            if (last < 0) {
                holdings.add(bought);
            } else {
                holdings.set(last, bought);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** A long run has had many tokens, of which only the last ones still live. */
    private void forgetEnded() {
        Instant now = clock.instant();
        holdings.removeIf(holding -> holding.endedBefore(now));
    }

    private void endAtOnce(HeldCredentials<?> held) {
        try {
            events.revoked(held, held.revoke());
        } catch (RuntimeException e) {
            events.refused(held.name(), String.valueOf(e.getMessage()));
            LOG.error("{} credentials came after their lease was closed and can't be ended", held.name(), e);
        }
    }
}
