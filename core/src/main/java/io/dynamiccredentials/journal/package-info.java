/**
 * What a lease leaves for those who come after it: enough to end everything if its process dies, and no secret.
 *
 * <p>In: facts about a lease, before it uses what they tell of. Out: leases of dead owners, each to one who ends them.
 */
@NullMarked
package io.dynamiccredentials.journal;

import org.jspecify.annotations.NullMarked;
