/**
 * Microsoft Entra ID: an identity token stands in for the secret of an application (client assertion) and buys an
 * access token, through Microsoft's own azure-identity.
 *
 * <p>In: a run's identity token. Out: {@code ARM_*} and {@code AZURE_*} variables and a token file, from which the
 * run's own tools make the same exchange.
 */
@NullMarked
package io.dynamiccredentials.azure;

import org.jspecify.annotations.NullMarked;
