package io.dynamiccredentials.keys;

import java.util.List;
import java.util.Set;

/** Looks at what the world sees of an issuer's keys. */
@FunctionalInterface
interface PublicAddresses {

    /** Takes it for granted that all that is published is seen, for an issuer that this process can't reach. */
    PublicAddresses ASSUMED = expected -> new Sighting(expected, expected, expected, List.of());

    /** Looks at every address; never throws. May block on the network. */
    Sighting look(Set<String> expectedKeyIds);
}
