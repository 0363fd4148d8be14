package io.dynamiccredentials.verify;

import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import java.math.BigInteger;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECPoint;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jose4j.keys.EllipticCurves;

/** Keys that an issuer publishes and nobody should use, each in a set with a good one, by their ids. */
final class WeakKey {
    static final String ISSUER = "https://weak.example";
    static final String GOOD = "good";

    private static final BigInteger MODULUS =
            ((RSAPublicKey) Trial.RSA.publicJwk().publicKey()).getModulus();
    private static final BigInteger F4 = BigInteger.valueOf(65537);
    private static final Map<String, RawJson> KEYS = keys();

    private WeakKey() {}

    /** Finds a key as the issuer of weak keys publishes it, if it is usable at all. */
    static Optional<PublicJwk> find(String keyId) {
        return KEYS.containsKey(keyId) ? JwkSet.parse(document(keyId)).find(keyId) : Optional.empty();
    }

    /** Returns the key set that holds the key of that id, and a good one. */
    static String document(String keyId) {
        Set<RawJson> keys = new LinkedHashSet<>();
        keys.add(named(GOOD, ec()));
        keys.add(named(keyId, KEYS.getOrDefault(keyId, ec())));
        return "{\"keys\":" + keys + "}";
    }

    /** Returns the id of each weak key, which says what is wrong with it. */
    static Iterable<String> ids() {
        return KEYS.keySet().stream().filter(id -> !id.equals(GOOD)).toList();
    }

    static String algorithm(String id) {
        String type = KEYS.getOrDefault(id, ec()).members().getOrDefault("kty", "");
        return switch (type) {
            case "\"EC\"" -> "ES256";
            case "\"OKP\"" -> "EdDSA";
            default -> "RS256";
        };
    }

    private static RawJson named(String keyId, RawJson key) {
        return key.members().containsKey("kid") ? key : key.withText("kid", keyId);
    }

    private static Map<String, RawJson> keys() {
        Map<String, RawJson> keys = new LinkedHashMap<>();
        keys.put(GOOD, ec());
        addNumbers(keys);
        addPoints(keys);
        addUses(keys);
        return keys;
    }

    private static void addNumbers(Map<String, RawJson> keys) {
        BigInteger two = BigInteger.TWO;
        keys.put("RSA of 1024 bits", rsa(two.pow(1023).add(BigInteger.ONE), F4));
        keys.put("RSA of 2047 bits", rsa(two.pow(2046).add(BigInteger.ONE), F4));
        keys.put("RSA of 8193 bits", rsa(two.pow(8192).add(BigInteger.ONE), F4));
        keys.put("RSA of 16384 bits", rsa(two.pow(16_383).add(BigInteger.ONE), F4));
        keys.put("RSA with an even modulus", rsa(MODULUS.subtract(BigInteger.ONE), F4));
        keys.put("RSA with modulus 3", rsa(BigInteger.valueOf(3), F4));
        keys.put("RSA with modulus 0", rsa(BigInteger.ZERO, F4));
        keys.put("RSA with exponent 1", rsa(MODULUS, BigInteger.ONE));
        keys.put("RSA with exponent 0", rsa(MODULUS, BigInteger.ZERO));
        keys.put("RSA with exponent 2", rsa(MODULUS, two));
        keys.put("RSA with exponent 65536", rsa(MODULUS, BigInteger.valueOf(65_536)));
        keys.put("RSA with an exponent of 65 bits", rsa(MODULUS, two.pow(64).add(BigInteger.ONE)));
        keys.put("RSA with an exponent as long as the modulus", rsa(MODULUS, MODULUS.subtract(two)));
        keys.put("RSA with the mark of ROCA", rsa(roca(), F4));
        keys.put("RSA without a modulus", rsa(MODULUS, F4).without("n"));
        keys.put("RSA whose modulus is a number", rsa(MODULUS, F4).with("n", "65537"));
    }

    private static void addPoints(Map<String, RawJson> keys) {
        BigInteger prime = EllipticCurves.P256.getCurve().getField() instanceof java.security.spec.ECFieldFp field
                ? field.getP()
                : BigInteger.ZERO;
        ECPoint point = EllipticCurves.P256.getGenerator();
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        keys.put("EC beside the curve", point("P-256", x, y.add(BigInteger.ONE)));
        keys.put("EC at infinity", point("P-256", BigInteger.ZERO, BigInteger.ZERO));
        // y^2 = b has a root: (b to the power of (p + 1) / 4), for p is 3 modulo 4.
        BigInteger root = EllipticCurves.P256
                .getCurve()
                .getB()
                .modPow(prime.add(BigInteger.ONE).shiftRight(2), prime);
        keys.put("EC with a coordinate that is the prime itself", point("P-256", prime, root));
        keys.put("EC with a short coordinate", point("P-256", x, y).withText("x", Jws.encode(new byte[31])));
        keys.put("EC with a long coordinate", point("P-256", x, y).withText("x", padded(x, 33)));
        keys.put("EC without y", point("P-256", x, y).without("y"));
        keys.put(
                "EC on another curve of 256 bits",
                point(
                        "secp256k1",
                        EllipticCurves.SECP256K1.getGenerator().getAffineX(),
                        EllipticCurves.SECP256K1.getGenerator().getAffineY()));
        keys.put("EC on a curve that nobody knows", point("P-999", x, y));
        keys.put("Ed25519 whose every signature is right", edwards("Ed25519", 32, 1));
        keys.put("Ed25519 of order four", edwards("Ed25519", 32, 0));
        keys.put("Ed25519 with a short key", edwards("Ed25519", 31, 9));
        keys.put("X25519, which signs nothing", edwards("X25519", 32, 9));
        keys.put("Ed448", edwards("Ed448", 57, 1));
    }

    private static void addUses(Map<String, RawJson> keys) {
        keys.put("a key to encrypt with", ec().withText("use", "enc"));
        keys.put("a key for a use that nobody knows", ec().withText("use", "tls"));
        keys.put("a key whose use is a list", ec().with("use", "[\"sig\"]"));
        keys.put("a key that may only sign", ec().with("key_ops", "[\"sign\"]"));
        keys.put("a key that may only wrap", ec().with("key_ops", "[\"wrapKey\",\"encrypt\"]"));
        keys.put("a key whose operations are a string", ec().withText("key_ops", "verify"));
        keys.put("a key without operations", ec().with("key_ops", "[]"));
        keys.put("a key for ES384", ec().withText("alg", "ES384"));
        keys.put("a key for none", ec().withText("alg", "none"));
        keys.put("a key for RS256 of another type", ec().withText("alg", "RS256"));
        keys.put("a key for HS256", rsa(MODULUS, F4).withText("alg", "HS256"));
        keys.put("a key whose alg is null", rsa(MODULUS, F4).with("alg", "null"));
        keys.put("a key of no type", ec().without("kty"));
        keys.put("a key whose type is in lower case", ec().withText("kty", "ec"));
        keys.put("a key whose id is a number", ec().with("kid", "1"));
        keys.put("a key whose id is empty", ec().withText("kid", ""));
    }

    private static RawJson ec() {
        RawJson key = RawJson.of(Map.of());
        for (Map.Entry<String, Object> member : Trial.EC.publicJwk().members().entrySet()) {
            key = key.withText(member.getKey(), member.getValue().toString());
        }
        return key.without("kid");
    }

    private static RawJson rsa(BigInteger modulus, BigInteger exponent) {
        return RawJson.of(Map.of("kty", "\"RSA\""))
                .withText("n", unsigned(modulus))
                .withText("e", unsigned(exponent));
    }

    private static RawJson point(String curve, BigInteger x, BigInteger y) {
        return RawJson.of(Map.of("kty", "\"EC\""))
                .withText("crv", curve)
                .withText("x", padded(x, 32))
                .withText("y", padded(y, 32));
    }

    private static RawJson edwards(String curve, int length, int firstByte) {
        byte[] key = new byte[length];
        key[0] = (byte) firstByte;
        return RawJson.of(Map.of("kty", "\"OKP\"")).withText("crv", curve).withText("x", Jws.encode(key));
    }

    /** Returns a modulus that is a power of 65537 modulo the product of the first 126 primes (CVE-2017-15361). */
    private static BigInteger roca() {
        BigInteger product = BigInteger.ONE;
        BigInteger prime = BigInteger.ONE;
        for (int i = 0; i < 126; i++) {
            prime = prime.nextProbablePrime();
            product = product.multiply(prime);
        }
        BigInteger power = F4.modPow(BigInteger.valueOf(0xC0FFEE), product);
        return BigInteger.TWO
                .pow(2047)
                .divide(product)
                .add(BigInteger.ONE)
                .multiply(product)
                .add(power);
    }

    private static String unsigned(BigInteger number) {
        byte[] bytes = number.toByteArray();
        return Jws.encode(bytes.length > 1 && bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
    }

    private static String padded(BigInteger number, int length) {
        byte[] bytes = number.toByteArray();
        byte[] out = new byte[length];
        for (int i = 0; i < Math.min(length, bytes.length); i++) {
            out[length - 1 - i] = bytes[bytes.length - 1 - i];
        }
        return Jws.encode(out);
    }
}
