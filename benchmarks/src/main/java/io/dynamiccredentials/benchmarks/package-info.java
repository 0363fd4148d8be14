/**
 * Programs that measure the library at scale. Each prints a table and ends with a failure when a limit is broken.
 *
 * <p>They are for whoever works on the library or wonders what a host has to have; nothing depends on them.
 */
@NullMarked
package io.dynamiccredentials.benchmarks;

import org.jspecify.annotations.NullMarked;
