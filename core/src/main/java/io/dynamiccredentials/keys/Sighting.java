package io.dynamiccredentials.keys;

import java.util.List;
import java.util.Set;

/**
 * What the world sees of an issuer's keys. Immutable.
 *
 * @param everywhere the ids of the keys that every address showed
 * @param anywhere the ids of the keys that any address showed
 * @param failures why an address could not be looked at, each a sentence that names it
 */
record Sighting(Set<String> everywhere, Set<String> anywhere, List<String> failures) {
    Sighting {
        everywhere = Set.copyOf(everywhere);
        anywhere = Set.copyOf(anywhere);
        failures = List.copyOf(failures);
    }

    boolean isComplete() {
        return failures.isEmpty();
    }
}
