/** A fake of AWS STS and the part of IAM that it asks. */
@NullMarked
package io.dynamiccredentials.testkit.aws;

import org.jspecify.annotations.NullMarked;
