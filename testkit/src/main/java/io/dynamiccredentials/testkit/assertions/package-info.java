/** Assertions in the style of AssertJ: what fakes did, and what relying parties would say to a token. */
@NullMarked
package io.dynamiccredentials.testkit.assertions;

import org.jspecify.annotations.NullMarked;
