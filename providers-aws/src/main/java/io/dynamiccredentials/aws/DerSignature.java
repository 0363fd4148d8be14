package io.dynamiccredentials.aws;

import java.math.BigInteger;
import java.util.Arrays;
import org.jose4j.keys.EllipticCurves;

/**
 * Turns an ECDSA signature on P-256 from DER (RFC 3279, section 2.2.3) into the form of JOSE (RFC 7518, section 3.4).
 *
 * <p>Only what DER allows is read: one sequence of two positive integers below the order of the curve, each in its
 * shortest form, and nothing after it.
 */
final class DerSignature {
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 0x02;
    private static final int NUMBER_BYTES = 32;
    private static final BigInteger ORDER = EllipticCurves.P256.getOrder();

    private final byte[] der;
    private int position;

    private DerSignature(byte[] der) {
        this.der = der;
    }

    /**
     * Returns R and S, 32 bytes each.
     *
     * @throws IllegalArgumentException if {@code der} is anything else; the message does not repeat it
     */
    static byte[] concatenated(byte[] der) {
        return new DerSignature(der).read();
    }

    private byte[] read() {
        // A signature on P-256 has 72 bytes at most, so lengths fit one byte; 0x80 and above would be a longer form.
        int length = header(SEQUENCE);
        if (length != der.length - position) {
            throw malformed("its sequence does not end with it");
        }
        byte[] concatenated = new byte[2 * NUMBER_BYTES];
        put(integer(), concatenated, NUMBER_BYTES);
        put(integer(), concatenated, 2 * NUMBER_BYTES);
        if (position != der.length) {
            throw malformed("it has more than two integers");
        }
        return concatenated;
    }

    private BigInteger integer() {
        int length = header(INTEGER);
        if (length == 0 || length > der.length - position) {
            throw malformed("an integer has a wrong length");
        }
        byte[] bytes = Arrays.copyOfRange(der, position, position + length);
        position += length;
        if (length > 1 && bytes[0] == 0 && bytes[1] >= 0) {
            throw malformed("an integer is longer than it need be");
        }
        BigInteger number = new BigInteger(bytes);
        if (number.signum() <= 0 || number.compareTo(ORDER) >= 0) {
            throw malformed("an integer is not between 0 and the order of P-256");
        }
        return number;
    }

    private int header(int tag) {
        if (der.length - position < 2 || der[position] != tag || der[position + 1] < 0) {
            throw malformed("a tag or a length is not what DER has there");
        }
        position += 2;
        return der[position - 1];
    }

    private static void put(BigInteger number, byte[] target, int end) {
        byte[] bytes = number.toByteArray();
        int leading = bytes[0] == 0 ? 1 : 0;
        System.arraycopy(bytes, leading, target, end - (bytes.length - leading), bytes.length - leading);
    }

    private static IllegalArgumentException malformed(String why) {
        return new IllegalArgumentException("it is no ECDSA signature in DER: " + why);
    }
}
