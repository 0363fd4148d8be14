/**
 * Workload to identity token: the {@link io.dynamiccredentials.token.TokenIssuer} and what it mints.
 *
 * <p>In: a workload and the audience that a platform expects. Out: a signed token that lives minutes and keeps the
 * rules of the platform that it is for.
 */
@NullMarked
package io.dynamiccredentials.token;

import org.jspecify.annotations.NullMarked;
