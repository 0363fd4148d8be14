package io.dynamiccredentials.keys;

import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.wire.UntrustedText;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    private final ReentrantLock lock = new ReentrantLock();

    private volatile @Nullable View view;
    private volatile List<String> problems = List.of();
    private volatile Instant checkedAt = Instant.EPOCH;
    private volatile @Nullable Duration extensionFailedAt;
    private volatile @Nullable Duration lookedAt;
    private volatile String heldBackBy = "";
    private volatile long behindBy;
    private volatile Duration goneAt = Duration.ZERO;
    private volatile Duration maintainedAt = Duration.ZERO;
    private volatile Rotation.Inputs lastInputs = new Rotation.Inputs(Instant.EPOCH, Optional.empty(), true, Map.of());

    /**
     * What the node last read. Immutable.
     *
     * @param published the public halves; the same object as long as none comes or goes
     * @param readAt when it was read, as time since the node's start
     * @param readAtTime the same by the clock, which goes on while a machine sleeps
     */
    private record View(KeyRing ring, JwkSet published, Duration readAt, Instant readAtTime) {}

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
    }

    ActiveKey active(Instant expiresAt) {
        Instant wanted = earlier(expiresAt, time.now().plus(policy.maxTokenLifetime()));
        RingKey key = requireView().ring().active();
        if (wanted.isAfter(key.signsUntil())) {
            extend(wanted);
            key = requireView().ring().active();
        }
        SigningKey opened = opener.open(key);
        Instant latest = earlier(wanted, key.signsUntil());
        signed.add(key.keyId(), latest);
        return new ActiveKey(opened, latest);
    }

    JwkSet published() {
        View current = requireView();
        Duration age = age(current);
        if (age.compareTo(policy.servable()) > 0) {
            throw new IllegalStateException("The key store was last read " + age.toMinutes()
                    + " minutes ago, and keys that others published since would be missing. Check the store");
        }
        return current.published();
    }

    /**
     * Reads the store, makes the first keys if there are none, and fails if it can't.
     *
     * @throws UncheckedIOException if the store can't be reached
     * @throws IllegalStateException if the store can't be read or the active key can't be opened
     */
    void open() {
        step(Optional.empty(), rotation::next);
        opener.open(requireView().ring().active());
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
        View current = view;
        if (current != null) {
            opener.keepOnly(current.ring().signingKeyIds());
            found.addAll(diagnosis.of(
                    current.ring(), lastInputs, age(current), time.elapsed().minus(goneAt)));
            tellIfHeldBack(current.ring());
        }
        report(found);
    }

    PublicJwk rotateNow() {
        refresh();
        KeyRing known = requireView().ring();
        Optional<String> proven =
                known.next().map(next -> opener.open(next).publicJwk().keyId());
        Sighting sighting = addresses.look(known.keyIds());
        return step(Optional.of(sighting), (ring, inputs) -> {
                    if (!ring.active().keyId().equals(known.active().keyId())) {
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
                                + "; it was " + UntrustedText.quoteKeyId(keyId));
                    }
                    return rotation.revoke(ring, keyId, nextSigns(ring), inputs);
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
        KeyRing ring = requireView().ring();
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
        RingKey key = requireView().ring().active();
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
            if (!paused && wanted.isAfter(requireView().ring().active().signsUntil())) {
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
            if (!isBehind(ring)) {
                ring.ifPresent(this::adopt);
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
                if (isBehind(ring)) {
                    return Optional.empty();
                }
                ring.ifPresent(this::adopt);
                Rotation.Step step =
                        ring.isPresent() ? due.apply(ring.get(), inputs(ring.get(), sighting, unreported)) : first();
                if (ring.isPresent() && !step.changes(ring.get())) {
                    return Optional.of(step);
                }
                if (store.replace(step.ring())) {
                    written = true;
                    adopt(step.ring());
                    return Optional.of(step);
                }
            }
            return Optional.empty();
        } finally {
            if (!written) {
                View current = view;
                unreported
                        .keySet()
                        .removeIf(keyId ->
                                current != null && current.ring().find(keyId).isEmpty());
                signed.restore(unreported);
            }
        }
    }

    private Rotation.Step first() {
        Instant now = time.now();
        boolean unused = clockWatch.trusts(now, time.elapsed(), now);
        return rotation.first(now);
    }

    /**
     * Tells whether the store shows less than this node has seen: a replica lags, or an old copy was restored.
     *
     * @throws IllegalStateException if the store was emptied, or an old copy was restored and written on: making new
     *     keys would break all tokens, and a revoked key would be back
     */
    private boolean isBehind(Optional<KeyRing> ring) {
        View current = view;
        if (current == null) {
            return false;
        }
        long known = current.ring().version();
        if (ring.isEmpty()) {
            throw new IllegalStateException(
                    "the store is empty and held version " + known + " before. Restore it, or restart to begin anew");
        }
        behindBy = Math.max(0, known - ring.get().version());
        if (behindBy == 0) {
            requireSuccessor(current.ring(), ring.get());
        }
        return behindBy > 0;
    }

    private static void requireSuccessor(KeyRing known, KeyRing ring) {
        Set<String> back = new HashSet<>(known.goneKeyIds());
        back.retainAll(ring.keyIds());
        boolean sameVersion = ring.version() == known.version();
        boolean sameKeys = ring.keyIds().equals(known.keyIds())
                && ring.active().keyId().equals(known.active().keyId());
        if (!back.isEmpty() || (sameVersion && !sameKeys)) {
            throw new IllegalStateException("version " + ring.version()
                    + " of the store does not follow from what this node knows, and brings back keys that were removed or "
                    + "revoked: " + back
                    + ". An old copy was restored and written on. Revoke again what was revoked since "
                    + "that copy, and restart the nodes");
        }
    }

    private void adopt(KeyRing ring) {
        View last = view;
        if (last != null && last.ring().version() == ring.version()) {
            view = new View(last.ring(), last.published(), time.elapsed(), time.now());
            return;
        }
        if (last == null || !last.ring().goneKeyIds().equals(ring.goneKeyIds())) {
            goneAt = time.elapsed();
        }
        JwkSet fresh = ring.published();
        boolean same = last != null && keyIds(last.published()).equals(keyIds(fresh));
        view = new View(ring, last != null && same ? last.published() : fresh, time.elapsed(), time.now());
    }

    /** Returns how old a view is. A machine that slept finds out by its clock alone. */
    private Duration age(View current) {
        Duration passed = time.elapsed().minus(current.readAt());
        Duration byClock = Duration.between(current.readAtTime(), time.now());
        return passed.compareTo(byClock) > 0 ? passed : byClock;
    }

    private void conclude(Rotation.Step step) {
        for (KeyEvent event : step.events()) {
            LOG.info("{}", event.message());
            listener.accept(event);
        }
        for (RingKey key : step.discarded()) {
            try {
                opener.discard(key);
            } catch (IllegalStateException e) {
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
        View current = view;
        if (current == null) {
            return Optional.empty();
        }
        if (!wantsLook(current.ring())) {
            return Optional.empty();
        }
        refresh();
        KeyRing ring = requireView().ring();
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
        if (behindBy > 0) {
            found.add("The key store shows a version that is " + behindBy
                    + " before the one that this node knows: a replica "
                    + "lags, or an old copy was restored. After a restoration restart all nodes, and revoke again what was "
                    + "revoked since");
        }
        if (!found.equals(problems)) {
            found.forEach(problem -> LOG.warn("{}", problem));
            problems = List.copyOf(found);
        }
    }

    private View requireView() {
        View current = view;
        if (current == null) {
            throw new IllegalStateException("No keys are loaded yet");
        }
        return current;
    }

    private static List<String> keyIds(JwkSet set) {
        return set.keys().stream().map(PublicJwk::keyId).toList();
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static IllegalStateException busy() {
        return new IllegalStateException(
                "The key store could not be written: other nodes were always first, or it shows an old copy. Try again");
    }
}
