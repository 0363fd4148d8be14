/**
 * Token to verified token: what a relying party does with a token from the network.
 *
 * <p>In: a compact token and the issuers that are trusted. Out: a {@link io.dynamiccredentials.verify.VerifiedToken},
 * or the first rule that the token broke. A {@link io.dynamiccredentials.verify.TrustPolicy} then says whether it is
 * welcome. Needs no signing key.
 */
@NullMarked
package io.dynamiccredentials.verify;

import org.jspecify.annotations.NullMarked;
