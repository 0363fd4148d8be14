package io.dynamiccredentials.environment;

/** Finds tokens by what they look like, a byte at a time. Not safe for use by several threads. */
interface TokenShape {

    /** Reads one byte, and returns how many of the last bytes belong to a token; 0 if none do. */
    int read(byte b);

    /** Returns how many of the bytes that were read last may be the beginning of a token. */
    int pending();
}
