/**
 * AWS: an identity token buys a session of an IAM role (STS {@code AssumeRoleWithWebIdentity}), and that perhaps one of
 * a second role ({@code AssumeRole}), which end by themselves.
 *
 * <p>In: a run's identity token. Out: {@code AWS_ROLE_ARN} and {@code AWS_WEB_IDENTITY_TOKEN_FILE}, a shared config
 * file for the second role, or the session's own keys. Runs on the official SDK, whose retries, profiles and
 * environment variables are switched off. Beside that, keys for signing identity tokens that live in KMS, through a
 * client that the host sets up.
 */
@NullMarked
package io.dynamiccredentials.aws;

import org.jspecify.annotations.NullMarked;
