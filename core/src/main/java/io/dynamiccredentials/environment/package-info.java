/**
 * Credentials to what a run receives: variables and files.
 *
 * <p>In: names, values and contents. Out: an environment of its own for a child process, in a directory of its own.
 */
@NullMarked
package io.dynamiccredentials.environment;

import org.jspecify.annotations.NullMarked;
