/** For JUnit 5: starts fakes for the tests that ask for them, and fails the test in which a secret leaked. */
@NullMarked
package io.dynamiccredentials.testkit.junit;

import org.jspecify.annotations.NullMarked;
