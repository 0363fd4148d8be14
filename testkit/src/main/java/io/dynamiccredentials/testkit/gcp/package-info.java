/** A fake of Google Cloud: its security token service and IAM credentials. */
@NullMarked
package io.dynamiccredentials.testkit.gcp;

import org.jspecify.annotations.NullMarked;
