package io.dynamiccredentials.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.fixtures.ForeignKey;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

class SignaturesTest {
    private static final byte[] INPUT = "header.claims".getBytes(UTF_8);
    private static final KeyPair RSA = ForeignKey.rsa(2048);
    private static final Map<SigningAlgorithm, ForeignKey> KEYS = new EnumMap<>(SigningAlgorithm.class);

    /** DigestInfo of SHA-256 up to the hash (RFC 8017, section 9.2, note 1). */
    private static final String SHA256_INFO = "3031300d060960864801650304020105000420";

    @ParameterizedTest
    @EnumSource(SigningAlgorithm.class)
    void verify_ownSignature_isTrueOfThatInputOnly(SigningAlgorithm algorithm) {
        ForeignKey key = key(algorithm);
        byte[] signature = key.sign(INPUT);

        assertThat(Signatures.verify(key.publicJwk(), INPUT, signature)).isTrue();
        assertThat(Signatures.verify(key.publicJwk(), "header.claimz".getBytes(UTF_8), signature))
                .isFalse();
    }

    @ParameterizedTest
    @EnumSource(SigningAlgorithm.class)
    void verify_anyFlippedBit_isFalse(SigningAlgorithm algorithm) {
        ForeignKey key = key(algorithm);
        byte[] signature = key.sign(INPUT);

        for (int bit = 0; bit < signature.length * 8; bit += 7) {
            byte[] changed = signature.clone();
            changed[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(Signatures.verify(key.publicJwk(), INPUT, changed))
                    .as("bit " + bit)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(SigningAlgorithm.class)
    void verify_otherLength_isFalse(SigningAlgorithm algorithm) {
        ForeignKey key = key(algorithm);
        byte[] signature = key.sign(INPUT);

        for (int length : new int[] {0, 1, signature.length - 2, signature.length - 1, signature.length + 1, 1000}) {
            assertThat(Signatures.verify(key.publicJwk(), INPUT, Arrays.copyOf(signature, length)))
                    .as(length + " bytes")
                    .isFalse();
        }
        byte[] withLeadingZero = new byte[signature.length + 1];
        System.arraycopy(signature, 0, withLeadingZero, 1, signature.length);
        assertThat(Signatures.verify(key.publicJwk(), INPUT, withLeadingZero)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(SigningAlgorithm.class)
    void verify_signatureOfAnotherAlgorithmOfTheSameKey_isFalse(SigningAlgorithm algorithm) {
        KeyPair pair = ForeignKey.pair(algorithm);
        PublicJwk published = PublicJwk.of(pair.getPublic(), algorithm);

        for (SigningAlgorithm other : SigningAlgorithm.values()) {
            if (other != algorithm && isRsa(other) && isRsa(algorithm)) {
                byte[] signature = new ForeignKey(PublicJwk.of(pair.getPublic(), other), pair.getPrivate()).sign(INPUT);
                assertThat(Signatures.verify(published, INPUT, signature))
                        .as(other + " by a key for " + algorithm)
                        .isFalse();
            }
        }
    }

    @Test
    void verify_keyThatTheJdkCanNotUse_isFalse() {
        PublicJwk published = PublicJwk.of(new KeyOfAnotherProvider(), SigningAlgorithm.RS256);
        byte[] signature = new ForeignKey(published, RSA.getPrivate()).sign(INPUT);

        assertThat(Signatures.verify(published, INPUT, signature)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"ES256,SHA384", "ES256,SHA512", "ES384,SHA256", "ES512,SHA256", "ES512,SHA384"})
    void verify_ecdsaWithAnotherHash_isFalse(SigningAlgorithm algorithm, String hash) {
        ForeignKey key = key(algorithm);
        byte[] signature = key.sign(hash + "withECDSAinP1363Format", INPUT);

        assertThat(Signatures.verify(key.publicJwk(), INPUT, signature)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"ES256", "ES384", "ES512"})
    void verify_ecdsaInDer_isFalse(SigningAlgorithm algorithm) {
        ForeignKey key = key(algorithm);
        String hash = "SHA" + algorithm.name().substring(2);

        assertThat(Signatures.verify(key.publicJwk(), INPUT, key.sign(hash + "withECDSA", INPUT)))
                .isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"ES256", "ES384", "ES512"})
    void verify_numberOutsideOneToTheOrder_isFalse(SigningAlgorithm algorithm) {
        ForeignKey key = key(algorithm);
        byte[] good = key.sign(INPUT);
        int half = good.length / 2;
        BigInteger order =
                ((ECPublicKey) key.publicJwk().publicKey()).getParams().getOrder();
        BigInteger r = new BigInteger(1, Arrays.copyOf(good, half));
        BigInteger s = new BigInteger(1, Arrays.copyOfRange(good, half, good.length));
        assertThat(Signatures.verify(key.publicJwk(), INPUT, ecdsa(r, s, half))).isTrue();

        for (BigInteger outside : new BigInteger[] {BigInteger.ZERO, order, order.add(BigInteger.ONE)}) {
            // Zero in both is the "psychic signature" of CVE-2022-21449.
            assertThat(Signatures.verify(key.publicJwk(), INPUT, ecdsa(outside, outside, half)))
                    .isFalse();
            assertThat(Signatures.verify(key.publicJwk(), INPUT, ecdsa(r, outside, half)))
                    .isFalse();
            assertThat(Signatures.verify(key.publicJwk(), INPUT, ecdsa(outside, s, half)))
                    .isFalse();
        }
    }

    @Test
    void verify_ecdsaNumberBeyondTheOrderButOfTheSameRemainder_isFalse() {
        // On P-521 the order is shorter than its bytes, so that r + n and s + n can be written.
        ForeignKey key = key(SigningAlgorithm.ES512);
        byte[] good = key.sign(INPUT);
        BigInteger order =
                ((ECPublicKey) key.publicJwk().publicKey()).getParams().getOrder();
        BigInteger r = new BigInteger(1, Arrays.copyOf(good, 66));
        BigInteger s = new BigInteger(1, Arrays.copyOfRange(good, 66, 132));

        assertThat(Signatures.verify(key.publicJwk(), INPUT, ecdsa(r, s.add(order), 66)))
                .isFalse();
        assertThat(Signatures.verify(key.publicJwk(), INPUT, ecdsa(r.add(order), s, 66)))
                .isFalse();
        assertThat(Signatures.verify(key.publicJwk(), INPUT, ecdsa(r.add(order), s.add(order), 66)))
                .isFalse();
    }

    @Test
    void verify_ecdsaWithoutItsLeadingZeros_isFalse() {
        // On P-521 every fourth signature has them in both numbers, and jose4j alone takes it without.
        ForeignKey key = key(SigningAlgorithm.ES512);
        byte[] signature = Stream.generate(() -> key.sign(INPUT))
                .filter(each -> each[0] == 0 && each[66] == 0)
                .findFirst()
                .orElseThrow();
        byte[] shorter = Arrays.copyOfRange(signature, 1, 131);
        System.arraycopy(signature, 67, shorter, 65, 65);

        assertThat(Signatures.verify(key.publicJwk(), INPUT, signature)).isTrue();
        assertThat(Signatures.verify(key.publicJwk(), INPUT, shorter)).isFalse();
    }

    @Test
    void verify_ed25519WithTheOrderAdded_isFalse() {
        // RFC 8032, section 8.4: without that check a signature has several spellings.
        ForeignKey key = key(SigningAlgorithm.EDDSA);
        byte[] signature = key.sign(INPUT);
        BigInteger order = BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
        BigInteger s = new BigInteger(1, reversed(Arrays.copyOfRange(signature, 32, 64)));
        byte[] malleated = signature.clone();
        System.arraycopy(reversed(fixed(s.add(order), 32)), 0, malleated, 32, 32);

        assertThat(Signatures.verify(key.publicJwk(), INPUT, malleated)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"01", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"})
    void verify_ed25519WithRAndSOfNothing_isFalse(String r) {
        byte[] signature = Arrays.copyOf(HexFormat.of().parseHex(r), 64);

        assertThat(Signatures.verify(key(SigningAlgorithm.EDDSA).publicJwk(), INPUT, signature))
                .isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"PS256", "PS384", "PS512"})
    void verify_pssWithASaltOfAnotherLength_isFalse(SigningAlgorithm algorithm) {
        ForeignKey key = key(algorithm);
        int bits = Integer.parseInt(algorithm.name().substring(2));
        int hash = bits / 8;

        for (int salt : new int[] {0, 1, 20, hash - 1, hash + 1, 254 - hash}) {
            assertThat(Signatures.verify(key.publicJwk(), INPUT, key.signPss("SHA-" + bits, salt, INPUT)))
                    .as("a salt of " + salt + " bytes")
                    .isFalse();
        }
        assertThat(Signatures.verify(key.publicJwk(), INPUT, key.signPss("SHA-" + bits, hash, INPUT)))
                .isTrue();
    }

    @Test
    void verify_pssWithAnotherMaskHash_isFalse() {
        ForeignKey key = key(SigningAlgorithm.PS256);
        for (MGF1ParameterSpec mask : new MGF1ParameterSpec[] {MGF1ParameterSpec.SHA1, MGF1ParameterSpec.SHA512}) {
            PSSParameterSpec parameters = new PSSParameterSpec("SHA-256", "MGF1", mask, 32, 1);

            assertThat(Signatures.verify(key.publicJwk(), INPUT, key.signPss(parameters, INPUT)))
                    .isFalse();
        }
    }

    @Test
    void verify_pssTampered_isFalse() throws Exception {
        ForeignKey key = key(SigningAlgorithm.PS256);
        byte[] block = opened(key.sign(INPUT));
        assertThat(block[block.length - 1]).isEqualTo((byte) 0xbc);
        assertThat(Signatures.verify(key.publicJwk(), INPUT, closed(block))).isTrue();

        // The trailer, also the other one that standards know; the bit above the first; hash; salt or padding.
        assertThat(Signatures.verify(key.publicJwk(), INPUT, closed(with(block, block.length - 1, 0xcc))))
                .isFalse();
        assertThat(Signatures.verify(key.publicJwk(), INPUT, closed(with(block, block.length - 1, 0x00))))
                .isFalse();
        for (int position :
                IntStream.of(0, 1, 100, 190, 221, 222, 223, 230, 254).toArray()) {
            byte[] tampered = with(block, position, block[position] ^ (position == 0 ? 0x10 : 0x01));
            assertThat(Signatures.verify(key.publicJwk(), INPUT, closed(tampered)))
                    .as("byte " + position)
                    .isFalse();
        }
    }

    @Test
    void verify_pkcs1Block_onlyTheOneOfTheStandardIsTrue() throws Exception {
        PublicJwk key = PublicJwk.of(RSA.getPublic(), SigningAlgorithm.RS256);
        String hash =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(INPUT));
        assertThat(Signatures.verify(key, INPUT, closed(pkcs1(SHA256_INFO + hash))))
                .isTrue();

        // Bleichenbacher's forgery: short padding, and rubbish after the hash.
        String info = SHA256_INFO + hash;
        String shortPadding = "0001" + "ff".repeat(8) + "00" + info;
        String trailing = "00".repeat(256 - shortPadding.length() / 2);
        Stream.of(
                        shortPadding + trailing,
                        "0001" + "ff".repeat(201) + "00" + info + "00",
                        "0001" + "00".repeat(202) + "00" + info,
                        "0002" + "ff".repeat(202) + "00" + info,
                        "0101" + "ff".repeat(202) + "00" + info,
                        HexFormat.of().formatHex(pkcs1(hash)),
                        // A length in long form, and a hash by another name.
                        HexFormat.of().formatHex(pkcs1("308131300d060960864801650304020105000420" + hash)),
                        HexFormat.of().formatHex(pkcs1("3031300d060960864801650304020305000420" + hash)))
                .forEach(block -> assertThat(Signatures.verify(
                                key, INPUT, closed(HexFormat.of().parseHex(block))))
                        .as(block)
                        .isFalse());
    }

    @Test
    void verify_rsaNumberBeyondTheModulus_isFalse() {
        // With s + n a signature would have two spellings of one length, where n leaves room for it.
        KeyPair pair = Stream.generate(() -> ForeignKey.rsa(2048))
                .filter(each -> !((RSAPublicKey) each.getPublic()).getModulus().testBit(2046))
                .findFirst()
                .orElseThrow();
        BigInteger modulus = ((RSAPublicKey) pair.getPublic()).getModulus();
        ForeignKey key = new ForeignKey(PublicJwk.of(pair.getPublic(), SigningAlgorithm.RS256), pair.getPrivate());
        byte[] input = IntStream.range(0, 1000)
                .mapToObj(i -> ("input " + i).getBytes(UTF_8))
                .filter(each -> plus(key.sign(each), modulus).bitLength() <= 2048)
                .findFirst()
                .orElseThrow();

        assertThat(Signatures.verify(key.publicJwk(), input, key.sign(input))).isTrue();
        assertThat(Signatures.verify(key.publicJwk(), input, fixed(plus(key.sign(input), modulus), 256)))
                .isFalse();
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = "[RP]S.*")
    void verify_zeroOneOrModulusLessOne_isFalse(SigningAlgorithm algorithm) {
        ForeignKey key = key(algorithm);
        BigInteger modulus = ((RSAPublicKey) key.publicJwk().publicKey()).getModulus();

        for (BigInteger trivial :
                new BigInteger[] {BigInteger.ZERO, BigInteger.ONE, modulus.subtract(BigInteger.ONE)}) {
            assertThat(Signatures.verify(key.publicJwk(), INPUT, fixed(trivial, 256)))
                    .isFalse();
        }
    }

    @Test
    void verify_modulusOfOddLength_takesItsOwnLength() {
        KeyPair pair = ForeignKey.rsa(2052);
        for (SigningAlgorithm algorithm : new SigningAlgorithm[] {SigningAlgorithm.RS256, SigningAlgorithm.PS256}) {
            ForeignKey key = new ForeignKey(PublicJwk.of(pair.getPublic(), algorithm), pair.getPrivate());

            byte[] signature = key.sign(INPUT);
            assertThat(signature).hasSize(257);
            assertThat(Signatures.verify(key.publicJwk(), INPUT, signature)).isTrue();
            assertThat(Signatures.verify(key.publicJwk(), INPUT, Arrays.copyOfRange(signature, 1, 257)))
                    .isFalse();
        }
    }

    private static ForeignKey key(SigningAlgorithm algorithm) {
        return KEYS.computeIfAbsent(
                algorithm,
                missing -> isRsa(missing)
                        ? new ForeignKey(PublicJwk.of(RSA.getPublic(), missing), RSA.getPrivate())
                        : ForeignKey.generate(missing));
    }

    private static boolean isRsa(SigningAlgorithm algorithm) {
        return algorithm.name().matches("[RP]S.*");
    }

    private static byte[] ecdsa(BigInteger r, BigInteger s, int half) {
        byte[] signature = Arrays.copyOf(fixed(r, half), 2 * half);
        System.arraycopy(fixed(s, half), 0, signature, half, half);
        return signature;
    }

    private static byte[] pkcs1(String info) {
        String padding = "ff".repeat(256 - 3 - info.length() / 2);
        return HexFormat.of().parseHex("0001" + padding + "00" + info);
    }

    /** Applies the public key, and so shows the block under a signature. */
    private static byte[] opened(byte[] signature) {
        RSAPublicKey key = (RSAPublicKey) RSA.getPublic();
        return fixed(new BigInteger(1, signature).modPow(key.getPublicExponent(), key.getModulus()), 256);
    }

    /** Applies the private key to any block, whatever its form. */
    private static byte[] closed(byte[] block) {
        RSAPrivateKey key = (RSAPrivateKey) RSA.getPrivate();
        return fixed(new BigInteger(1, block).modPow(key.getPrivateExponent(), key.getModulus()), 256);
    }

    private static BigInteger plus(byte[] signature, BigInteger modulus) {
        return new BigInteger(1, signature).add(modulus);
    }

    private static byte[] with(byte[] block, int position, int value) {
        byte[] changed = block.clone();
        changed[position] = (byte) value;
        return changed;
    }

    private static byte[] fixed(BigInteger number, int length) {
        byte[] bytes = number.toByteArray();
        byte[] out = new byte[length];
        int used = Math.min(length, bytes.length);
        System.arraycopy(bytes, bytes.length - used, out, length - used, used);
        return out;
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] out = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            out[i] = bytes[bytes.length - 1 - i];
        }
        return out;
    }

    /** A good RSA key, but for parameters that only a key for PSS may have. */
    private static final class KeyOfAnotherProvider implements RSAPublicKey {
        private static final long serialVersionUID = 1;

        @Override
        public AlgorithmParameterSpec getParams() {
            return PSSParameterSpec.DEFAULT;
        }

        @Override
        public BigInteger getModulus() {
            return ((RSAPublicKey) RSA.getPublic()).getModulus();
        }

        @Override
        public BigInteger getPublicExponent() {
            return ((RSAPublicKey) RSA.getPublic()).getPublicExponent();
        }

        @Override
        public String getAlgorithm() {
            return "RSA";
        }

        @Override
        public String getFormat() {
            return "X.509";
        }

        @Override
        public byte[] getEncoded() {
            return RSA.getPublic().getEncoded();
        }
    }
}
