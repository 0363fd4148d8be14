package io.dynamiccredentials.jwk;

import java.math.BigInteger;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.NamedParameterSpec;

/**
 * Tells which points are keys of Ed25519: those on the curve -x² + y² = 1 + dx²y² modulo 2²⁵⁵ - 19, in their one
 * spelling, and not among the eight of small order, under which anybody can make signatures that verify (RFC 8032,
 * section 5.1).
 */
final class Ed25519Points {
    private static final BigInteger PRIME = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    private static final BigInteger D = BigInteger.valueOf(-121665)
            .multiply(BigInteger.valueOf(121666).modInverse(PRIME))
            .mod(PRIME);

    /** 2³ is the cofactor: each point of small order is the neutral one after that many doublings. */
    private static final int COFACTOR_DOUBLINGS = 3;

    private Ed25519Points() {}

    static boolean isStrong(EdECPublicKey key) {
        BigInteger y = key.getPoint().getY();
        return key.getParams().getName().equals(NamedParameterSpec.ED25519.getName())
                && y.compareTo(PRIME) < 0
                && isSquare(xSquared(y))
                && !isOfSmallOrder(y);
    }

    private static BigInteger xSquared(BigInteger y) {
        BigInteger ySquared = y.multiply(y);
        return divide(ySquared.subtract(BigInteger.ONE), D.multiply(ySquared).add(BigInteger.ONE));
    }

    private static boolean isSquare(BigInteger value) {
        BigInteger euler = value.modPow(PRIME.shiftRight(1), PRIME);
        return euler.compareTo(BigInteger.ONE) <= 0;
    }

    /** Doubles the point; its y alone is enough for that, and is 1 for the neutral point only. */
    private static boolean isOfSmallOrder(BigInteger y) {
        BigInteger doubled = y;
        for (int i = 0; i < COFACTOR_DOUBLINGS; i++) {
            BigInteger xSquared = xSquared(doubled);
            BigInteger ySquared = doubled.multiply(doubled);
            BigInteger product = D.multiply(xSquared).multiply(ySquared);
            doubled = divide(ySquared.add(xSquared), BigInteger.ONE.subtract(product));
        }
        return doubled.equals(BigInteger.ONE);
    }

    private static BigInteger divide(BigInteger dividend, BigInteger divisor) {
        return dividend.multiply(divisor.modInverse(PRIME)).mod(PRIME);
    }
}
