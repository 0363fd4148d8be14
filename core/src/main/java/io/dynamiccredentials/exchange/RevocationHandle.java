package io.dynamiccredentials.exchange;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What names credentials at their platform without being of any use to who finds it: an accessor, the id of a lease.
 * Written to a journal, and read back by a process that knows nothing else of them. Immutable.
 *
 * @param platform the platform's name, for example {@code Vault}; a {@link HandleRevoker} recognises its own by it
 * @param members what the platform needs to find them, by names of the platform's module; never a secret
 */
public record RevocationHandle(String platform, Map<String, String> members) {

    /**
     * Copies the map.
     *
     * @throws IllegalArgumentException if {@code platform} is empty
     */
    public RevocationHandle {
        if (platform.isEmpty()) {
            throw new IllegalArgumentException("A handle names its platform; the name was empty");
        }
        members = Collections.unmodifiableMap(new TreeMap<>(members));
    }
}
