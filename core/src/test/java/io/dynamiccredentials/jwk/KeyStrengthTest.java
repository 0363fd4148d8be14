package io.dynamiccredentials.jwk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.fixtures.ForeignKey;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

class KeyStrengthTest {
    private static final BigInteger F4 = BigInteger.valueOf(65537);
    private static final BigInteger ED25519_PRIME = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));

    @ParameterizedTest
    @CsvSource({"2047,false", "2048,true", "8192,true", "8193,false"})
    void fits_sizeOfRsa(int bits, boolean fits) {
        assertThat(fits(rsa(BigInteger.TWO.pow(bits - 1).add(BigInteger.ONE), F4)))
                .isEqualTo(fits);
    }

    @Test
    void fits_evenModulus_isFalse() {
        assertThat(fits(rsa(BigInteger.TWO.pow(2047).add(BigInteger.TWO), F4))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "3,true",
        "4,false",
        "65536,false",
        "65537,true",
        "18446744073709551615,true",
        "18446744073709551617,false"
    })
    void fits_exponentOfRsa(String exponent, boolean fits) {
        assertThat(fits(rsa(BigInteger.TWO.pow(2047).add(BigInteger.ONE), new BigInteger(exponent))))
                .isEqualTo(fits);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = "[RP]S.*")
    void fits_rsaKeyForPssAlone_isFalse(SigningAlgorithm algorithm) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSASSA-PSS");
        generator.initialize(2048);

        assertThat(KeyStrength.fits(generator.generateKeyPair().getPublic(), algorithm))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {2048, 3072, 4096})
    void fits_rsaOfTheRocaWeakness_isFalse(int bits) {
        BigInteger weak = rocaModulus(bits, 1234);

        assertThat(weak.bitLength()).isEqualTo(bits);
        assertThat(fits(rsa(weak, F4))).isFalse();
        assertThat(RocaFingerprint.isOn(rocaModulus(bits, 0))).isTrue();
        assertThat(RocaFingerprint.isOn(rocaModulus(bits, 77777))).isTrue();
    }

    @Test
    void isOn_oneRemainderOutsideThePowers_isFalse() {
        // 65537 is 10 modulo 11, so that its powers are 1 and 10 only; the other primes keep their remainder.
        BigInteger weak = rocaModulus(2048, 1234);
        BigInteger others = smallPrimes().divide(BigInteger.valueOf(11));

        int inside = 0;
        for (int step = 0; step < 11; step++) {
            BigInteger modulus = weak.add(others.multiply(BigInteger.valueOf(step)));
            int remainder = modulus.mod(BigInteger.valueOf(11)).intValue();
            assertThat(RocaFingerprint.isOn(modulus)).isEqualTo(remainder == 1 || remainder == 10);
            inside += remainder == 1 || remainder == 10 ? 1 : 0;
        }
        assertThat(inside).isEqualTo(2);
    }

    @Test
    void isOn_keysOfTheJdk_isFalse() {
        for (int i = 0; i < 3; i++) {
            RSAPublicKey key = (RSAPublicKey) ForeignKey.rsa(2048).getPublic();
            assertThat(RocaFingerprint.isOn(key.getModulus())).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0100000000000000000000000000000000000000000000000000000000000000",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0000000000000000000000000000000000000000000000000000000000000080",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"
            })
    void fits_pointOfSmallOrder_isFalseThoughTheJdkVerifiesWithIt(String encoded) throws GeneralSecurityException {
        PublicKey key = ed25519(HexFormat.of().parseHex(encoded));

        assertThat(verifiesANothing(key)).isTrue();
        assertThat(KeyStrength.fits(key, SigningAlgorithm.EDDSA)).isFalse();
    }

    @Test
    void fits_yBeyondThePrime_isFalse() throws GeneralSecurityException {
        List<Integer> onTheCurve = new ArrayList<>();
        for (int y = 2; y < 19; y++) {
            EdECPoint canonical = new EdECPoint(false, BigInteger.valueOf(y));
            EdECPoint beyond = new EdECPoint(false, BigInteger.valueOf(y).add(ED25519_PRIME));
            if (KeyStrength.fits(ed25519(canonical), SigningAlgorithm.EDDSA)) {
                onTheCurve.add(y);
            }
            assertThat(KeyStrength.fits(ed25519(beyond), SigningAlgorithm.EDDSA))
                    .isFalse();
        }
        assertThat(onTheCurve).hasSizeBetween(5, 12);
    }

    @Test
    void fits_yOfNoPoint_isFalse() throws GeneralSecurityException {
        int points = 0;
        for (int y = 100; y < 140; y++) {
            boolean fits =
                    KeyStrength.fits(ed25519(new EdECPoint(true, BigInteger.valueOf(y))), SigningAlgorithm.EDDSA);
            assertThat(fits).as("y = " + y).isEqualTo(isPointForTheJdk(y));
            points += fits ? 1 : 0;
        }
        assertThat(points).isBetween(8, 32);
    }

    @Test
    void fits_otherEdwardsCurve_isFalse() throws GeneralSecurityException {
        PublicKey ed448 =
                KeyPairGenerator.getInstance("Ed448").generateKeyPair().getPublic();

        assertThat(KeyStrength.fits(ed448, SigningAlgorithm.EDDSA)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"ES256,P-256", "ES384,P-384", "ES512,P-521", "PS256,2048 to 8192 bits", "RS512,ROCA", "EDDSA,Ed25519"})
    void requireFit_otherKind_saysWhatIsExpected(SigningAlgorithm algorithm, String expected) {
        PublicKey key = algorithm == SigningAlgorithm.EDDSA
                ? ForeignKey.rsa(1024).getPublic()
                : ForeignKey.pair(SigningAlgorithm.EDDSA).getPublic();
        String actual = algorithm == SigningAlgorithm.EDDSA ? "it was RSA of 1024 bits" : "it was EdDSA";

        assertThatThrownBy(() -> KeyStrength.requireFit(key, algorithm))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("A key for " + algorithm.jwsName() + " must be ")
                .hasMessageContaining(expected)
                .hasMessageContaining(actual)
                .hasMessageContaining("Use another key");
    }

    private static boolean fits(PublicKey key) {
        return KeyStrength.fits(key, SigningAlgorithm.RS256);
    }

    private static PublicKey rsa(BigInteger modulus, BigInteger exponent) {
        try {
            return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes a modulus as the weak generator's would be: a power of 65537 modulo the product of the small primes. */
    private static BigInteger rocaModulus(int bits, int power) {
        BigInteger primes = smallPrimes();
        BigInteger remainder = F4.modPow(BigInteger.valueOf(power), primes);
        BigInteger multiple = BigInteger.TWO.pow(bits - 1).divide(primes).add(BigInteger.valueOf(5));
        BigInteger modulus = primes.multiply(multiple).add(remainder);
        return modulus.testBit(0) ? modulus : modulus.add(primes);
    }

    private static BigInteger smallPrimes() {
        BigInteger product = BigInteger.ONE;
        for (BigInteger prime = BigInteger.TWO; prime.intValue() <= 167; prime = prime.nextProbablePrime()) {
            product = product.multiply(prime);
        }
        return product;
    }

    private static PublicKey ed25519(byte[] encoded) throws GeneralSecurityException {
        byte[] bigEndian = new byte[encoded.length];
        for (int i = 0; i < encoded.length; i++) {
            bigEndian[i] = encoded[encoded.length - 1 - i];
        }
        boolean isOdd = bigEndian[0] < 0;
        bigEndian[0] &= 0x7f;
        return ed25519(new EdECPoint(isOdd, new BigInteger(1, bigEndian)));
    }

    private static PublicKey ed25519(EdECPoint point) throws GeneralSecurityException {
        return KeyFactory.getInstance("Ed25519")
                .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point));
    }

    /** Tells whether the JDK takes the neutral point and zero for the signature of one of many inputs. */
    private static boolean verifiesANothing(PublicKey key) throws GeneralSecurityException {
        byte[] nothing = new byte[64];
        nothing[0] = 1;
        for (int input = 0; input < 200; input++) {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initVerify(key);
            signature.update((byte) input);
            if (signature.verify(nothing)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isPointForTheJdk(int y) {
        try {
            Signature.getInstance("Ed25519").initVerify(ed25519(new EdECPoint(true, BigInteger.valueOf(y))));
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
