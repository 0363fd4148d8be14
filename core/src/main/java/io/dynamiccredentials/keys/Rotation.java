package io.dynamiccredentials.keys;

import java.time.Duration;
import java.time.Instant;
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
        RingKey active = RingDraft.make(factory, Set.of(), now).in(KeyState.ACTIVE, now);
        RingDraft draft = draft(new KeyRing(0, List.of(active), List.of(), now), now);
        draft.extend(Duration.ZERO);
        draft.tell(KeyEvent.Kind.ACTIVATED, active, "signs, as the first key of a new store");
        draft.stock();
        return draft.finish();
    }

    /** Returns the step that is due. */
    Step next(KeyRing ring, Inputs inputs) {
        RingDraft draft = draft(ring, inputs.now());
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
        RingDraft draft = draft(ring, inputs.now());
        draft.count(inputs);
        draft.extend(Duration.ZERO);
        return draft.finish();
    }

    /** Returns the step that makes the aged next key active now. The caller asked {@link #obstacle} before. */
    Step rotateNow(KeyRing ring, Inputs inputs) {
        RingDraft draft = draft(ring, inputs.now());
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
        RingDraft draft = draft(ring, inputs.now());
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

    private RingDraft draft(KeyRing ring, Instant now) {
        return new RingDraft(policy, factory, ring, now);
    }
}
