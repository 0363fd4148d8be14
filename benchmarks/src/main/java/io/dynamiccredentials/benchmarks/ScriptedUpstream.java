package io.dynamiccredentials.benchmarks;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.exchange.CredentialSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A platform that takes its time, or is down. Safe for use by many threads. */
final class ScriptedUpstream implements CredentialSource<Session> {
    private final Duration pause;
    private final boolean down;
    private final Optional<Duration> refreshDue;
    private final AtomicInteger calls = new AtomicInteger();
    private final CountDownLatch begun = new CountDownLatch(1);

    private ScriptedUpstream(Duration pause, boolean down, Optional<Duration> refreshDue) {
        this.pause = pause;
        this.down = down;
        this.refreshDue = refreshDue;
    }

    /** Returns one that takes so long for each answer. */
    static ScriptedUpstream taking(Duration pause) {
        return new ScriptedUpstream(pause, false, Optional.empty());
    }

    /** Returns one that nobody can reach. */
    static ScriptedUpstream down() {
        return new ScriptedUpstream(Duration.ZERO, true, Optional.empty());
    }

    /** Returns the same one, unused, that wants to be asked {@code due} after each answer. */
    ScriptedUpstream askedAgainAfter(Duration due) {
        return new ScriptedUpstream(pause, down, Optional.of(due));
    }

    /** Returns how often it was asked. */
    int calls() {
        return calls.get();
    }

    /** Waits until it is asked for the first time. */
    void awaitCall() throws InterruptedException {
        begun.await();
    }

    @Override
    public String platform() {
        return "Bench";
    }

    @Override
    public Session obtain(Optional<Session> previous) {
        calls.incrementAndGet();
        begun.countDown();
        if (down) {
            throw CredentialExchangeException.builder(platform(), Kind.UNREACHABLE, "Bench is down", "Wait")
                    .build();
        }
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CredentialExchangeException.builder(platform(), Kind.UNREACHABLE, "Bench was interrupted", "Wait")
                    .cause(e)
                    .build();
        }
        return Session.lasting(Duration.ofHours(1), Instant.now());
    }

    @Override
    public Optional<Duration> refreshDueIn(Session session) {
        return refreshDue;
    }
}
