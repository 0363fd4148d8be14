package io.dynamiccredentials.keys;

import java.util.List;
import java.util.Set;

/**
 * What the world sees of an issuer's keys. Immutable.
 *
 * @param lookedFor the ids of the keys that the node knew when it looked; of others it says nothing
 * @param everywhere the ids of those that every address showed
 * @param anywhere the ids of the keys that any address showed
 * @param failures why an address could not be looked at, each a sentence that names it
 */
record Sighting(Set<String> lookedFor, Set<String> everywhere, Set<String> anywhere, List<String> failures) {
    Sighting {
        lookedFor = Set.copyOf(lookedFor);
        everywhere = Set.copyOf(everywhere);
        anywhere = Set.copyOf(anywhere);
        failures = List.copyOf(failures);
    }

    boolean isComplete() {
        return failures.isEmpty();
    }
}
