package io.dynamiccredentials.keys;

import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.wire.UntrustedText;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of the nodes that share a store: what it last read, what it signs with, and the steps that it takes.
 *
 * <p>Signing and serving use the last view alone and touch no store, but when the active key must be allowed to sign
 * for longer. Safe for use by many threads.
 */
final class RotationNode {
    private static final Logger LOG = LoggerFactory.getLogger(RotationNode.class);
    private static final int MAX_RACES = 8;

    /** For how long a failed extension is not tried again, so that a store that is down does not slow each token. */
    private static final Duration EXTENSION_PAUSE = Duration.ofSeconds(5);

    /** A key that may sign for less is of no use to an issuer, which then waits for the store. */
    private static final Duration LEAST_LIFE = Duration.ofMinutes(2);

    /** How often a node looks for keys that are not its own, when it needs no look for a rotation. */
    private static final Duration FOREIGN_KEY_WATCH = Duration.ofHours(1);

    private final RotationPolicy policy;
    private final Rotation rotation;
    private final KeyDiagnosis diagnosis;
    private final RingStore store;
    private final PublicAddresses addresses;
    private final KeyOpener opener;
    private final NodeTime time;
    private final Consumer<KeyEvent> listener;
    private final SignedTokens signed = new SignedTokens();
    private final ClockWatch clockWatch;
    private final KnownRing known;
    private final ReentrantLock lock = new ReentrantLock();

    private volatile List<String> problems = List.of();
    private volatile Instant checkedAt = Instant.EPOCH;
    private volatile @Nullable Duration extensionFailedAt;
    private volatile @Nullable Duration lookedAt;
    private volatile String heldBackBy = "";
    private volatile Duration maintainedAt = Duration.ZERO;
    private volatile Rotation.Inputs lastInputs = new Rotation.Inputs(Instant.EPOCH, Optional.empty(), true, Map.of());

    RotationNode(
            RotationPolicy policy,
            SigningKeyFactory factory,
            RingStore store,
            PublicAddresses addresses,
            KeyOpener opener,
            NodeTime time,
            Consumer<KeyEvent> listener) {
        this.policy = policy;
        this.rotation = new Rotation(policy, factory);
        this.diagnosis = new KeyDiagnosis(policy, rotation);
        this.store = store;
        this.addresses = addresses;
        this.opener = opener;
        this.time = time;
        this.listener = listener;
        this.clockWatch = new ClockWatch(policy.clockMargin());
        this.known = new KnownRing(policy, time);
    }

    ActiveKey active(Instant expiresAt) {
        Instant wanted = earlier(expiresAt, time.now().plus(policy.maxTokenLifetime()));
        RingKey key = known.ring().active();
        if (wanted.isAfter(key.signsUntil())) {
            extend(wanted);
            key = known.ring().active();
        }
        SigningKey opened = opener.open(key);
        Instant latest = earlier(wanted, key.signsUntil());
        signed.add(key.keyId(), latest);
        return new ActiveKey(opened, latest);
    }

    JwkSet published() {
        return known.published();
    }

    /**
     * Reads the store, makes the first keys if there are none, and fails if it can't.
     *
     * @throws UncheckedIOException if the store can't be reached
     * @throws IllegalStateException if the store can't be read or the active key can't be opened
     */
    void open() {
        step(Optional.empty(), rotation::next);
        opener.open(known.ring().active());
        checkedAt = time.now();
    }

    /**
     * Reads the store and takes the step that is due, if no other node did. Blocks on the store and on the public
     * addresses. What goes wrong is in {@link #health}.
     */
    void maintain() {
        List<String> found = new ArrayList<>();
        try {
            Optional<Sighting> sighting = look(found);
            step(sighting, rotation::next).ifPresent(step -> found.addAll(step.problems()));
        } catch (RuntimeException e) {
            // Stores and factories may be anybody's, and what they throw must be seen.
            found.add("The key store can't be used now, so nothing rotates: " + e.getMessage());
        }
        KeyRing ring = known.ring();
        opener.keepOnly(ring.signingKeyIds());
        found.addAll(diagnosis.of(known, lastInputs));
        tellIfHeldBack(ring);
        report(found);
    }

    PublicJwk rotateNow() {
        refresh();
        KeyRing before = known.ring();
        Optional<String> proven =
                before.next().map(next -> opener.open(next).publicJwk().keyId());
        Sighting sighting = addresses.look(before.keyIds());
        return step(Optional.of(sighting), (ring, inputs) -> {
                    if (!ring.active().keyId().equals(before.active().keyId())) {
                        return Rotation.Step.none(ring); // Another node did just that.
                    }
                    Optional<String> obstacle = ring.next().map(RingKey::keyId).equals(proven)
                            ? rotation.obstacle(ring, inputs)
                            : Optional.of("Another node just replaced the next key");
                    obstacle.ifPresent(reason -> {
                        throw new IllegalStateException("The keys can't rotate now without breaking tokens. " + reason
                                + ". If the active key is compromised, revoke it: that breaks tokens");
                    });
                    return rotation.rotateNow(ring, inputs);
                })
                .orElseThrow(RotationNode::busy)
                .ring()
                .active()
                .publicJwk();
    }

    KeyRevocation revoke(String keyId) {
        Rotation.Step step = step(Optional.empty(), (ring, inputs) -> {
                    if (ring.find(keyId).isEmpty()) {
                        throw new IllegalArgumentException("The key to revoke must be one of " + ring.keyIds()
                                + "; it was " + UntrustedText.quoteId(keyId));
                    }
                    // The next key takes over for the active one alone.
                    boolean takesOver = !ring.active().keyId().equals(keyId) || nextSigns(ring);
                    return rotation.revoke(ring, keyId, takesOver, inputs);
                })
                .orElseThrow(RotationNode::busy);
        Instant now = time.now();
        RingKey revoked = step.discarded().stream()
                .filter(key -> key.keyId().equals(keyId))
                .findFirst()
                .orElseThrow();
        RingKey active = step.ring().active();
        return new KeyRevocation(
                keyId,
                revoked.tally().aliveAt(now),
                revoked.signsUntil().isAfter(now) ? revoked.signsUntil() : now,
                active.keyId(),
                rotation.knownAt(active, now));
    }

    /** Reports what this node signed, as far as it can: it won't come back. */
    void leave() {
        try {
            step(Optional.empty(), rotation::extension);
        } catch (RuntimeException e) {
            LOG.warn("The tokens that this node signed last can't be reported: {}", e.getMessage());
        }
    }

    private boolean nextSigns(KeyRing ring) {
        try {
            ring.next().ifPresent(opener::open);
            return true;
        } catch (RuntimeException e) {
            LOG.warn("The next key can't be opened, so it is replaced: {}", e.getMessage());
            return false;
        }
    }

    KeyHealth health() {
        KeyRing ring = known.ring();
        List<KeyHealth.Key> keys = Stream.of(KeyState.ACTIVE, KeyState.NEXT, KeyState.RETIRED)
                .flatMap(ring::in)
                .map(key -> new KeyHealth.Key(
                        key.publicJwk(),
                        key.factory(),
                        key.state(),
                        key.publishedAt(),
                        key.seenAt(),
                        Optional.of(key.signsUntil()).filter(until -> key.state() != KeyState.NEXT)))
                .toList();
        List<String> all = new ArrayList<>(problems);
        Duration unmaintained = time.elapsed().minus(maintainedAt);
        if (unmaintained.compareTo(policy.servable()) > 0) {
            all.add("The keys were last maintained " + unmaintained.toMinutes()
                    + " minutes ago. Were they closed, or does nobody call maintain()?");
        }
        return new KeyHealth(checkedAt, keys, rotation.rotationDueAt(ring), all);
    }

    /**
     * Lets the active key sign for longer. If the store can't be written now, it signs shorter tokens; who finds
     * another thread at it does not wait for the same.
     */
    private void extend(Instant wanted) {
        RingKey key = known.ring().active();
        boolean mustWait = key.signsUntil().isBefore(time.now().plus(LEAST_LIFE));
        if (!lock.tryLock()) {
            if (!mustWait) {
                return;
            }
            lock.lock();
        }
        try {
            Duration failedAt = extensionFailedAt;
            boolean paused = failedAt != null && time.elapsed().minus(failedAt).compareTo(EXTENSION_PAUSE) < 0;
            if (!paused && wanted.isAfter(known.ring().active().signsUntil())) {
                // It has no events: nobody has to be told.
                take(Optional.empty(), rotation::extension);
                extensionFailedAt = null;
            }
        } catch (RuntimeException e) {
            extensionFailedAt = time.elapsed();
            LOG.warn("The key store can't be written, so tokens end early: {}", e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    /** Reads the store, so that what this node serves is fresh when it looks at it from outside. */
    private void refresh() {
        lock.lock();
        try {
            Optional<KeyRing> ring = store.read();
            if (!known.isAheadOf(ring)) {
                ring.ifPresent(known::adopt);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes a step, and tells of it when the lock is free again: who is told may block. */
    private Optional<Rotation.Step> step(
            Optional<Sighting> sighting, BiFunction<KeyRing, Rotation.Inputs, Rotation.Step> due) {
        Optional<Rotation.Step> taken;
        lock.lock();
        try {
            taken = take(sighting, due);
        } finally {
            lock.unlock();
        }
        taken.ifPresent(this::conclude);
        return taken;
    }

    /**
     * Reads the ring, takes a step from there and stores it, again if another node was first. Holds the lock.
     *
     * @return the step that is stored; empty if the store shows less than this node knows, or others were always first
     */
    private Optional<Rotation.Step> take(
            Optional<Sighting> sighting, BiFunction<KeyRing, Rotation.Inputs, Rotation.Step> due) {
        Map<String, Tally> unreported = signed.drain();
        boolean written = false;
        try {
            for (int race = 0; race < MAX_RACES; race++) {
                Optional<KeyRing> ring = store.read();
                if (known.isAheadOf(ring)) {
                    return Optional.empty();
                }
                ring.ifPresent(known::adopt);
                Rotation.Step step =
                        ring.isPresent() ? due.apply(ring.get(), inputs(ring.get(), sighting, unreported)) : first();
                if (ring.isPresent() && !step.changes(ring.get())) {
                    return Optional.of(step);
                }
                if (store.replace(step.ring())) {
                    written = true;
                    known.adopt(step.ring());
                    return Optional.of(step);
                }
            }
            return Optional.empty();
        } finally {
            if (!written) {
                if (known.isLoaded()) {
                    unreported.keySet().retainAll(known.ring().keyIds());
                }
                signed.restore(unreported);
            }
        }
    }

    private Rotation.Step first() {
        Instant now = time.now();
        clockWatch.begin(now, time.elapsed());
        return rotation.first(now);
    }

    private void conclude(Rotation.Step step) {
        for (KeyEvent event : step.events()) {
            LOG.info("{}", event.message());
            listener.accept(event);
        }
        for (RingKey key : step.discarded()) {
            try {
                opener.discard(key);
            } catch (RuntimeException e) {
                // The step is stored; whatever a factory throws must not look like a failure of it.
                LOG.warn(
                        "Key {} signs no more, and could not be deleted where it lives: {}",
                        key.keyId(),
                        e.getMessage());
            }
        }
    }

    /** Tells, once for each reason, that a rotation is due and no key can take over. */
    private void tellIfHeldBack(KeyRing ring) {
        String reason = diagnosis.overdue(ring, lastInputs).orElse("");
        if (!reason.isEmpty() && !reason.equals(heldBackBy)) {
            listener.accept(new KeyEvent(KeyEvent.Kind.HELD_BACK, ring.active().keyId(), time.now(), reason));
        }
        heldBackBy = reason;
    }

    /** Looks at the public addresses, if that is needed now and the next key could be used at all. */
    private Optional<Sighting> look(List<String> found) {
        if (!wantsLook(known.ring())) {
            return Optional.empty();
        }
        refresh();
        KeyRing ring = known.ring();
        try {
            opener.open(ring.active());
            ring.next().ifPresent(opener::open);
        } catch (RuntimeException e) {
            // Without a look no key is promoted, and one that can't sign must not be.
            found.add("Key " + ring.active().keyId() + " or the next one can't be opened: " + e.getMessage());
            return Optional.empty();
        }
        Sighting sighting = addresses.look(ring.keyIds());
        boolean good = sighting.isComplete() && sighting.everywhere().equals(ring.keyIds());
        lookedAt = good ? time.elapsed() : null;
        return Optional.of(sighting);
    }

    /** What looked bad is looked at again each time; otherwise an hourly look finds keys that are not ours. */
    private boolean wantsLook(KeyRing ring) {
        Duration last = lookedAt;
        return last == null
                || time.elapsed().minus(last).compareTo(FOREIGN_KEY_WATCH) >= 0
                || rotation.wantsLook(ring, time.now());
    }

    private Rotation.Inputs inputs(KeyRing ring, Optional<Sighting> sighting, Map<String, Tally> unreported) {
        Instant now = time.now();
        boolean trusted = clockWatch.trusts(now, time.elapsed(), ring.markedAt());
        lastInputs = new Rotation.Inputs(now, sighting.or(() -> lastInputs.sighting()), trusted, Map.of());
        return new Rotation.Inputs(now, sighting, trusted, unreported);
    }

    private void report(List<String> found) {
        checkedAt = time.now();
        maintainedAt = time.elapsed();
        if (!found.equals(problems)) {
            found.forEach(problem -> LOG.warn("{}", problem));
            problems = List.copyOf(found);
        }
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static IllegalStateException busy() {
        return new IllegalStateException(
                "The key store could not be written: other nodes were always first, or it shows an old copy. Try again");
    }
}
