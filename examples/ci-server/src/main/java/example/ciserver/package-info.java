/** A CI server in miniature that embeds Dynamic Credentials, with fake platforms in the place of the real ones. */
@NullMarked
package example.ciserver;

import org.jspecify.annotations.NullMarked;
