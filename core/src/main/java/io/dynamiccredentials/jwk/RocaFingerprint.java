package io.dynamiccredentials.jwk;

import java.math.BigInteger;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Recognizes RSA keys of the ROCA weakness (CVE-2017-15361), whose private half can be computed.
 *
 * <p>Their primes are 65537 to some power modulo the product of many small primes, and so is the modulus. So its
 * remainder by each of those primes is a power of 65537 too. Of other keys about one in 2²⁸ is like that by chance.
 */
final class RocaFingerprint {
    private static final int GENERATOR = 65537;

    /** The largest of the 39 primes that go into keys of every length; longer keys have more of them. */
    private static final int LARGEST_PRIME = 167;

    private static final Map<Integer, Set<Integer>> POWERS = powersByPrime();

    private RocaFingerprint() {}

    static boolean isOn(BigInteger modulus) {
        for (Map.Entry<Integer, Set<Integer>> powers : POWERS.entrySet()) {
            int remainder = modulus.mod(BigInteger.valueOf(powers.getKey())).intValue();
            if (!powers.getValue().contains(remainder)) {
                return false;
            }
        }
        return true;
    }

    private static Map<Integer, Set<Integer>> powersByPrime() {
        Map<Integer, Set<Integer>> powers = new LinkedHashMap<>();
        BigInteger prime = BigInteger.TWO;
        while (prime.intValue() <= LARGEST_PRIME) {
            powers.put(prime.intValue(), powers(prime.intValue()));
            prime = prime.nextProbablePrime();
        }
        return powers;
    }

    private static Set<Integer> powers(int prime) {
        Set<Integer> powers = new HashSet<>();
        int power = 1;
        while (powers.add(power)) {
            power = power * (GENERATOR % prime) % prime;
        }
        return powers;
    }
}
