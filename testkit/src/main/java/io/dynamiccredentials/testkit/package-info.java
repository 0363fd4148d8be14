/**
 * An issuer and four platforms on loopback, for unit tests: they refuse what the real ones refuse.
 *
 * <p>In: tokens, over HTTP, from unmodified SDKs. Out: the platforms' own answers, and credentials that work at the
 * fake until they end. Each fake fetches the issuer's discovery document and keys, verifies signature and claims, and
 * decides by a trust rule. None of it belongs into production.
 */
@NullMarked
package io.dynamiccredentials.testkit;

import org.jspecify.annotations.NullMarked;
