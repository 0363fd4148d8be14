package io.dynamiccredentials.wire;

import java.net.URI;
import java.util.Set;

/** Decides which addresses a token may be sent to: encrypted ones, and plain ones that never leave this machine. */
public final class PlatformAddress {
    private static final Set<String> LOOPBACK_HOSTS = Set.of("127.0.0.1", "localhost", "[::1]");

    private PlatformAddress() {}

    /** Tells whether the host of {@code address} is 127.0.0.1, localhost or [::1], by its name alone. */
    public static boolean isLoopback(URI address) {
        return address.getHost() != null && LOOPBACK_HOSTS.contains(address.getHost());
    }

    /** Tells whether {@code address} is plain http on loopback. */
    public static boolean isLoopbackHttp(URI address) {
        return "http".equals(address.getScheme()) && isLoopback(address);
    }

    /**
     * Returns {@code address} if it is https, or http on loopback, with a host and without user, path, query and
     * fragment.
     *
     * @param what the address as the message calls it, for example {@code Vault address}
     * @param example a good one, for the message
     * @throws IllegalArgumentException if it is anything else
     */
    public static URI requireBare(String what, URI address, String example) {
        boolean bare = address.getHost() != null
                && address.getRawPath().isEmpty()
                && address.getRawQuery() == null
                && address.getRawFragment() == null
                && address.getRawUserInfo() == null;
        if (!bare || !("https".equals(address.getScheme()) || isLoopbackHttp(address))) {
            throw new IllegalArgumentException("The " + what + " must be https with a host and no path, such as \""
                    + example + "\" (http only on loopback); it was \"" + address + "\"");
        }
        return address;
    }
}
