/**
 * What crosses the network: one bounded HTTP exchange, strict JSON, and text that nobody vouches for.
 *
 * <p>In: requests of the stages that speak to an issuer or a platform. Out: answers that are bounded in size and time
 * and text that is safe to print. Provider modules use it too, so that time-outs and refusals are the same everywhere.
 */
@NullMarked
package io.dynamiccredentials.wire;

import org.jspecify.annotations.NullMarked;
