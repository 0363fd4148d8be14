package io.dynamiccredentials.verify;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.verify.JwkSetFetcher.FetchException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one issuer, found through its discovery document. {@link RemoteJwkSets} makes it and tells the rules.
 *
 * <p>Readers take the newest snapshot and never lock. Safe for use by many threads; holds no thread.
 */
public final class RemoteJwkSet implements KeySource {
    /** A little longer than a fetch may take. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(6);

    /** How many callers may wait for a key that was not there: tokens with invented keys must not hold every thread. */
    private static final int MAX_WAITING_FOR_NEW_KEYS = 16;

    private final IssuerUrl issuer;
    private final RemoteJwkSets shared;
    private final SingleFlight flight = new SingleFlight();
    private final AtomicBoolean renewing = new AtomicBoolean();
    private final Semaphore waitingForNewKeys = new Semaphore(MAX_WAITING_FOR_NEW_KEYS);
    private final MissedKeyIds missed = new MissedKeyIds();
    private volatile @Nullable KeySnapshot snapshot;
    private volatile @Nullable LastAttempt lastAttempt;

    RemoteJwkSet(IssuerUrl issuer, RemoteJwkSets shared) {
        this.issuer = issuer;
        this.shared = shared;
    }

    /**
     * Finds the key of that id. Blocks if no keys are known or they are due, or if this key is new: for 5 seconds at
     * most to fetch, 6 to wait for another's fetch, and as long as the system takes to resolve the issuer's host.
     *
     * @throws TokenRejectedException with reason KEYS_UNAVAILABLE if the issuer can't be asked and the key is not known
     */
    @Override
    public Optional<PublicJwk> find(String keyId) {
        Moment now = now();
        KeySnapshot held = held(now);
        if (held == null || (held.isDue(now) && failure() == null)) {
            fetchOrWait(this::mayRenew);
            held = held(now());
        } else if (held.isAlmostDue(now)) {
            renewInBackground();
        }
        if (held == null) {
            throw unavailable("its keys can't be fetched: " + failure());
        }
        Optional<PublicJwk> key = held.keys().find(keyId);
        return key.isPresent() ? key : findNew(keyId);
    }

    /** Returns what is known about these keys now. Never blocks. */
    public JwkSetHealth health() {
        Moment now = now();
        KeySnapshot held = held(now);
        LastAttempt last = lastAttempt;
        int failures = last == null ? 0 : last.failuresInARow();
        Optional<String> failure = Optional.ofNullable(failure());
        if (held == null) {
            return new JwkSetHealth(issuer, Set.of(), Optional.empty(), Optional.empty(), failures, failure);
        }
        Duration age = now.since(held.fetchedAt());
        return new JwkSetHealth(
                issuer,
                held.keys().keys().stream().map(PublicJwk::keyId).collect(Collectors.toSet()),
                Optional.of(age),
                Optional.of(shared.hardAge(held).minus(age)),
                failures,
                failure);
    }

    /** Asks the issuer for a key that it did not have when it was asked last, unless that was just now. */
    private Optional<PublicJwk> findNew(String keyId) {
        if (!mayAskFor(keyId)) {
            return absent();
        }
        if (!waitingForNewKeys.tryAcquire()) {
            throw unavailable("too many tokens wait for keys that it did not publish so far");
        }
        try {
            fetchOrWait(() -> mayAskFor(keyId));
        } finally {
            waitingForNewKeys.release();
        }
        Optional<PublicJwk> key = known(keyId);
        if (key.isPresent()) {
            return key;
        }
        missed.add(keyId, now(), shared.refetchInterval());
        return absent();
    }

    /** Says that there is no such key, if the issuer said so, and else that it can't be known. */
    private Optional<PublicJwk> absent() {
        if (failure() != null) {
            throw unavailable("the key is not among those known, and newer ones can't be fetched: " + failure());
        }
        return Optional.empty();
    }

    private void renewInBackground() {
        if (mayRenew() && renewing.compareAndSet(false, true)) {
            boolean accepted = shared.runInBackground(this::renew);
            if (!accepted) {
                renewing.set(false);
            }
        }
    }

    private void renew() {
        try {
            fetchOrWait(this::mayRenew);
        } catch (TokenRejectedException e) {
            // The key sets are being closed, and nobody waits for this.
            return;
        } finally {
            renewing.set(false);
        }
    }

    private void fetchOrWait(BooleanSupplier needed) {
        long start = System.nanoTime();
        // The second round is for those who waited for a thread that was interrupted.
        for (int round = 0; round < 2 && needed.getAsBoolean(); round++) {
            Duration left = LONGEST_WAIT.minusNanos(System.nanoTime() - start);
            try {
                flight.run(
                        () -> {
                            if (needed.getAsBoolean()) {
                                fetch();
                            }
                        },
                        left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw TokenRejectedException.keysUnavailable(
                        "The thread was interrupted while the keys of issuer \"" + issuer + "\" were fetched", e);
            }
        }
    }

    private void fetch() throws InterruptedException {
        LastAttempt before = lastAttempt;
        try {
            snapshot = shared.fetcher().fetch(issuer, held(now()), failure() == null);
            lastAttempt = LastAttempt.good(now());
        } catch (FetchException e) {
            lastAttempt = failed(before, e.getMessage(), e.retryAfter());
        } catch (IOException e) {
            lastAttempt = failed(before, e.getMessage(), Duration.ZERO);
        } catch (RuntimeException e) {
            // A failure of any kind counts as an attempt, or every caller would ask the issuer again.
            lastAttempt = failed(before, "its answer can't be read", Duration.ZERO);
        }
    }

    private LastAttempt failed(@Nullable LastAttempt before, @Nullable String failure, Duration retryAfter) {
        double part = ThreadLocalRandom.current().nextDouble();
        return LastAttempt.failed(before, now(), failure == null ? "unknown" : failure, retryAfter, part);
    }

    private boolean mayRenew() {
        Moment now = now();
        KeySnapshot held = held(now);
        LastAttempt last = lastAttempt;
        return (held == null || held.isAlmostDue(now)) && (last == null || !last.isPausing(now));
    }

    private boolean mayAskFor(String keyId) {
        LastAttempt last = lastAttempt;
        Moment now = now();
        boolean idle = last == null || (!last.isPausing(now) && !last.endedWithin(shared.refetchInterval(), now));
        return idle && known(keyId).isEmpty() && missed.mayAskFor(keyId, now);
    }

    private Optional<PublicJwk> known(String keyId) {
        KeySnapshot held = held(now());
        return held == null ? Optional.empty() : held.keys().find(keyId);
    }

    /** Returns the keys that may be used at all. */
    private @Nullable KeySnapshot held(Moment now) {
        KeySnapshot newest = snapshot;
        boolean usable = newest != null
                && !shared.isClosed()
                && now.since(newest.fetchedAt()).compareTo(shared.hardAge(newest)) < 0;
        return usable ? newest : null;
    }

    private @Nullable String failure() {
        LastAttempt last = lastAttempt;
        return last == null ? null : last.failure();
    }

    private Moment now() {
        return shared.now();
    }

    private TokenRejectedException unavailable(String why) {
        return TokenRejectedException.of(
                TokenRejectedException.Reason.KEYS_UNAVAILABLE,
                "The keys of issuer \"" + issuer + "\" are unavailable: " + why
                        + ". Check that its discovery document is reachable from here");
    }
}
