package io.dynamiccredentials.jwk;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.fixtures.ForeignKey;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.wire.StrictJson;
import java.math.BigInteger;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwkReaderTest {
    private static final Map<SigningAlgorithm, PublicJwk> KEYS = new EnumMap<>(SigningAlgorithm.class);
    private static final PublicJwk RSA = key(SigningAlgorithm.RS256);

    @ParameterizedTest
    @EnumSource(SigningAlgorithm.class)
    void read_publicKeyOfEachAlgorithm_isThatKeyForThatAlgorithm(SigningAlgorithm algorithm) {
        PublicJwk key = key(algorithm);

        assertThat(read(key.members())).hasValueSatisfying(read -> {
            assertThat(read.algorithm()).isEqualTo(algorithm);
            assertThat(read.publicKey()).isEqualTo(key.publicKey());
            assertThat(read.members()).isEqualTo(key.members());
        });
    }

    @ParameterizedTest
    @CsvSource({"ES256,P-256", "ES384,P-384", "ES512,P-521"})
    void read_curve_fitsItsOwnAlgorithmOnly(SigningAlgorithm own, String curve) {
        Map<String, Object> members = key(own).members();
        assertThat(members).containsEntry("crv", curve);

        for (SigningAlgorithm algorithm : SigningAlgorithm.values()) {
            assertThat(read(with(members, "alg", algorithm.jwsName())).isPresent())
                    .isEqualTo(algorithm == own);
        }
    }

    @Test
    void read_rsaAndEd25519_fitNoCurvesAlgorithm() {
        for (SigningAlgorithm algorithm : SigningAlgorithm.values()) {
            boolean forRsa = algorithm.name().matches("[RP]S.*");
            assertThat(read(with(RSA.members(), "alg", algorithm.jwsName())).isPresent())
                    .isEqualTo(forRsa);
            assertThat(read(with(key(SigningAlgorithm.EDDSA).members(), "alg", algorithm.jwsName()))
                            .isPresent())
                    .isEqualTo(algorithm == SigningAlgorithm.EDDSA);
        }
    }

    @ParameterizedTest
    @CsvSource({"RS256,RS256", "PS384,RS256", "ES256,ES256", "ES384,ES384", "ES512,ES512", "EDDSA,EDDSA"})
    void read_withoutAlgorithm_isForTheOneOfItsKind(SigningAlgorithm kind, SigningAlgorithm expected) {
        assertThat(read(without(key(kind).members(), "alg")))
                .hasValueSatisfying(read -> assertThat(read.algorithm()).isEqualTo(expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "1",
                "[]",
                "[\"RS256\"]",
                "{}",
                "\"\"",
                "\"rs256\"",
                "\"HS256\"",
                "\"none\"",
                "\"RSA-OAEP\""
            })
    void read_oddAlgorithm_isEmpty(String value) {
        assertThat(readChanged("alg", value)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "1", "[]", "[\"sig\"]", "{}", "\"\"", "\"SIG\"", "\"enc\"", "\"sig \"", "true"})
    void read_useOtherThanSig_isEmpty(String value) {
        assertThat(readChanged("use", "\"sig\"")).isPresent();
        assertThat(readChanged("use", value)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "1",
                "true",
                "\"verify\"",
                "{}",
                "{\"a\":\"verify\"}",
                "[]",
                "[\"sign\"]",
                "[\"Verify\"]",
                "[\"verify\",\"verify\"]",
                "[\"verify\",\"sign\",\"sign\"]",
                "[\"verify\",1]",
                "[\"verify\",null]",
                "[[\"verify\"]]"
            })
    void read_oddOperations_isEmpty(String value) {
        assertThat(readChanged("key_ops", "[\"verify\"]")).isPresent();
        assertThat(readChanged("key_ops", "[\"sign\",\"verify\"]")).isPresent();
        assertThat(readChanged("key_ops", value)).isEmpty();
    }

    @Test
    void read_id_isTextOfAtMost256CharactersWithoutControls() {
        assertThat(read(with(RSA.members(), "kid", "k".repeat(256)))).isPresent();
        assertThat(read(with(RSA.members(), "kid", "k".repeat(257)))).isEmpty();
        for (String control : List.of("\u0000", "\n", "\r", "\t", "\u001b", "\u007f", "\u0085")) {
            assertThat(read(with(RSA.members(), "kid", "a" + control + "b"))).isEmpty();
        }
        for (String odd : List.of("null", "1", "[]", "{}", "\"\"", "true")) {
            assertThat(readChanged("kid", odd)).isEmpty();
        }
        assertThat(read(without(RSA.members(), "kid"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"RS256,n", "RS256,e", "ES256,x", "ES256,y", "ES384,x", "ES512,y", "EDDSA,x"})
    void read_numberInAnotherSpelling_isEmpty(SigningAlgorithm algorithm, String member) {
        Map<String, Object> members = key(algorithm).members();
        String number = number(members, member);
        byte[] bytes = Base64.getUrlDecoder().decode(number);

        assertThat(read(with(members, member, number))).isPresent();
        String padded = Base64.getUrlEncoder().encodeToString(bytes);
        for (String other : List.of(
                padded.equals(number) ? number + "=" : padded,
                number + " ",
                " " + number,
                number.substring(0, 2) + "\n" + number.substring(2),
                number + "\r\n",
                number + "?",
                number + ".",
                "",
                "é" + number)) {
            assertThat(read(with(members, member, other))).as(other).isEmpty();
        }
    }

    @Test
    void read_numberInTheOtherAlphabet_isEmpty() {
        PublicJwk key = keyWith("[-_]");
        String x = number(key.members(), "x");

        assertThat(read(with(key.members(), "x", x.replace('-', '+').replace('_', '/'))))
                .isEmpty();
    }

    @Test
    void read_numberWithLooseLastBits_isEmpty() {
        // Of the last character of 32 bytes two bits mean nothing, of e = AQAB none, of 256 bytes four.
        for (SigningAlgorithm algorithm :
                List.of(SigningAlgorithm.ES256, SigningAlgorithm.EDDSA, SigningAlgorithm.RS256)) {
            Map<String, Object> members = key(algorithm).members();
            String member = algorithm == SigningAlgorithm.RS256 ? "n" : "x";
            String number = number(members, member);
            String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            int last = alphabet.indexOf(number.charAt(number.length() - 1));
            String loose = number.substring(0, number.length() - 1) + alphabet.charAt(last + 1);

            assertThat(Base64.getUrlDecoder().decode(loose))
                    .isEqualTo(Base64.getUrlDecoder().decode(number));
            assertThat(read(with(members, member, loose))).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ES256", "ES384", "ES512"})
    void read_coordinateOfAnotherLength_isEmpty(SigningAlgorithm algorithm) {
        Map<String, Object> members = key(algorithm).members();
        for (String member : List.of("x", "y")) {
            byte[] bytes = Base64.getUrlDecoder().decode(number(members, member));
            byte[] longer = new byte[bytes.length + 1];
            System.arraycopy(bytes, 0, longer, 1, bytes.length);

            assertThat(read(with(members, member, Jws.encode(longer)))).isEmpty();
            assertThat(read(with(members, member, Jws.encode(Arrays.copyOf(bytes, bytes.length - 1)))))
                    .isEmpty();
        }
    }

    @Test
    void read_coordinateWithoutItsLeadingZero_isEmpty() {
        // On P-521 the first byte is 0 for every second point.
        PublicJwk key = keyWith("A[AB]");
        byte[] x = Base64.getUrlDecoder().decode(number(key.members(), "x"));
        assertThat(x[0]).isZero();

        assertThat(read(key.members())).isPresent();
        assertThat(read(with(key.members(), "x", Jws.encode(Arrays.copyOfRange(x, 1, x.length)))))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"ES256", "ES384", "ES512"})
    void read_pointOffTheCurve_isEmpty(SigningAlgorithm algorithm) {
        Map<String, Object> members = key(algorithm).members();
        byte[] y = Base64.getUrlDecoder().decode(number(members, "y"));
        y[y.length - 1] ^= 1;
        byte[] zero = new byte[y.length];

        assertThat(read(with(members, "y", Jws.encode(y)))).isEmpty();
        assertThat(read(with(members, "y", number(members, "x")))).isEmpty();
        assertThat(read(with(with(members, "x", Jws.encode(zero)), "y", Jws.encode(zero))))
                .isEmpty();
    }

    @Test
    void read_coordinateBeyondThePrime_isEmpty() {
        // The bytes of P-521 have room for x + p, which is the same point for a reader that takes remainders.
        PublicJwk key = key(SigningAlgorithm.ES512);
        ECPublicKey point = (ECPublicKey) key.publicKey();
        BigInteger prime = ((ECFieldFp) point.getParams().getCurve().getField()).getP();
        String beyondX = Jws.encode(fixed(point.getW().getAffineX().add(prime), 66));
        String beyondY = Jws.encode(fixed(point.getW().getAffineY().add(prime), 66));

        assertThat(read(with(key.members(), "x", beyondX))).isEmpty();
        assertThat(read(with(key.members(), "y", beyondY))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "EC,secp256k1",
        "EC,P-192",
        "EC,P-224",
        "EC,BP-256",
        "EC,Ed25519",
        "EC,p-256",
        "OKP,X25519",
        "OKP,Ed448",
        "OKP,X448",
        "OKP,ed25519",
        "OKP,P-256",
        "AKP,P-256",
        "ec,P-256",
        "RSA,P-256"
    })
    void read_otherKindOrCurve_isEmpty(String kind, String curve) {
        for (SigningAlgorithm algorithm : List.of(SigningAlgorithm.ES256, SigningAlgorithm.EDDSA)) {
            Map<String, Object> members = with(with(key(algorithm).members(), "kty", kind), "crv", curve);

            assertThat(read(members)).isEmpty();
            assertThat(read(without(members, "alg"))).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"RS256,n", "RS256,e", "RS256,kty", "ES256,x", "ES256,y", "ES256,crv", "EDDSA,x", "EDDSA,crv"})
    void read_withoutAMemberThatItNeeds_isEmpty(SigningAlgorithm algorithm, String member) {
        assertThat(read(without(key(algorithm).members(), member))).isEmpty();
        assertThat(read(without(without(key(algorithm).members(), member), "alg")))
                .isEmpty();
    }

    private static PublicJwk key(SigningAlgorithm algorithm) {
        synchronized (KEYS) {
            return KEYS.computeIfAbsent(
                    algorithm, missing -> ForeignKey.generate(missing).publicJwk());
        }
    }

    /** Returns a key on P-521 whose x has that text at its start; it may be anywhere for a single character. */
    private static PublicJwk keyWith(String pattern) {
        String regex = pattern.startsWith("[") ? ".*" + pattern + ".*" : pattern + ".*";
        while (true) {
            PublicJwk key = ForeignKey.generate(SigningAlgorithm.ES512).publicJwk();
            if (number(key.members(), "x").matches(regex)) {
                return key;
            }
        }
    }

    private static Optional<PublicJwk> read(Map<String, ?> members) {
        return JwkReader.read(StrictJson.parseObject(StrictJson.write(members)));
    }

    /** Reads the RSA key with one member set to a piece of JSON. */
    private static Optional<PublicJwk> readChanged(String member, String json) {
        String rest = StrictJson.write(without(RSA.members(), member)).substring(1);
        return JwkReader.read(StrictJson.parseObject("{\"" + member + "\":" + json + "," + rest));
    }

    private static Map<String, Object> with(Map<String, Object> members, String name, String value) {
        Map<String, Object> changed = new LinkedHashMap<>(members);
        changed.put(name, value);
        return changed;
    }

    private static Map<String, Object> without(Map<String, Object> members, String name) {
        Map<String, Object> changed = new LinkedHashMap<>(members);
        changed.remove(name);
        return changed;
    }

    private static String number(Map<String, Object> members, String name) {
        return Objects.toString(members.get(name));
    }

    private static byte[] fixed(BigInteger number, int length) {
        byte[] bytes = number.toByteArray();
        byte[] out = new byte[length];
        int used = Math.min(length, bytes.length);
        System.arraycopy(bytes, bytes.length - used, out, length - used, used);
        return out;
    }
}
