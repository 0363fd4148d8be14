package io.dynamiccredentials.jwk;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.StrictJson;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECPoint;
import java.security.spec.EllipticCurve;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;

/**
 * A public key with its id and the one algorithm that it is for (RFC 7517, section 4).
 *
 * <p>RSA of 2048 to 8192 bits with an odd public exponent of at least 3, P-256, or Ed25519. Immutable.
 */
public final class PublicJwk {
    private static final int MIN_RSA_BITS = 2048;

    /** Verifying with a larger key costs more than a stranger may ask of us. */
    private static final int MAX_RSA_BITS = 8192;

    /** The length of a coordinate on P-256 and of an Ed25519 key. */
    private static final int COORDINATE_BYTES = 32;

    private static final Set<String> PRIVATE_MEMBERS = Set.of("d", "p", "q", "dp", "dq", "qi", "oth", "k");

    private final String keyId;
    private final SigningAlgorithm algorithm;
    private final PublicKey publicKey;
    private final Map<String, Object> members;

    private PublicJwk(String keyId, SigningAlgorithm algorithm, PublicJsonWebKey jwk) {
        this.keyId = keyId;
        this.algorithm = algorithm;
        this.publicKey = jwk.getPublicKey();
        this.members = publicMembers(keyId, algorithm, jwk);
    }

    /**
     * Returns {@code key} under its RFC 7638 thumbprint as the id, so that an id is never used for two keys.
     *
     * @throws IllegalArgumentException if {@code key} does not fit {@code algorithm} or is too weak
     */
    public static PublicJwk of(PublicKey key, SigningAlgorithm algorithm) {
        try {
            PublicJsonWebKey jwk = PublicJsonWebKey.Factory.newPublicJwk(key);
            requireFit(jwk.getPublicKey(), algorithm);
            return new PublicJwk(jwk.calculateBase64urlEncodedThumbprint("SHA-256"), algorithm, jwk);
        } catch (JoseException e) {
            throw new IllegalArgumentException("This " + key.getAlgorithm() + " key can't be published as a JWK", e);
        }
    }

    /**
     * Reads one member of a key set from the network; empty if it is not a public signature key with a {@code kid} that
     * this library can use, which a reader leaves out (RFC 7517, section 5).
     */
    static Optional<PublicJwk> parse(JsonNode node) {
        Optional<String> keyId = StrictJson.text(node, "kid");
        boolean forSignatures =
                !node.has("use") || "sig".equals(node.path("use").textValue());
        boolean forVerifying = !node.has("key_ops") || contains(node.path("key_ops"), "verify");
        if (keyId.isEmpty() || !forSignatures || !forVerifying) {
            return Optional.empty();
        }
        try {
            PublicJsonWebKey jwk = PublicJsonWebKey.Factory.newPublicJwk(numbers(node));
            return algorithmOf(node, jwk.getPublicKey())
                    .filter(algorithm -> isWhole(node))
                    .filter(algorithm -> fits(jwk.getPublicKey(), algorithm))
                    .map(algorithm -> new PublicJwk(keyId.get(), algorithm, jwk));
        } catch (JoseException | RuntimeException e) {
            // jose4j has more ways to fail on a bad number than it declares, and one bad key must not cost the others.
            return Optional.empty();
        }
    }

    /** Checks that each coordinate has its full length, which jose4j does not ask for (RFC 7518, section 6.2.1.2). */
    private static boolean isWhole(JsonNode node) {
        for (String name : new String[] {"x", "y"}) {
            Optional<String> coordinate = StrictJson.text(node, name);
            if (coordinate.isPresent() && Base64.getUrlDecoder().decode(coordinate.get()).length != COORDINATE_BYTES) {
                return false;
            }
        }
        return true;
    }

    /** Leaves jose4j nothing to stumble over but the numbers themselves. */
    private static Map<String, Object> numbers(JsonNode node) {
        Map<String, Object> numbers = new LinkedHashMap<>();
        for (String name : new String[] {"kty", "crv", "x", "y", "n", "e"}) {
            StrictJson.text(node, name).ifPresent(text -> numbers.put(name, text));
        }
        return numbers;
    }

    /**
     * Checks that a member of a key set from the network is public.
     *
     * @throws IllegalArgumentException if it holds a private or symmetric key
     */
    static void requirePublic(JsonNode node) {
        for (String member : PRIVATE_MEMBERS) {
            if (node.has(member)) {
                throw new IllegalArgumentException("a key shows the private member \"" + member + "\"");
            }
        }
    }

    /** Returns the id: for our own keys the RFC 7638 thumbprint with SHA-256, 43 base64url characters. */
    public String keyId() {
        return keyId;
    }

    /** Returns the only algorithm that this key may verify. */
    public SigningAlgorithm algorithm() {
        return algorithm;
    }

    /** Returns the key. */
    public PublicKey publicKey() {
        return publicKey;
    }

    /**
     * Returns the members of the JWK in a fixed order: {@code kty, use, alg, kid} and the public numbers, nothing else.
     */
    public Map<String, Object> members() {
        return members;
    }

    @Override
    public String toString() {
        return "PublicJwk[" + algorithm.jwsName() + ", kid=" + keyId + "]";
    }

    private static Map<String, Object> publicMembers(String keyId, SigningAlgorithm algorithm, PublicJsonWebKey jwk) {
        Map<String, Object> numbers = jwk.toParams(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("kty", jwk.getKeyType());
        members.put("use", "sig");
        members.put("alg", algorithm.jwsName());
        members.put("kid", keyId);
        for (String name : new String[] {"crv", "x", "y", "n", "e"}) {
            Object number = numbers.get(name);
            if (number != null) {
                members.put(name, number);
            }
        }
        return Collections.unmodifiableMap(members);
    }

    private static Optional<SigningAlgorithm> algorithmOf(JsonNode node, PublicKey key) {
        if (node.has("alg")) {
            return SigningAlgorithm.parse(node.path("alg").asText());
        }
        if (key instanceof RSAPublicKey) {
            return Optional.of(SigningAlgorithm.RS256);
        }
        return Optional.of(key instanceof ECPublicKey ? SigningAlgorithm.ES256 : SigningAlgorithm.EDDSA);
    }

    private static boolean fits(PublicKey key, SigningAlgorithm algorithm) {
        return switch (algorithm) {
            case RS256 -> key instanceof RSAPublicKey rsa && isStrong(rsa);
            case ES256 -> key instanceof ECPublicKey ec && isP256(ec);
            case EDDSA ->
                key instanceof EdECPublicKey ed && ed.getParams().getName().equals("Ed25519");
        };
    }

    private static void requireFit(PublicKey key, SigningAlgorithm algorithm) {
        if (!fits(key, algorithm)) {
            String expected = switch (algorithm) {
                case RS256 -> "RSA of " + MIN_RSA_BITS + " to " + MAX_RSA_BITS + " bits with an odd exponent";
                case ES256 -> "EC on P-256";
                case EDDSA -> "Ed25519";
            };
            throw new IllegalArgumentException(
                    "A key for " + algorithm.jwsName() + " must be " + expected + "; it was " + key.getAlgorithm());
        }
    }

    private static boolean isStrong(RSAPublicKey key) {
        int bits = key.getModulus().bitLength();
        BigInteger exponent = key.getPublicExponent();
        return bits >= MIN_RSA_BITS
                && bits <= MAX_RSA_BITS
                && exponent.compareTo(BigInteger.valueOf(3)) >= 0
                && exponent.bitLength() <= 64
                && exponent.testBit(0)
                && key.getModulus().testBit(0);
    }

    private static boolean isP256(ECPublicKey key) {
        // The curve's prime tells P-256 from every other curve of 256 bits, such as secp256k1.
        EllipticCurve curve = EllipticCurves.P256.getCurve();
        return curve.equals(key.getParams().getCurve()) && isOn(curve, key.getW());
    }

    /** Checks y² = x³ + ax + b, which the JDK does not do for a key that is only verified with. */
    private static boolean isOn(EllipticCurve curve, ECPoint point) {
        BigInteger prime = ((ECFieldFp) curve.getField()).getP();
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        BigInteger right = x.pow(3).add(curve.getA().multiply(x)).add(curve.getB());
        return y.pow(2).subtract(right).mod(prime).signum() == 0;
    }

    private static boolean contains(JsonNode array, String value) {
        for (JsonNode element : array) {
            if (value.equals(element.textValue())) {
                return true;
            }
        }
        return false;
    }
}
