package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.BAD_SIGNATURE;
import static io.dynamiccredentials.verify.Trial.CLAIMS;
import static io.dynamiccredentials.verify.Trial.EC;
import static io.dynamiccredentials.verify.Trial.ED;
import static io.dynamiccredentials.verify.Trial.RSA;
import static io.dynamiccredentials.verify.Trial.header;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jose4j.jws.EcdsaUsingShaAlgorithm;
import org.jose4j.keys.EllipticCurves;
import org.jspecify.annotations.Nullable;

/** Signatures that are none, are nearly right, or were right for something else. */
final class SignatureAttacks {
    private static final BigInteger ORDER = EllipticCurves.P256.getOrder();
    private static final BigInteger EDWARDS_ORDER =
            BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

    private SignatureAttacks() {}

    static List<Attack> rows() {
        List<Attack> rows = new ArrayList<>();
        for (SigningAlgorithm algorithm : SigningAlgorithm.forIssuing()) {
            addForAll(rows, Trial.keyFor(algorithm), algorithm.jwsName());
        }
        addEcdsa(rows);
        addEdwards(rows);
        addRsa(rows);
        addRsaPaddings(rows);
        return rows;
    }

    private static void addForAll(List<Attack> rows, SigningKey key, String name) {
        rows.add(bad(name + " signature of one byte", key, good -> new byte[1]));
        rows.add(bad(name + " signature that is all zero", key, good -> new byte[good.length]));
        rows.add(bad(name + " signature that is all ones", key, good -> filled(good.length)));
        rows.add(bad(name + " signature without its last byte", key, good -> Arrays.copyOf(good, good.length - 1)));
        rows.add(bad(name + " signature with a byte more", key, good -> Arrays.copyOf(good, good.length + 1)));
        rows.add(bad(name + " signature twice", key, good -> join(good, good)));
        rows.add(bad(name + " signature with its first bit changed", key, good -> flip(good, 0, 0x80)));
        rows.add(bad(name + " signature with its last bit changed", key, good -> flip(good, good.length - 1, 1)));
        rows.add(bad(name + " signature backwards", key, SignatureAttacks::reverse));
        rows.add(Attack.of(BAD_SIGNATURE, name + " signature of other claims", () -> {
            String[] parts = Jws.sign(key, CLAIMS.toString()).split("\\.", -1);
            return parts[0] + "." + Jws.encode(CLAIMS.withText("sub", "root").toString()) + "." + parts[2];
        }));
        rows.add(Attack.of(BAD_SIGNATURE, name + " signature of another header", () -> {
            String[] parts = Jws.sign(key, CLAIMS.toString()).split("\\.", -1);
            return Jws.encode(header(key).without("typ").toString()) + "." + parts[1] + "." + parts[2];
        }));
        rows.add(of(name + " signature of the claims alone", key, Jws.encode(CLAIMS.toString())));
        rows.add(of(name + " signature of the decoded text", key, header(key) + "." + CLAIMS));
        rows.add(of(name + " signature of nothing", key, ""));
    }

    private static void addEcdsa(List<Attack> rows) {
        rows.add(Attack.control(
                "ES256 with s turned into n - s, as anybody can",
                () -> resigned(EC, good -> pair(number(good, 0), ORDER.subtract(number(good, 1))))));
        rows.add(ecdsa("CVE-2022-21449 r and s are zero", BigInteger.ZERO, BigInteger.ZERO));
        rows.add(ecdsa("ES256 r is zero and s is one", BigInteger.ZERO, BigInteger.ONE));
        rows.add(ecdsa("ES256 r is one and s is zero", BigInteger.ONE, BigInteger.ZERO));
        rows.add(ecdsa("ES256 r and s are one", BigInteger.ONE, BigInteger.ONE));
        rows.add(ecdsa("ES256 r and s are the order", ORDER, ORDER));
        rows.add(ecdsa("ES256 r is the order and s is one", ORDER, BigInteger.ONE));
        rows.add(ecdsa("ES256 r is zero and s is the order", BigInteger.ZERO, ORDER));
        rows.add(ecdsa(
                "ES256 r and s are one less than the order",
                ORDER.subtract(BigInteger.ONE),
                ORDER.subtract(BigInteger.ONE)));
        rows.add(bad("ES256 r is zero and s is right", EC, good -> pair(BigInteger.ZERO, number(good, 1))));
        rows.add(bad("ES256 r is right and s is zero", EC, good -> pair(number(good, 0), BigInteger.ZERO)));
        rows.add(bad("ES256 r and s are exchanged", EC, good -> pair(number(good, 1), number(good, 0))));
        rows.add(bad(
                "ES256 r is turned into n - r", EC, good -> pair(ORDER.subtract(number(good, 0)), number(good, 1))));
        rows.add(bad("ES256 signature in DER", EC, SignatureAttacks::der));
        rows.add(bad("ES256 signature of 62 bytes", EC, good -> Arrays.copyOf(good, 62)));
        rows.add(bad(
                "ES256 signature as long as one on P-384",
                EC,
                good -> join(
                        join(new byte[16], Arrays.copyOf(good, 32)),
                        join(new byte[16], Arrays.copyOfRange(good, 32, 64)))));
        rows.add(bad("ES256 signature as long as one on P-521", EC, good -> new byte[132]));
        rows.add(bad("CVE-2021-22573 ES256 signature of random bytes", EC, good -> random(64)));
    }

    private static void addEdwards(List<Attack> rows) {
        rows.add(bad("EdDSA with the order added to S", ED, good -> littleEndian(good, EDWARDS_ORDER)));
        rows.add(bad(
                "EdDSA with twice the order added to S", ED, good -> littleEndian(good, EDWARDS_ORDER.shiftLeft(1))));
        rows.add(bad("EdDSA with the neutral point and zero", ED, good -> flip(new byte[64], 0, 1)));
        rows.add(bad("EdDSA with S set to zero", ED, good -> Arrays.copyOf(Arrays.copyOf(good, 32), 64)));
        rows.add(bad(
                "EdDSA with R and S exchanged",
                ED,
                good -> join(Arrays.copyOfRange(good, 32, 64), Arrays.copyOf(good, 32))));
        rows.add(bad("EdDSA signature as long as one of Ed448", ED, good -> Arrays.copyOf(good, 114)));
    }

    private static void addRsa(List<Attack> rows) {
        rows.add(bad("RS256 signature of one zero more in front", RSA, good -> join(new byte[1], good)));
        rows.add(bad("RS256 signature that is one", RSA, good -> Pkcs1.fixedLength(BigInteger.ONE)));
        rows.add(bad("RS256 signature that is the modulus", RSA, good -> Pkcs1.fixedLength(modulus())));
        rows.add(bad(
                "RS256 signature subtracted from the modulus",
                RSA,
                good -> Pkcs1.fixedLength(modulus().subtract(new BigInteger(1, good)))));
        rows.add(Attack.of(BAD_SIGNATURE, "RS256 signature with the modulus added", SignatureAttacks::plusModulus));
        rows.add(Attack.of(
                BAD_SIGNATURE, "RS256 signature without its leading zero", SignatureAttacks::withoutLeadingZero));
        rows.add(jca("RS256 signature made with SHA-1", "SHA1withRSA", null));
        rows.add(jca("RS256 signature made with SHA-384", "SHA384withRSA", null));
        rows.add(jca("RS256 signature made with SHA-512", "SHA512withRSA", null));
        rows.add(jca(
                "RS256 signature with the padding of PS256",
                "RSASSA-PSS",
                new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1)));
    }

    private static void addRsaPaddings(List<Attack> rows) {
        rows.add(Attack.control(
                "RS256 signature made by hand", () -> padded(input -> Pkcs1.encode(Pkcs1.SHA256, input))));
        rows.add(padding("without a prefix", input -> Pkcs1.encode("", input)));
        rows.add(padding(
                "with a length in long form",
                input -> Pkcs1.encode("308131300d060960864801650304020105000420", input)));
        rows.add(padding("with the prefix of SHA-1", input -> Pkcs1.encode("3021300906052b0e03021a05000414", input)));
        rows.add(padding(
                "with parameters that are no NULL",
                input -> Pkcs1.encode("3033300f06096086480165030402010502abcd0420", input)));
        rows.add(padding(
                "with the text behind its digest",
                input -> Pkcs1.pad("0001", Pkcs1.digest(Pkcs1.SHA256, input), new byte[100])));
        rows.add(padding(
                "of a ciphertext", input -> Pkcs1.pad("0002", Pkcs1.digest(Pkcs1.SHA256, input), new byte[0])));
        rows.add(padding(
                "of the other block type", input -> Pkcs1.pad("0000", Pkcs1.digest(Pkcs1.SHA256, input), new byte[0])));
        rows.add(padding("with a hole in the filling", input -> flip(Pkcs1.encode(Pkcs1.SHA256, input), 20, 0xff)));
        rows.add(padding(
                "without the zero before the digest",
                input -> flip(Pkcs1.encode(Pkcs1.SHA256, input), 256 - 1 - 32 - Pkcs1.SHA256.length() / 2, 0x01)));
    }

    private static Attack bad(String name, SigningKey key, UnaryOperator<byte[]> change) {
        return Attack.of(BAD_SIGNATURE, name, () -> resigned(key, change));
    }

    private static Attack ecdsa(String name, BigInteger r, BigInteger s) {
        return bad(name, EC, good -> pair(r, s));
    }

    private static Attack padding(String name, UnaryOperator<byte[]> padding) {
        return Attack.of(BAD_SIGNATURE, "RS256 padding " + name, () -> padded(padding));
    }

    private static Attack of(String name, SigningKey key, String signed) {
        return Attack.of(BAD_SIGNATURE, name, () -> input(key) + "." + Jws.encode(key.sign(signed.getBytes(UTF_8))));
    }

    private static Attack jca(String name, String algorithm, @Nullable AlgorithmParameterSpec parameters) {
        return Attack.of(BAD_SIGNATURE, name, () -> {
            try {
                Signature signature = Signature.getInstance(algorithm);
                if (parameters != null) {
                    signature.setParameter(parameters);
                }
                signature.initSign(Pkcs1.privateKey());
                signature.update(input(RSA).getBytes(UTF_8));
                return input(RSA) + "." + Jws.encode(signature.sign());
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static String input(SigningKey key) {
        return Jws.encode(header(key).toString()) + "." + Jws.encode(CLAIMS.toString());
    }

    private static String resigned(SigningKey key, UnaryOperator<byte[]> change) {
        return input(key) + "." + Jws.encode(change.apply(key.sign(input(key).getBytes(UTF_8))));
    }

    private static String padded(UnaryOperator<byte[]> padding) {
        return input(RSA) + "." + Jws.encode(Pkcs1.sign(padding.apply(input(RSA).getBytes(UTF_8))));
    }

    private static String plusModulus() {
        for (int i = 0; ; i++) {
            String input = numbered(i);
            BigInteger sum = new BigInteger(1, RSA.sign(input.getBytes(UTF_8))).add(modulus());
            if (sum.bitLength() <= 2048) {
                return input + "." + Jws.encode(Pkcs1.fixedLength(sum));
            }
        }
    }

    private static String withoutLeadingZero() {
        for (int i = 0; ; i++) {
            String input = numbered(i);
            byte[] signature = RSA.sign(input.getBytes(UTF_8));
            if (signature[0] == 0) {
                return input + "." + Jws.encode(Arrays.copyOfRange(signature, 1, signature.length));
            }
        }
    }

    private static String numbered(int number) {
        return Jws.encode(header(RSA).toString()) + "."
                + Jws.encode(CLAIMS.withText("jti", String.valueOf(number)).toString());
    }

    private static BigInteger modulus() {
        return Pkcs1.privateKey().getModulus();
    }

    private static BigInteger number(byte[] signature, int index) {
        return new BigInteger(1, Arrays.copyOfRange(signature, 32 * index, 32 * index + 32));
    }

    private static byte[] pair(BigInteger r, BigInteger s) {
        return join(last32(r), last32(s));
    }

    private static byte[] last32(BigInteger number) {
        return Arrays.copyOfRange(Pkcs1.fixedLength(number), 256 - 32, 256);
    }

    private static byte[] littleEndian(byte[] signature, BigInteger added) {
        BigInteger s = new BigInteger(1, reverse(Arrays.copyOfRange(signature, 32, 64)));
        return join(Arrays.copyOf(signature, 32), reverse(last32(s.add(added))));
    }

    private static byte[] der(byte[] signature) {
        try {
            return EcdsaUsingShaAlgorithm.convertConcatenatedToDer(signature);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] flip(byte[] bytes, int at, int bits) {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) bits;
        return changed;
    }

    private static byte[] reverse(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    private static byte[] filled(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 0xff);
        return bytes;
    }
}
