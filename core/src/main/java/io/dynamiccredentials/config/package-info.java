/**
 * Variables to configuration: which platforms a run asks for, and with which roles.
 *
 * <p>In: the variables of a workspace. Out: platforms that are ready to exchange, or all that is wrong with them.
 */
@NullMarked
package io.dynamiccredentials.config;

import org.jspecify.annotations.NullMarked;
