package io.dynamiccredentials.verify;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.verify.JwkSetFetcher.FetchException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
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

    /**
     * For how long after a failed fetch due keys serve without a wait. Twice the longest pause, so that a caller now
     * and then keeps an outage known; after a quiet time the next caller finds out whether it is over.
     */
    private static final Duration OUTAGE_IS_FRESH = Duration.ofMinutes(2);

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
     * Finds the key of that id. Blocks, for at most 6 seconds, if no keys are known or they are due, or if this key is
     * new.
     *
     * @throws TokenRejectedException with reason KEYS_UNAVAILABLE if the issuer can't be asked and the key is not known
     */
    @Override
    public Optional<PublicJwk> find(String keyId) {
        Moment now = now();
        KeySnapshot held = held(now);
        if (held == null || (held.isDue(now) && !isOutage(now))) {
            fetchAndWait(this::mayRenew, this::fetch);
            held = held(now());
        } else if (held.isAlmostDue(now)) {
            renewInBackground();
        }
        if (held == null) {
            throw unavailable("its keys can't be fetched: " + why());
        }
        Optional<PublicJwk> key = held.keys().find(keyId);
        return key.isPresent() ? key : findNew(keyId);
    }

    /** Returns whose keys they are. */
    public IssuerUrl issuer() {
        return issuer;
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
                Optional.of(shared.hardAge(held).minus(now.since(held.discoveredAt()))),
                failures,
                failure);
    }

    /** Asks the issuer for a key that it did not have when it was asked last, unless that was just now. */
    private Optional<PublicJwk> findNew(String keyId) {
        if (mayAskFor(keyId)) {
            if (!waitingForNewKeys.tryAcquire()) {
                throw unavailable("too many tokens wait for keys that it did not publish so far");
            }
            try {
                fetchAndWait(() -> mayAskFor(keyId), () -> fetchFor(keyId));
            } finally {
                waitingForNewKeys.release();
            }
        }
        Optional<PublicJwk> key = known(keyId);
        if (key.isEmpty() && failure() != null) {
            throw unavailable("the key is not among those known, and newer ones can't be fetched: " + why());
        }
        return key;
    }

    private void renewInBackground() {
        if (mayRenew() && renewing.compareAndSet(false, true)) {
            boolean accepted = shared.runInBackground(() -> {
                try {
                    // In this thread, of which there are few: nobody waits for it yet.
                    flight.runHere(unlessDone(this::mayRenew, this::fetch));
                } finally {
                    renewing.set(false);
                }
            });
            if (!accepted) {
                renewing.set(false);
            }
        }
    }

    /** Has {@code fetch} done, in a thread that no caller can interrupt, and waits for it or for one under way. */
    private void fetchAndWait(BooleanSupplier needed, Runnable fetch) {
        if (!needed.getAsBoolean()) {
            return;
        }
        try {
            SingleFlight.await(flight.begin(unlessDone(needed, fetch), shared.fetchThreads()), LONGEST_WAIT);
        } catch (RejectedExecutionException e) {
            throw unavailable(
                    shared.isClosed()
                            ? "the key sets were closed"
                            : "too many issuers are asked for keys at the same time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw TokenRejectedException.keysUnavailable(
                    "The thread was interrupted while the keys of issuer \"" + issuer + "\" were fetched", e);
        }
    }

    /** Whoever was about to ask when another fetch ended finds that it is not needed any more. */
    private static Runnable unlessDone(BooleanSupplier needed, Runnable fetch) {
        return () -> {
            if (needed.getAsBoolean()) {
                fetch.run();
            }
        };
    }

    private void fetchFor(String keyId) {
        fetch();
        if (failure() == null && known(keyId).isEmpty()) {
            missed.add(keyId, now(), shared.refetchInterval());
        }
    }

    private void fetch() {
        LastAttempt before = lastAttempt;
        try {
            snapshot = shared.fetcher().fetch(issuer, held(now()), failure() == null);
            lastAttempt = LastAttempt.good(now());
        } catch (FetchException e) {
            lastAttempt = failed(before, e.getMessage(), e.retryAfter());
        } catch (IOException e) {
            lastAttempt = failed(before, e.getMessage(), Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            lastAttempt = failed(before, "the key sets are being closed", Duration.ZERO);
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
                && now.since(newest.discoveredAt()).compareTo(shared.hardAge(newest)) < 0;
        return usable ? newest : null;
    }

    /** Tells whether the issuer failed so lately that waiting for it again would only make callers slow. */
    private boolean isOutage(Moment now) {
        LastAttempt last = lastAttempt;
        return last != null && last.failure() != null && last.endedWithin(OUTAGE_IS_FRESH, now);
    }

    /** Returns why the last fetch failed, or that the one under way takes long. */
    private String why() {
        String failure = failure();
        return failure == null ? "there is no answer yet" : failure;
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
                        + ". Try again later; if it stays so, check the issuer and the way to it");
    }
}
