package io.dynamiccredentials.token;

import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.time.Duration;
import java.util.Map;

/**
 * What is about to be signed, as far as rules speak of it.
 *
 * @param algorithm its {@code alg}
 * @param subject its {@code sub}
 * @param audience its {@code aud}
 * @param lifetime from {@code iat} to {@code exp}
 * @param further the workload's claims
 */
record TokenDraft(
        SigningAlgorithm algorithm, String subject, String audience, Duration lifetime, Map<String, Object> further) {}
