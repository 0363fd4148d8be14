/**
 * Contract tests: what each implementation of an interface of this library does. Extend one to test yours.
 *
 * <p>They need JUnit 5 and AssertJ on the class path. Ours extend them too.
 */
@NullMarked
package io.dynamiccredentials.testkit.contract;

import org.jspecify.annotations.NullMarked;
