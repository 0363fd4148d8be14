/**
 * An issuer and four platforms on loopback, for unit tests: they refuse what the real ones refuse.
 *
 * <p>In: tokens, over HTTP, from unmodified SDKs. Out: the platforms' own answers, and credentials that work at the
 * fake until they end. Each fake fetches the issuer's discovery document and keys, verifies signature and claims, and
 * decides by a trust rule. None of it belongs into production.
 *
 * <p>Starting a fake or a {@code TestIssuer} sets the system property {@code sun.net.httpserver.nodelay} to
 * {@code true} if it is unset: without it the web server of JDK 17 holds each answer on a kept-alive connection back
 * for 40 ms. The JDK reads it once, when the first server of the process starts. Set it before that to have it
 * otherwise.
 */
@NullMarked
package io.dynamiccredentials.testkit;

import org.jspecify.annotations.NullMarked;
