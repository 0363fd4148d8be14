/**
 * Google Cloud: an identity token buys an access token of a workload identity pool or of a service account.
 *
 * <p>In: a run's identity token. Out: a file from which Google's own libraries, {@code gcloud} and Terraform do the
 * same exchange for themselves, or an access token where no file can say what they should ask for. The exchange runs on
 * Google's auth library over an HTTP transport of ours.
 */
@NullMarked
package io.dynamiccredentials.gcp;

import org.jspecify.annotations.NullMarked;
