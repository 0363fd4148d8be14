/** A fake of Microsoft Entra ID. */
@NullMarked
package io.dynamiccredentials.testkit.azure;

import org.jspecify.annotations.NullMarked;
