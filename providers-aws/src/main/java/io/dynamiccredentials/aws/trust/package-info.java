/**
 * What AWS checks before it lets somebody assume a role: the role's trust policy document, decided as IAM decides it.
 *
 * <p>In: a document and a request, with the claims of a verified token. Out: a decision, and the first thing that does
 * not match.
 */
@NullMarked
package io.dynamiccredentials.aws.trust;

import org.jspecify.annotations.NullMarked;
