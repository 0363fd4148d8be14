package io.dynamiccredentials.discovery;

import java.net.URI;
import java.util.Set;
import java.util.TreeSet;

/**
 * Thrown when the world does not see what was published: the files are not served, are served in an older state, or
 * somebody else writes there too.
 */
public final class SiteDiffersException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final URI address;
    private final TreeSet<String> foreignKeyIds;

    private SiteDiffersException(String message, URI address, Set<String> foreignKeyIds) {
        super(message);
        this.address = address;
        this.foreignKeyIds = new TreeSet<>(foreignKeyIds);
    }

    static SiteDiffersException ofStatus(String what, URI address, int status) {
        return new SiteDiffersException(
                "The " + what + " at \"" + address + "\" must be answered with HTTP 200; it was HTTP " + status
                        + ". Serve the published files there to everybody, without a redirect, as "
                        + Page.CONTENT_TYPE,
                address,
                Set.of());
    }

    static SiteDiffersException of(String what, URI address, SiteDifference difference) {
        return new SiteDiffersException(
                "The " + what + " at \"" + address + "\" must be byte for byte what was published; "
                        + difference.words()
                        + ". A cache may show an older state until its max-age is over: then try again. If none does,"
                        + " the address shows other files than those that are written, or somebody else writes there;"
                        + " whoever can is trusted as this issuer by every platform",
                address,
                difference.foreignKeyIds());
    }

    /** Returns the address that shows something else. */
    public URI address() {
        return address;
    }

    /**
     * Returns the ids of the keys that the address shows and that were not published, fit for a message. Unless a cache
     * still shows a key that was removed, each is an alarm: its holder can issue tokens in this issuer's name.
     */
    public Set<String> foreignKeyIds() {
        return Set.copyOf(foreignKeyIds);
    }
}
