package io.dynamiccredentials.workload;

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
}
