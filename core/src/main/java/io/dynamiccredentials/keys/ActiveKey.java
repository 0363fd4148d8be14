package io.dynamiccredentials.keys;

import java.time.Instant;

/**
 * The key that signs now, and for how long what it signs may live. Immutable.
 *
 * @param key the key
 * @param latestExpiry the latest {@code exp} of a token that it may sign: until then, and a margin longer, it stays
 *     published
 */
public record ActiveKey(SigningKey key, Instant latestExpiry) {}
