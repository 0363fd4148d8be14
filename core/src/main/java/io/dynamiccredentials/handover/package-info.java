/**
 * Tokens that platforms take as they are: what the run presents is the identity token itself.
 *
 * <p>In: the settings of Kubernetes, HCP, Tencent Cloud, or of a token for any other platform. Out: the token in the
 * variables, files and Terraform inputs where the run's tools look for it. Nothing crosses the network here.
 */
@NullMarked
package io.dynamiccredentials.handover;

import org.jspecify.annotations.NullMarked;
