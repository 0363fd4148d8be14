package io.dynamiccredentials.verify;

import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPrivateKey;
import java.util.Arrays;
import java.util.HexFormat;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;

/** RSA signatures by hand, for a key of 2048 bits: the padding can be any (RFC 8017, section 9.2). */
final class Pkcs1 {
    /** What stands before a SHA-256 digest. */
    static final String SHA256 = "3031300d060960864801650304020105000420";

    private static final int LENGTH = 256;

    private Pkcs1() {}

    /** Returns the padded digest of {@code input}, behind {@code prefix}. */
    static byte[] encode(String prefix, byte[] input) {
        return pad("0001", digest(prefix, input), new byte[0]);
    }

    /** Returns {@code type}, as many 0xff as there is room for, a zero, {@code digest} and {@code rest}. */
    static byte[] pad(String type, byte[] digest, byte[] rest) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(HexFormat.of().parseHex(type));
        byte[] filling = new byte[LENGTH - 3 - digest.length - rest.length];
        Arrays.fill(filling, (byte) 0xff);
        out.writeBytes(filling);
        out.write(0);
        out.writeBytes(digest);
        out.writeBytes(rest);
        return out.toByteArray();
    }

    static byte[] digest(String prefix, byte[] input) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(input);
            byte[] start = HexFormat.of().parseHex(prefix);
            byte[] both = Arrays.copyOf(start, start.length + digest.length);
            System.arraycopy(digest, 0, both, start.length, digest.length);
            return both;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Raises {@code padded} to the private exponent. */
    static byte[] sign(byte[] padded) {
        RSAPrivateKey key = privateKey();
        return fixedLength(new BigInteger(1, padded).modPow(key.getPrivateExponent(), key.getModulus()));
    }

    static RSAPrivateKey privateKey() {
        try {
            return (RSAPrivateKey) PublicJsonWebKey.Factory.newPublicJwk(Trial.privateJwk(SigningAlgorithm.RS256))
                    .getPrivateKey();
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] fixedLength(BigInteger number) {
        byte[] bytes = number.toByteArray();
        byte[] out = new byte[LENGTH];
        for (int i = 0; i < Math.min(LENGTH, bytes.length); i++) {
            out[LENGTH - 1 - i] = bytes[bytes.length - 1 - i];
        }
        return out;
    }
}
