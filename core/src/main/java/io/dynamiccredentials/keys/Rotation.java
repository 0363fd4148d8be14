package io.dynamiccredentials.keys;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The life cycle of keys, as a function: a stored ring, a time and a look at the world give the next ring.
 *
 * <p>Every node computes the same step; which one is stored, compare-and-swap decides. Nothing here reads a clock, a
 * store or a network, but for the factory of keys. Safe for use by many threads.
 */
final class Rotation {
    /** How often a node marks the time, so that a clock which is off by more than an hour is found out. */
    private static final Duration MARK_INTERVAL = Duration.ofMinutes(15);

    private final RotationPolicy policy;
    private final SigningKeyFactory factory;

    Rotation(RotationPolicy policy, SigningKeyFactory factory) {
        this.policy = policy;
        this.factory = factory;
    }

    /**
     * What a node knows when it computes a step.
     *
     * @param now the time by its own clock
     * @param sighting what it has just seen in public; empty if it did not look
     * @param clockTrusted whether its clock agrees with the others'; if not, no key is promoted, made or removed
     * @param signed the tokens that it signed and has not reported, by key id
     */
    record Inputs(Instant now, Optional<Sighting> sighting, boolean clockTrusted, Map<String, Tally> signed) {}

    /**
     * The next ring and what changes with it.
     *
     * @param ring the next ring; the same object as before if there is nothing to store
     * @param events what to tell once it is stored
     * @param discarded the keys that left and may be deleted once it is stored
     * @param problems what could not be done
     */
    record Step(KeyRing ring, List<KeyEvent> events, List<RingKey> discarded, List<String> problems) {

        /** Returns the step that does nothing. */
        static Step none(KeyRing ring) {
            return new Step(ring, List.of(), List.of(), List.of());
        }

        /** Tells whether the ring is another than {@code before}. */
        boolean changes(KeyRing before) {
            return ring.version() != before.version();
        }
    }

    /** Returns the first ring: a key that signs at once, since nobody can know another, and the next one. */
    Step first(Instant now) {
        RingKey active = make(Set.of(), now).in(KeyState.ACTIVE, now);
        Draft draft = new Draft(new KeyRing(0, List.of(active), List.of(), now), now);
        draft.extend(Duration.ZERO);
        draft.tell(KeyEvent.Kind.ACTIVATED, active, "signs, as the first key of a new store");
        draft.stock();
        return draft.finish();
    }

    /** Returns the step that is due. */
    Step next(KeyRing ring, Inputs inputs) {
        Draft draft = new Draft(ring, inputs.now());
        draft.count(inputs);
        if (inputs.clockTrusted()) {
            draft.straightenStamps();
            inputs.sighting().filter(Sighting::isComplete).ifPresent(draft::note);
            draft.removeEnded();
            if (isPromotionDue(draft.ring(), inputs.now()) && seesNext(draft.ring(), inputs.sighting())) {
                draft.promote("signs, since the period of the one before it is over");
            }
            draft.stock();
        }
        draft.extend(policy.signingReserve().minus(policy.maxStaleness().dividedBy(2)));
        draft.mark(inputs.clockTrusted());
        return draft.finish();
    }

    /** Returns the step that lets the active key sign tokens of the full life from now on, and nothing else. */
    Step extension(KeyRing ring, Inputs inputs) {
        Draft draft = new Draft(ring, inputs.now());
        draft.count(inputs);
        draft.extend(Duration.ZERO);
        return draft.finish();
    }

    /** Returns the step that makes the aged next key active now. The caller asked {@link #obstacle} before. */
    Step rotateNow(KeyRing ring, Inputs inputs) {
        Draft draft = new Draft(ring, inputs.now());
        draft.count(inputs);
        inputs.sighting().filter(Sighting::isComplete).ifPresent(draft::note);
        draft.promote("signs, since rotation was asked for");
        draft.stock();
        return draft.finish();
    }

    /**
     * Returns the step that removes a key at once. If it was the active one, the next key signs, known or not.
     *
     * @param nextSigns whether the next key can be opened; one that can't does not take over and is removed too
     */
    Step revoke(KeyRing ring, String keyId, boolean nextSigns, Inputs inputs) {
        Draft draft = new Draft(ring, inputs.now());
        draft.count(inputs);
        if (!nextSigns && ring.active().keyId().equals(keyId)) {
            ring.next().ifPresent(next -> draft.revoke(next.keyId()));
        }
        draft.revoke(keyId);
        draft.stock();
        return draft.finish();
    }

    /** Says why the next key may not become active yet; empty if it may. */
    Optional<String> obstacle(KeyRing ring, Inputs inputs) {
        if (!inputs.clockTrusted()) {
            return Optional.of("This node's clock leapt, or differs from what another node wrote, or the node has just "
                    + "started after a long downtime. It believes its clock again when that has been over for an hour");
        }
        Optional<RingKey> next = ring.next();
        if (next.isEmpty()) {
            return Optional.of(
                    ring.keys().size() < RotationPolicy.MAX_KEYS
                            ? "There is no next key, since none could be made. Check the key factory; the next maintenance "
                                    + "tries again"
                            : "There is no next key: " + RotationPolicy.MAX_KEYS
                                    + " keys are published, which is the most. Wait until a retired one is removed");
        }
        String key = "The next key " + next.get().keyId();
        if (next.get().seenAt().isEmpty()) {
            Instant earliest = next.get().publishedAt().plus(policy.publishLead());
            return Optional.of(
                    key + " has not been seen at every public address yet, and is not known to every verifier "
                            + "before " + earliest + ". " + lookFailure(inputs));
        }
        if (!isAged(next.get(), inputs.now())) {
            return Optional.of(key + " is not known to every verifier before " + knownAt(next.get(), inputs.now()));
        }
        if (!seesNext(ring, inputs.sighting())) {
            return Optional.of(key + " can't be seen at every public address now. " + lookFailure(inputs));
        }
        return Optional.empty();
    }

    private static String lookFailure(Inputs inputs) {
        if (inputs.sighting().isEmpty()) {
            return "No look has been possible yet";
        }
        return inputs.sighting().map(Sighting::failures).orElse(List.of()).stream()
                .findFirst()
                .orElse("The key set that is shown there lacks it");
    }

    /** Returns whether a look at the world would tell something that the step needs. */
    boolean wantsLook(KeyRing ring, Instant now) {
        return isPromotionDue(ring, now)
                || ring.next().filter(next -> next.seenAt().isEmpty()).isPresent();
    }

    /** Returns the name of the factory that makes new keys. */
    String factoryName() {
        return factory.name();
    }

    /** Returns when the period of the active key is over. */
    Instant rotationDueAt(KeyRing ring) {
        return ring.active().changedAt().plus(policy.period());
    }

    /** Returns from when {@code key} is known to every verifier, if it goes on being seen. */
    Instant knownAt(RingKey key, Instant now) {
        Instant published = key.publishedAt().plus(policy.publishLead());
        Instant seen = key.seenAt().orElse(now).plus(policy.leastSeen());
        return seen.isAfter(published) ? seen : published;
    }

    private boolean isPromotionDue(KeyRing ring, Instant now) {
        return !now.isBefore(rotationDueAt(ring))
                && ring.next().filter(next -> isAged(next, now)).isPresent();
    }

    private boolean isAged(RingKey next, Instant now) {
        return next.seenAt().isPresent() && !now.isBefore(knownAt(next, now));
    }

    /** Tells whether the next key has been seen everywhere just now: what was seen once may have been rolled back. */
    private static boolean seesNext(KeyRing ring, Optional<Sighting> sighting) {
        return sighting.isPresent()
                && sighting.get().isComplete()
                && ring.next()
                        .filter(next -> sighting.get().everywhere().contains(next.keyId()))
                        .isPresent();
    }

    private RingKey make(Set<String> knownKeyIds, Instant at) {
        SigningKeyFactory.Made made = factory.create(knownKeyIds);
        if (knownKeyIds.contains(made.publicJwk().keyId())) {
            throw new IllegalStateException("The key factory " + factory.name() + " must make a new key; it returned "
                    + made.publicJwk().keyId() + ", which was in use before");
        }
        return RingKey.next(made, factory.name(), at);
    }

    /** A ring in the making. Not safe for use by several threads. */
    private final class Draft {
        private final KeyRing before;
        private final Instant now;
        private final List<RingKey> keys;
        private final List<String> gone;
        private final List<KeyEvent> events = new ArrayList<>();
        private final List<RingKey> discarded = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private Instant markedAt;
        private boolean straightened;

        Draft(KeyRing before, Instant now) {
            this.before = before;
            this.now = now;
            this.keys = new ArrayList<>(before.keys());
            this.gone = new ArrayList<>(before.goneKeyIds());
            this.markedAt = before.markedAt();
            this.straightened = before.isStraightened();
        }

        KeyRing ring() {
            return new KeyRing(before.version(), keys, gone, markedAt);
        }

        Step finish() {
            boolean changed = before.version() == 0
                    || !keys.equals(before.keys())
                    || !gone.equals(before.goneKeyIds())
                    || straightened != before.isStraightened()
                    || !markedAt.equals(before.markedAt());
            KeyRing after = changed ? new KeyRing(before.version() + 1, keys, gone, markedAt, straightened) : before;
            return new Step(after, events, discarded, problems);
        }

        /** Counts what a node signed; a key that is gone counts no more. */
        void count(Inputs inputs) {
            inputs.signed()
                    .forEach((keyId, tally) -> keys.replaceAll(key -> {
                        // A clock that is ahead would forget tokens that live.
                        Tally alive = inputs.clockTrusted() ? key.tally().without(now) : key.tally();
                        return key.keyId().equals(keyId) ? key.counting(alive.plus(tally)) : key;
                    }));
        }

        /** Corrects what a node with a clock far ahead wrote: nothing was published or signed in the future. */
        void straightenStamps() {
            Instant latest = now.plus(policy.clockMargin());
            // Of any policy, since another node, or this one before, may have had another.
            Instant latestExpiry = latest.plus(RotationPolicy.MOST_AHEAD);
            List<RingKey> written = List.copyOf(keys);
            keys.replaceAll(key -> {
                RingKey straight = isStampedAfter(key, latest) ? key.notAfter(now) : key;
                return straight.signsUntil().isAfter(latestExpiry) ? straight.signing(latestExpiry) : straight;
            });
            straightened |= !keys.equals(written);
        }

        /** Undoes what {@link #straightenStamps} did by a clock that was late: all times begin again. */
        private void beginAgain() {
            Instant longest = now.plus(RotationPolicy.MOST_AHEAD);
            keys.replaceAll(key -> switch (key.state()) {
                case NEXT -> key.publishedAnew(now);
                case ACTIVE -> key;
                case RETIRED -> key.signing(later(key.signsUntil(), longest));
            });
            straightened = false;
        }

        void note(Sighting sighting) {
            keys.replaceAll(key -> {
                boolean shown = sighting.everywhere().contains(key.keyId());
                // Another node may have made the key, and seen it, after this one looked.
                boolean lookedFor = sighting.lookedFor().contains(key.keyId());
                if (key.state() != KeyState.NEXT
                        || !lookedFor
                        || shown == key.seenAt().isPresent()) {
                    return key;
                }
                tell(
                        shown ? KeyEvent.Kind.SEEN : KeyEvent.Kind.VANISHED,
                        key,
                        shown ? "is seen at every public address" : "is no longer seen at every public address");
                return key.seen(shown ? Optional.of(stamp()) : Optional.empty());
            });
        }

        void removeEnded() {
            for (RingKey key : List.copyOf(keys)) {
                if (key.state() == KeyState.RETIRED
                        && !now.isBefore(key.signsUntil().plus(policy.retention()))) {
                    remove(key, KeyEvent.Kind.REMOVED, "is removed, since its last token ended at " + key.signsUntil());
                }
            }
        }

        void promote(String why) {
            RingKey next = ring().next().orElseThrow();
            RingKey retired = ring().active();
            replace(retired, retired.retired(stamp()));
            tell(KeyEvent.Kind.RETIRED, retired, "signs no more, and stays published until its tokens have ended");
            activate(next, why);
        }

        void revoke(String keyId) {
            RingKey key = ring().find(keyId).orElseThrow();
            if (key.state() == KeyState.ACTIVE) {
                if (ring().next().isEmpty()) {
                    keys.add(make(ring().knownKeyIds(), stamp()));
                }
                // Both in one go, so that there is one active key at any time.
                RingKey next = keys.stream()
                        .filter(each -> each.state() == KeyState.NEXT)
                        .findFirst()
                        .orElseThrow();
                replace(key, key.retired(stamp()));
                activate(next, "signs, since the one before it was revoked");
                key = ring().find(keyId).orElseThrow();
            }
            remove(key, KeyEvent.Kind.REVOKED, "is revoked: its tokens are refused as verifiers learn of it");
        }

        /** Sees to it that there is a next key, unless too many are published. */
        void stock() {
            if (ring().next().isEmpty() && keys.size() < RotationPolicy.MAX_KEYS) {
                try {
                    RingKey next = make(ring().knownKeyIds(), stamp());
                    keys.add(next);
                    tell(KeyEvent.Kind.PUBLISHED, next, "is published as the next key");
                } catch (RuntimeException e) {
                    // A factory may be anybody's. The rest of the step, such as the time until which the active key may
                    // sign, must not wait for it.
                    problems.add("No next key can be made: " + e.getMessage());
                }
            }
        }

        /** Allows the active key to sign for longer, if less than the life of a token and {@code reserve} is left. */
        void extend(Duration reserve) {
            RingKey active = ring().active();
            Instant enough = now.plus(policy.maxTokenLifetime()).plus(reserve);
            if (active.signsUntil().isBefore(enough)) {
                replace(active, active.signing(horizon()));
            }
        }

        void mark(boolean clockTrusted) {
            Duration sinceMark = Duration.between(markedAt, now);
            // A node that differs from the mark puts its own time there: as long as nodes differ, the mark jumps, and
            // all of them hold still.
            boolean differs = !clockTrusted && sinceMark.abs().compareTo(policy.clockMargin()) > 0;
            if (differs && straightened && !sinceMark.isNegative()) {
                beginAgain();
            }
            if (differs || sinceMark.compareTo(MARK_INTERVAL) >= 0) {
                markedAt = now;
            }
        }

        void tell(KeyEvent.Kind kind, RingKey key, String message) {
            events.add(new KeyEvent(kind, key.keyId(), now, "Key " + key.keyId() + " " + message));
        }

        private void activate(RingKey next, String why) {
            replace(next, next.in(KeyState.ACTIVE, stamp()).signing(horizon()));
            tell(KeyEvent.Kind.ACTIVATED, next, why);
        }

        private void remove(RingKey key, KeyEvent.Kind kind, String message) {
            keys.remove(key);
            gone.add(key.keyId());
            discarded.add(key);
            tell(kind, key, message);
        }

        private void replace(RingKey old, RingKey changed) {
            keys.replaceAll(key -> key.keyId().equals(old.keyId()) ? changed : key);
        }

        private Instant horizon() {
            return now.plus(policy.maxTokenLifetime()).plus(policy.signingReserve());
        }

        /** Returns the time to write down: never before what is there, for a clock that is late makes keys look old. */
        private Instant stamp() {
            return later(now, before.markedAt());
        }

        private boolean isStampedAfter(RingKey key, Instant latest) {
            return key.publishedAt().isAfter(latest)
                    || key.changedAt().isAfter(latest)
                    || key.seenAt().filter(at -> at.isAfter(latest)).isPresent();
        }

        private static Instant later(Instant one, Instant other) {
            return one.isAfter(other) ? one : other;
        }
    }
}
