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
     */
    List<String> of(KeyRing ring, Rotation.Inputs inputs, Duration age) {
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
        inputs.sighting().ifPresent(sighting -> problems.addAll(of(ring, sighting)));
        overdue(ring, inputs).ifPresent(problems::add);
        if (ring.next().isEmpty()) {
            problems.add("There is no next key, so a rotation in an emergency would break tokens; "
                    + ring.keys().size() + " keys are published, of at most " + RotationPolicy.MAX_KEYS);
        }
        return problems;
    }

    private static List<String> of(KeyRing ring, Sighting sighting) {
        List<String> problems = new ArrayList<>(sighting.failures());
        if (sighting.isComplete()
                && !sighting.everywhere().contains(ring.active().keyId())) {
            problems.add("The active key " + ring.active().keyId()
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
