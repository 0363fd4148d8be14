/**
 * What the world may fetch: the discovery document and the key set of an issuer.
 *
 * <p>In: the issuer's address and its signing keys. Out: answers to GET and HEAD for whatever server the host runs, or
 * two files for a static site, read back from outside.
 */
@NullMarked
package io.dynamiccredentials.discovery;

import org.jspecify.annotations.NullMarked;
