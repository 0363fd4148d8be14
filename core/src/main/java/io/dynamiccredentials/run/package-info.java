/**
 * Run to nothing left: the door of the library and the lease that it opens.
 *
 * <p>In: a workload and the variables of its workspace. Out: a lease that starts processes, and after its close a
 * report.
 */
@NullMarked
package io.dynamiccredentials.run;

import org.jspecify.annotations.NullMarked;
