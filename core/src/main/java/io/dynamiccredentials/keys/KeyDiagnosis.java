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
     * @param known the last ring that was read
     * @param inputs what the node knew at its last step, with the last look that it took
     */
    List<String> of(KnownRing known, Rotation.Inputs inputs) {
        List<String> problems = new ArrayList<>();
        KeyRing ring = known.ring();
        Duration age = known.age();
        if (known.behindBy() > 0) {
            problems.add("The key store shows a version that is " + known.behindBy() + " before the one that this node "
                    + "knows: a replica lags, or an old copy was restored. After a restoration restart all nodes, and "
                    + "revoke again what was revoked since");
        }
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
            // Until then caches may show what has left.
            if (known.sinceGone().compareTo(policy.maxAge()) > 0) {
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
            problems.add("The active key " + active.keyId() + " took over before every verifier knew it, after a "
                    + "revocation or under a policy with a shorter lead: until " + knownAt
                    + " some may refuse its tokens");
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
