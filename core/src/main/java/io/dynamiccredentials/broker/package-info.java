/**
 * Where a run's tools fetch on loopback what others read from files.
 *
 * <p>In: answers, replaced whenever they are renewed. Out: HTTP answers to whoever shows the lease's bearer.
 */
@NullMarked
package io.dynamiccredentials.broker;

import org.jspecify.annotations.NullMarked;
