package io.dynamiccredentials.keys;

import java.time.Instant;

/**
 * What revoking a key did. Immutable.
 *
 * @param revokedKeyId the key that is gone
 * @param brokenTokens how many of its tokens may still have been alive: those that the nodes had reported, and those of
 *     this node. Other nodes report with each maintenance, so their last minute may be missing
 * @param brokenUntil when the last of them would have ended, at the latest
 * @param activeKeyId the key that signs now
 * @param knownAt from when every verifier knows that key. Before it, verifiers with an old copy of the key set may
 *     refuse new tokens
 */
public record KeyRevocation(
        String revokedKeyId, long brokenTokens, Instant brokenUntil, String activeKeyId, Instant knownAt) {}
