package io.dynamiccredentials.exchange;

/** Where credentials that are kept fresh stand. */
public enum RefreshState {
    /** They are usable, and their next refresh is still to come. */
    FRESH,
    /** They are usable, and newer ones are being obtained. */
    REFRESHING,
    /** They are usable, and the last attempt to obtain newer ones failed. */
    STALE,
    /** There are none that may still be used. */
    EXPIRED
}
