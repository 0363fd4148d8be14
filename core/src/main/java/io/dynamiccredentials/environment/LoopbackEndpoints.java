package io.dynamiccredentials.environment;

/**
 * The endpoints of one lease on loopback.
 *
 * <p><b>For implementers:</b> safe for use by many threads.
 */
@FunctionalInterface
public interface LoopbackEndpoints {

    /**
     * Answers at the endpoint {@code name} with {@code answer} from now on. The same name has the same address and
     * bearer for as long as the lease is open.
     *
     * @param name a name as for a file of {@link RunDirectory}
     * @throws IllegalStateException if the lease is closed
     * @throws java.io.UncheckedIOException if no port can be opened
     */
    LoopbackEndpoint publish(String name, LoopbackAnswer answer);
}
