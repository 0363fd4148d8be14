package io.dynamiccredentials.keys;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Says what is wrong with the keys of an issuer, as one node sees them, and what to do. */
final class KeyDiagnosis {
    private final RotationPolicy policy;
    private final Rotation rotation;

    KeyDiagnosis(RotationPolicy policy, Rotation rotation) {
        this.policy = policy;
        this.rotation = rotation;
    }

    /**
     * Returns the problems, each a sentence with its remedy.
     *
     * @param ring the last ring
     * @param inputs what the node knew at its last step, with the last look that it took
     * @param age how long ago the ring was read
     * @param sinceGone how long ago the last key left; caches may show it for some time still
     */
    List<String> of(KeyRing ring, Rotation.Inputs inputs, Duration age, Duration sinceGone) {
        List<String> problems = new ArrayList<>();
        if (age.compareTo(policy.servable()) > 0) {
            problems.add("What this node knows of its keys is " + age.toMinutes()
                    + " minutes old, so it serves no key set. Check that it can read the key store");
        }
        if (!inputs.clockTrusted()) {
            problems.add("This node's clock says " + inputs.now() + ", and the last mark in the key store is of "
                    + ring.markedAt() + ". After a leap or a long downtime keys hold still for an hour; if this lasts, "
                    + "set the clocks of all nodes");
        }
        inputs.sighting().ifPresent(sighting -> {
            problems.addAll(of(ring, sighting));
            if (sinceGone.compareTo(policy.maxAge()) > 0) {
                problems.addAll(ofGone(ring, sighting));
            }
        });
        overdue(ring, inputs).ifPresent(problems::add);
        problems.addAll(ofPlaces(ring, inputs));
        if (ring.next().isEmpty()) {
            rotation.obstacle(ring, inputs)
                    .ifPresent(obstacle -> problems.add("A rotation in an emergency would break tokens. " + obstacle));
        }
        return problems;
    }

    private List<String> ofPlaces(KeyRing ring, Rotation.Inputs inputs) {
        List<String> problems = new ArrayList<>();
        RingKey active = ring.active();
        Instant knownAt = active.publishedAt().plus(policy.publishLead());
        boolean early = !ring.goneKeyIds().isEmpty() && active.changedAt().isBefore(knownAt);
        if (early && inputs.now().isBefore(knownAt)) {
            problems.add(
                    "The active key " + active.keyId() + " took over from one that was revoked, before every verifier "
                            + "knew it: until " + knownAt + " some may refuse its tokens");
        }
        ring.next()
                .filter(next -> !next.factory().equals(rotation.factoryName()))
                .ifPresent(next -> problems.add("The next key " + next.keyId() + " was made by \"" + next.factory()
                        + "\", and this node is set to make keys by \""
                        + rotation.factoryName() + "\". It will sign first; revoke it to have another one made, which "
                        + "breaks no token"));
        return problems;
    }

    private static List<String> of(KeyRing ring, Sighting sighting) {
        List<String> problems = new ArrayList<>(sighting.failures());
        String active = ring.active().keyId();
        if (sighting.isComplete()
                && sighting.lookedFor().contains(active)
                && !sighting.everywhere().contains(active)) {
            problems.add("The active key " + active
                    + " is not shown at every public address: its tokens are refused. Publish the key set there");
        }
        Set<String> foreign = new TreeSet<>(sighting.anywhere());
        foreign.removeAll(ring.knownKeyIds());
        if (!foreign.isEmpty()) {
            problems.add("A public address shows keys that are not ours: " + foreign
                    + ". Whoever put them there can sign tokens in this issuer's name; find out who can write there");
        }
        return problems;
    }

    private static List<String> ofGone(KeyRing ring, Sighting sighting) {
        Set<String> gone = new TreeSet<>(sighting.anywhere());
        gone.retainAll(ring.goneKeyIds());
        gone.removeAll(sighting.lookedFor());
        return gone.isEmpty()
                ? List.of()
                : List.of("A public address shows keys that were removed or revoked: " + gone
                        + ". A stolen one can still sign there; publish the key set anew");
    }

    /** Says why a rotation that is due can't be; empty if none is due. */
    Optional<String> overdue(KeyRing ring, Rotation.Inputs inputs) {
        Instant due = rotation.rotationDueAt(ring);
        if (inputs.now().isBefore(due)) {
            return Optional.empty();
        }
        return rotation.obstacle(ring, inputs)
                .map(obstacle -> "Rotation was due at " + due + ", and the old key signs on. " + obstacle);
    }
}
