package io.dynamiccredentials.testkit;

import java.net.URI;
import java.util.List;

/**
 * A fake of a platform that is reached over HTTP on loopback, and answers for what it handed out.
 *
 * <p><b>For implementers:</b> safe for use by many threads; {@link #close} may be called several times.
 */
public interface FakePlatform extends SecretSource, AutoCloseable {

    /** Returns its address on loopback, without a path. */
    URI address();

    /** Returns all that it handed out since it started or was {@linkplain #reset() reset}, the oldest first. */
    List<HandedOut> handedOut();

    /** Returns what it would honour now: neither ended nor revoked. */
    List<HandedOut> live();

    /** Returns the requests that it had. */
    CallLog calls();

    /** Returns what goes wrong with its requests. */
    Faults faults();

    /** Returns the keys that it fetched from issuers. */
    IssuerKeys issuerKeys();

    /**
     * Forgets what it handed out (which is dead from now on), its requests, its faults and the issuers' keys; keeps
     * what was configured.
     */
    void reset();

    /** Stops it, and frees its port. */
    @Override
    void close();
}
