package io.dynamiccredentials.wire;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.UnknownHostException;

/**
 * Tells addresses of the public internet from those inside a network or a machine, which a document from outside must
 * not make us call (RFC 6890; RFC 8725, section 3.10).
 */
public final class PublicAddress {
    private PublicAddress() {}

    /**
     * Checks that the host of {@code address} resolves to public addresses only. A host that can't be resolved here
     * passes if the system's proxy settings send the call through a proxy, which resolves it. The JVM keeps what it
     * resolved for some seconds ({@code networkaddress.cache.ttl}, 30 by default), so that a call right after goes
     * where this looked unless that runs out in between. Blocks as long as the system's resolver does.
     *
     * @throws IOException if one of them is not public, or there is none
     */
    public static void require(URI address) throws IOException {
        for (InetAddress resolved : resolve(address)) {
            if (!isPublic(resolved)) {
                throw new WireException("the host of " + UntrustedText.quote(address.toString())
                        + " is at an address inside a network, expected a public one");
            }
        }
    }

    private static InetAddress[] resolve(URI address) throws IOException {
        try {
            return InetAddress.getAllByName(address.getHost());
        } catch (UnknownHostException e) {
            // A name that is not there now may be there, and inside, for the call that follows.
            if (hasProxy(address)) {
                return new InetAddress[0];
            }
            throw new WireException("the host of " + UntrustedText.quote(address.toString()) + " is unknown");
        }
    }

    private static boolean hasProxy(URI address) {
        ProxySelector proxies = ProxySelector.getDefault();
        return proxies != null && proxies.select(address).stream().anyMatch(proxy -> proxy.type() != Proxy.Type.DIRECT);
    }

    /** Tells whether {@code address} is globally reachable unicast. */
    public static boolean isPublic(InetAddress address) {
        boolean special = address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress();
        byte[] bytes = address.getAddress();
        return !special && (address instanceof Inet4Address ? isPublic4(bytes, 0) : isPublic6(bytes));
    }

    private static boolean isPublic4(byte[] bytes, int at) {
        int first = bytes[at] & 0xff;
        int second = bytes[at + 1] & 0xff;
        int third = bytes[at + 2] & 0xff;
        return switch (first) {
            case 0, 10, 127 -> false;
            // The address at which Azure serves each of its machines.
            case 168 -> !(second == 63 && third == 129 && (bytes[at + 3] & 0xff) == 16);
            case 100 -> second < 64 || second > 127;
            case 169 -> second != 254;
            case 172 -> second < 16 || second > 31;
            case 192 -> second != 168 && !(second == 0 && (third == 0 || third == 2)) && !(second == 88 && third == 99);
            case 198 -> second != 18 && second != 19 && !(second == 51 && third == 100);
            case 203 -> !(second == 0 && third == 113);
            default -> first < 224;
        };
    }

    private static boolean isPublic6(byte[] bytes) {
        int first = word(bytes, 0);
        int second = word(bytes, 2);
        if (first == 0x64 && second == 0xff9b) {
            // A translator turns it into the IPv4 address in its last four bytes (RFC 6052).
            return isWellKnownPrefix(bytes) && isPublic4(bytes, 12);
        }
        boolean globalUnicast = first >> 13 == 1;
        // Tunnels to IPv4 (6to4, Teredo) and addresses for documents and benchmarks.
        boolean special = first == 0x2002
                || first == 0x3ffe
                || first == 0x3fff
                || (first == 0x2001 && (second < 0x200 || second == 0xdb8));
        return globalUnicast && !special;
    }

    private static int word(byte[] bytes, int at) {
        return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
    }

    private static boolean isWellKnownPrefix(byte[] bytes) {
        for (int i = 4; i < 12; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }
}
