package io.dynamiccredentials.jwk;

import java.math.BigInteger;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.EllipticCurve;
import org.jose4j.keys.EllipticCurves;

/** Decides whether a public key is of the kind that its algorithm needs, and strong enough for strangers' tokens. */
final class KeyStrength {
    private static final int MIN_RSA_BITS = 2048;

    /** Verifying with a larger key costs more than a stranger may ask of us. */
    private static final int MAX_RSA_BITS = 8192;

    private static final int MAX_EXPONENT_BITS = 64;

    private KeyStrength() {}

    static boolean fits(PublicKey key, SigningAlgorithm algorithm) {
        return switch (algorithm) {
            case RS256, RS384, RS512, PS256, PS384, PS512 -> key instanceof RSAPublicKey rsa && isStrong(rsa);
            case ES256 -> key instanceof ECPublicKey ec && isOn(EllipticCurves.P256, ec);
            case ES384 -> key instanceof ECPublicKey ec && isOn(EllipticCurves.P384, ec);
            case ES512 -> key instanceof ECPublicKey ec && isOn(EllipticCurves.P521, ec);
            case EDDSA -> key instanceof EdECPublicKey ed && Ed25519Points.isStrong(ed);
        };
    }

    /**
     * Checks that {@code key} fits {@code algorithm}.
     *
     * @throws IllegalArgumentException if it is of another kind or too weak
     */
    static void requireFit(PublicKey key, SigningAlgorithm algorithm) {
        if (!fits(key, algorithm)) {
            throw new IllegalArgumentException("A key for " + algorithm.jwsName() + " must be " + expected(algorithm)
                    + "; it was " + actual(key) + ". Use another key, or the algorithm that this one is for");
        }
    }

    private static String expected(SigningAlgorithm algorithm) {
        return switch (algorithm) {
            case RS256, RS384, RS512, PS256, PS384, PS512 ->
                "RSA of " + MIN_RSA_BITS + " to " + MAX_RSA_BITS
                        + " bits with an odd exponent from 3, and no key of the ROCA weakness";
            case ES256 -> "a point on P-256";
            case ES384 -> "a point on P-384";
            case ES512 -> "a point on P-521";
            case EDDSA -> "a point of large order on Ed25519";
        };
    }

    private static String actual(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            return key.getAlgorithm() + " of " + rsa.getModulus().bitLength() + " bits";
        }
        return key.getAlgorithm();
    }

    private static boolean isStrong(RSAPublicKey key) {
        BigInteger modulus = key.getModulus();
        BigInteger exponent = key.getPublicExponent();
        // A key that is for RSASSA-PSS alone has another name, and parameters that may not be those of a JWS.
        return key.getAlgorithm().equals("RSA")
                && modulus.bitLength() >= MIN_RSA_BITS
                && modulus.bitLength() <= MAX_RSA_BITS
                && modulus.testBit(0)
                && exponent.compareTo(BigInteger.valueOf(3)) >= 0
                && exponent.bitLength() <= MAX_EXPONENT_BITS
                && exponent.testBit(0)
                && !RocaFingerprint.isOn(modulus);
    }

    /** Checks the curve itself, not its size, and y² = x³ + ax + b, which the JDK doesn't for keys from numbers. */
    private static boolean isOn(ECParameterSpec expected, ECPublicKey key) {
        EllipticCurve curve = expected.getCurve();
        ECPoint point = key.getW();
        if (!curve.equals(key.getParams().getCurve()) || point.equals(ECPoint.POINT_INFINITY)) {
            return false;
        }
        BigInteger prime = ((ECFieldFp) curve.getField()).getP();
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        BigInteger right = x.pow(3).add(curve.getA().multiply(x)).add(curve.getB());
        return x.compareTo(prime) < 0
                && y.compareTo(prime) < 0
                && y.pow(2).subtract(right).mod(prime).signum() == 0;
    }
}
