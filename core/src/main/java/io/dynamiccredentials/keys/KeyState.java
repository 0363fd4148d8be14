package io.dynamiccredentials.keys;

/** Where a key is in its life. After {@link #RETIRED} it is removed, and no state is left of it. */
public enum KeyState {
    /** Published, so that verifiers learn it, and not yet signing. */
    NEXT,
    /** Published and signing. There is exactly one. */
    ACTIVE,
    /** Published until the last token that it signed has ended, and signing no more. */
    RETIRED
}
