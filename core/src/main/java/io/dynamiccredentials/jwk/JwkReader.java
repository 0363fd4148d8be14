package io.dynamiccredentials.jwk;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.Base64Url;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;

/** Reads the members of a key set from the network. What this library can't use is left out (RFC 7517, section 5). */
final class JwkReader {
    /** What no public key has: RFC 7518, sections 6.2 to 6.4, and {@code priv} of the post-quantum keys. */
    private static final Set<String> PRIVATE_MEMBERS = Set.of("d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv");

    private static final int OCTET_BITS = 8;

    private JwkReader() {}

    /**
     * Checks that a member of a key set is public.
     *
     * @throws IllegalArgumentException if it holds a private or symmetric key
     */
    static void requirePublic(JsonNode node) {
        for (String member : PRIVATE_MEMBERS) {
            if (node.has(member)) {
                throw new IllegalArgumentException("A key set must be public, and a key of this one shows the private"
                        + " member \"" + member + "\". Its owner must withdraw that key");
            }
        }
    }

    /** Reads one key; empty if it is not a public signature key with a {@code kid} and of a strength to be used. */
    static Optional<PublicJwk> read(JsonNode node) {
        Optional<String> keyId =
                StrictJson.text(node, "kid").filter(id -> UntrustedText.isName(id, PublicJwk.MAX_ID_LENGTH));
        Optional<SigningAlgorithm> algorithm = algorithm(node);
        if (keyId.isEmpty() || algorithm.isEmpty() || !isForVerifying(node)) {
            return Optional.empty();
        }
        try {
            PublicJsonWebKey jwk = PublicJsonWebKey.Factory.newPublicJwk(numbers(node));
            return Optional.of(algorithm.get())
                    .filter(fitting -> KeyStrength.fits(jwk.getPublicKey(), fitting))
                    .map(fitting -> new PublicJwk(keyId.get(), fitting, jwk));
        } catch (JoseException | RuntimeException e) {
            // jose4j has more ways to fail on a bad number than it declares, and one bad key must not cost the others.
            return Optional.empty();
        }
    }

    private static boolean isForVerifying(JsonNode node) {
        boolean forSignatures = !node.has("use") || "sig".equals(node.get("use").textValue());
        return forSignatures
                && (!node.has("key_ops") || operations(node.get("key_ops")).contains("verify"));
    }

    /** Returns the operations; none if they are not an array of different strings (RFC 7517, section 4.3). */
    private static Set<String> operations(JsonNode array) {
        Set<String> operations = new HashSet<>();
        for (JsonNode element : array) {
            if (!element.isTextual() || !operations.add(element.textValue())) {
                return Set.of();
            }
        }
        return array.isArray() ? operations : Set.of();
    }

    /**
     * Returns what the key says that it is for; without a word, the one algorithm that its kind is mostly used with.
     */
    private static Optional<SigningAlgorithm> algorithm(JsonNode node) {
        if (node.has("alg")) {
            return StrictJson.text(node, "alg").flatMap(SigningAlgorithm::parse);
        }
        String curve = StrictJson.text(node, "crv").orElse("");
        return switch (StrictJson.text(node, "kty").orElse("")) {
            case "RSA" -> Optional.of(SigningAlgorithm.RS256);
            case "OKP" -> Optional.of(SigningAlgorithm.EDDSA);
            case "EC" -> algorithmOn(curve);
            default -> Optional.empty();
        };
    }

    private static Optional<SigningAlgorithm> algorithmOn(String curve) {
        return switch (curve) {
            case "P-256" -> Optional.of(SigningAlgorithm.ES256);
            case "P-384" -> Optional.of(SigningAlgorithm.ES384);
            case "P-521" -> Optional.of(SigningAlgorithm.ES512);
            default -> Optional.empty();
        };
    }

    /**
     * Returns the public numbers of a key, and so leaves jose4j nothing else to stumble over.
     *
     * @throws IllegalArgumentException if one is absent, or not spelled as it must be
     */
    private static Map<String, Object> numbers(JsonNode node) {
        String type = required(node, "kty");
        Map<String, Object> numbers = new LinkedHashMap<>(Map.of("kty", type));
        if (type.equals("RSA")) {
            for (String name : List.of("n", "e")) {
                numbers.put(name, required(node, name));
                Base64Url.decode(required(node, name));
            }
            return numbers;
        }
        String curve = required(node, "crv");
        numbers.put("crv", curve);
        for (String name : type.equals("EC") ? List.of("x", "y") : List.of("x")) {
            numbers.put(name, required(node, name));
            requireWhole(Base64Url.decode(required(node, name)), curve);
        }
        return numbers;
    }

    /** Checks that a coordinate has its full length, which jose4j does not (RFC 7518, section 6.2.1.2; RFC 8037, 2). */
    private static void requireWhole(byte[] coordinate, String curve) {
        int bits = switch (curve) {
            case "P-256", "Ed25519" -> 256;
            case "P-384" -> 384;
            case "P-521" -> 521;
            default -> throw new IllegalArgumentException("no curve to sign on");
        };
        if (coordinate.length != (bits + OCTET_BITS - 1) / OCTET_BITS) {
            throw new IllegalArgumentException("a coordinate is shorter or longer than its curve");
        }
    }

    private static String required(JsonNode node, String name) {
        return StrictJson.text(node, name).orElseThrow(() -> new IllegalArgumentException("a number is absent"));
    }
}
