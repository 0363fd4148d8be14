package io.dynamiccredentials.keys;

/** Is told how far a write of a {@link FileSigningKeyStore} has come, so that tests can end it there. */
@FunctionalInterface
interface FileWatch {

    /** The points of a write, in their order. */
    enum Point {
        LOCKED,
        CREATED,
        HALF_WRITTEN,
        WRITTEN,
        SYNCED,
        RENAMED,
        DIRECTORY_SYNCED
    }

    void reached(Point point);
}
