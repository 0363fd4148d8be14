package io.dynamiccredentials.keys;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A ring in the making. Not safe for use by several threads. */
final class RingDraft {
    /** How often a node marks the time, so that a clock which is off by more than an hour is found out. */
    private static final Duration MARK_INTERVAL = Duration.ofMinutes(15);

    private final RotationPolicy policy;
    private final SigningKeyFactory factory;
    private final KeyRing before;
    private final Instant now;
    private final List<RingKey> keys;
    private final List<String> gone;
    private final List<KeyEvent> events = new ArrayList<>();
    private final List<RingKey> discarded = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private Instant markedAt;
    private boolean straightened;

    RingDraft(RotationPolicy policy, SigningKeyFactory factory, KeyRing before, Instant now) {
        this.policy = policy;
        this.factory = factory;
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

    Rotation.Step finish() {
        boolean changed = before.version() == 0
                || !keys.equals(before.keys())
                || !gone.equals(before.goneKeyIds())
                || straightened != before.isStraightened()
                || !markedAt.equals(before.markedAt());
        KeyRing after = changed ? new KeyRing(before.version() + 1, keys, gone, markedAt, straightened) : before;
        return new Rotation.Step(after, events, discarded, problems);
    }

    /** Counts what a node signed; a key that is gone counts no more. */
    void count(Rotation.Inputs inputs) {
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
                keys.add(make(factory, ring().knownKeyIds(), stamp()));
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
                RingKey next = make(factory, ring().knownKeyIds(), stamp());
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

    /** Makes a key that is none of the known ones. */
    static RingKey make(SigningKeyFactory factory, Set<String> knownKeyIds, Instant at) {
        SigningKeyFactory.Made made = factory.create(knownKeyIds);
        if (knownKeyIds.contains(made.publicJwk().keyId())) {
            throw new IllegalStateException("The key factory " + factory.name() + " must make a new key; it returned "
                    + made.publicJwk().keyId() + ", which was in use before");
        }
        return RingKey.next(made, factory.name(), at);
    }
}
