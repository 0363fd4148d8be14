package io.dynamiccredentials.vault;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** A block of addresses, or a single one. Immutable. */
final class Cidr {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,3}");
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(?:[.][0-9]{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*");

    private final byte[] network;
    private final int bits;

    private Cidr(byte[] network, int bits) {
        this.network = network;
        this.bits = bits;
    }

    /**
     * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or an address alone.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    static Cidr parse(String text) {
        int slash = text.indexOf('/');
        byte[] network = address(slash < 0 ? text : text.substring(0, slash), text);
        int all = network.length * Byte.SIZE;
        if (slash < 0) {
            return new Cidr(network, all);
        }
        String length = text.substring(slash + 1);
        if (!NUMBER.matcher(length).matches() || Integer.parseInt(length) > all) {
            throw malformed(text);
        }
        return new Cidr(network, Integer.parseInt(length));
    }

    /** Tells whether {@code address} is in the block; what is no address is in none. */
    boolean contains(String address) {
        byte[] bytes;
        try {
            bytes = address(address, address);
        } catch (IllegalArgumentException e) {
            return false;
        }
        boolean same = bytes.length == network.length;
        for (int bit = 0; same && bit < bits; bit++) {
            int mask = 0x80 >> (bit % Byte.SIZE);
            same = ((bytes[bit / Byte.SIZE] ^ network[bit / Byte.SIZE]) & mask) == 0;
        }
        return same;
    }

    private static byte[] address(String address, String whole) {
        // Anything else might be a name, which would be looked up.
        if (!IPV4.matcher(address).matches() && !IPV6.matcher(address).matches()) {
            throw malformed(whole);
        }
        try {
            return InetAddress.getByName(address).getAddress();
        } catch (UnknownHostException e) {
            throw malformed(whole);
        }
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "A CIDR must be an address or a block such as \"10.0.0.0/8\"; it was \"" + text + "\"");
    }
}
