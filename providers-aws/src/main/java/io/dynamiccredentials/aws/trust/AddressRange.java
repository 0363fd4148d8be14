package io.dynamiccredentials.aws.trust;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of IP addresses, such as {@code 203.0.113.0/24}. Immutable.
 *
 * @param first an address in it, as a number
 * @param bits how many bits its addresses have: 32 or 128
 * @param prefix how many bits are the same in all of them
 */
record AddressRange(BigInteger first, int bits, int prefix) {
    private static final Pattern RANGE = Pattern.compile("([0-9A-Fa-f.:]{2,45})(?:/([0-9]{1,3}))?");

    // No names here: these two have only digits, so that no resolver is ever asked.
    private static final Pattern V4 = Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\\.(?!$)|$)){4}");
    private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:]*:[0-9A-Fa-f:]*");

    /** Reads a range or a single address. */
    static AddressRange parse(String text) {
        Matcher matcher = RANGE.matcher(text);
        if (matcher.matches()) {
            Optional<byte[]> address = address(matcher.group(1));
            int bits = address.map(bytes -> bytes.length * 8).orElse(0);
            int prefix = matcher.group(2) == null ? bits : Integer.parseInt(matcher.group(2));
            if (address.isPresent() && prefix <= bits) {
                return new AddressRange(new BigInteger(1, address.get()), bits, prefix);
            }
        }
        throw MalformedPolicy.because(
                "The value must be an IP address or a range of them such as \"203.0.113.0/24\"", text);
    }

    /** Tells whether {@code text} is an address of this range. */
    boolean contains(String text) {
        return address(text)
                .filter(bytes -> bytes.length * 8 == bits)
                .map(bytes -> new BigInteger(1, bytes).xor(first).shiftRight(bits - prefix))
                .filter(difference -> difference.signum() == 0)
                .isPresent();
    }

    private static Optional<byte[]> address(String text) {
        if (!V4.matcher(text).matches() && !V6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text).getAddress());
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
