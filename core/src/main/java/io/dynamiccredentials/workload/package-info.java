/**
 * Who runs: the workload that wants an identity.
 *
 * <p>In: names and ids that the host vouches for. Out: a subject that can't be forged, and typed claims.
 */
@NullMarked
package io.dynamiccredentials.workload;

import org.jspecify.annotations.NullMarked;
