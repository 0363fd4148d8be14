package io.dynamiccredentials.workload;

import java.util.Optional;

/**
 * The run, job or service that wants an identity.
 *
 * <p><b>For implementers:</b> all values come from the host, never from what the run itself may set. Two different
 * workloads must not have one {@link #subject()}: refuse or escape the delimiter in names. Implementations are
 * immutable.
 */
public interface Workload {

    /** Returns the {@code sub} of its tokens (RFC 7519, section 4.1.2), at most 255 ASCII characters. */
    String subject();

    /** Returns further claims, none of them {@linkplain Claims#isReserved reserved}. */
    Claims claims();

    /** Returns what the run is doing now. */
    Phase phase();

    /** Returns the id under which the host knows the run, of letters, digits, {@code -} and {@code _}. */
    String runId();

    /**
     * Returns what all phases of one run have in common, if their files must have the same paths: a saved Terraform
     * plan names those of its planning when it is applied. Only one lease can then be open at a time. Unless
     * overridden, empty: each lease has paths of its own.
     */
    default Optional<String> commonName() {
        return Optional.empty();
    }
}
