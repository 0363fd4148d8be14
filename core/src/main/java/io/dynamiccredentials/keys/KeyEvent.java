package io.dynamiccredentials.keys;

import java.time.Instant;

/**
 * Something that happened to the keys of an issuer. Holds no secret. Immutable.
 *
 * @param kind what happened
 * @param keyId the key's id
 * @param at when, by the clock of the node that tells it
 * @param message the same in words, for a log
 */
public record KeyEvent(Kind kind, String keyId, Instant at, String message) {

    /** What can happen to a key. Each is told by the node that did it or saw it, once. */
    public enum Kind {
        /** A next key was made and published. */
        PUBLISHED,
        /** A next key was seen at every public address for the first time. */
        SEEN,
        /** A next key that had been seen was missed at a public address; its time of being seen starts again. */
        VANISHED,
        /** A rotation is due, and no key can take over; told once for each reason. The old key signs on. */
        HELD_BACK,
        /** A next key became the active one. */
        ACTIVATED,
        /** The active key became a retired one. */
        RETIRED,
        /** A retired key was removed, since all its tokens have ended. */
        REMOVED,
        /** A key was removed on purpose, perhaps before its tokens ended. */
        REVOKED
    }
}
