package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A transit key as Vault shows it: the public half of each of its versions. Immutable. */
final class TransitKey {
    private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,8}");
    private static final String PEM_BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String PEM_END = "-----END PUBLIC KEY-----";

    private final NavigableMap<Integer, PublicJwk> versions;
    private final int latestVersion;
    private final int minEncryptionVersion;

    private TransitKey(NavigableMap<Integer, PublicJwk> versions, int latestVersion, int minEncryptionVersion) {
        this.versions = versions;
        this.latestVersion = latestVersion;
        this.minEncryptionVersion = minEncryptionVersion;
    }

    /** Why a key can't be used: what it is, and what to do. */
    static final class UnfitException extends Exception {
        private static final long serialVersionUID = 1;
        private final String remedy;

        UnfitException(String why, String remedy) {
            super(why);
            this.remedy = remedy;
        }

        String remedy() {
            return remedy;
        }
    }

    /**
     * Reads the {@code data} of Vault's answer.
     *
     * @throws UnfitException if the key is of another type, or its private half may be or was outside Vault
     */
    static TransitKey parse(JsonNode data, SigningAlgorithm algorithm) throws UnfitException {
        requireType(data, algorithm);
        requireFalse(data, "exportable", "Vault would hand out its private half");
        requireFalse(data, "allow_plaintext_backup", "Vault would hand out its private half in a backup");
        if (data.path("imported_key").booleanValue()) {
            throw new UnfitException(
                    "it was imported, so its private half was outside Vault", "Make a key that Vault generates");
        }
        NavigableMap<Integer, PublicJwk> versions = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : data.path("keys").properties()) {
            versions.put(number(entry.getKey()), publicJwk(entry.getValue(), algorithm));
        }
        int latest = number(data.path("latest_version").asText());
        if (!versions.containsKey(latest)) {
            throw unintelligible("latest_version is not among its keys");
        }
        JsonNode minEncryption = data.path("min_encryption_version");
        if (!minEncryption.canConvertToInt() || minEncryption.intValue() < 0) {
            throw unintelligible("min_encryption_version is no number");
        }
        return new TransitKey(Collections.unmodifiableNavigableMap(versions), latest, minEncryption.intValue());
    }

    /** Returns the type of a new key for {@code algorithm}. */
    static String newType(SigningAlgorithm algorithm) {
        return types(algorithm).get(0);
    }

    int latestVersion() {
        return latestVersion;
    }

    /** Returns the oldest version that Vault signs with; 0 if it signs with all. */
    int minEncryptionVersion() {
        return minEncryptionVersion;
    }

    Optional<PublicJwk> version(int version) {
        return Optional.ofNullable(versions.get(version));
    }

    /**
     * Returns the newest version, if it is not in {@code knownKeyIds} and Vault signs with it: what lies below a known
     * version has lost its turn, so that versions enter the life cycle in rising order.
     */
    OptionalInt newestUnused(Set<String> knownKeyIds) {
        Map.Entry<Integer, PublicJwk> newest = versions.lastEntry();
        boolean unused = !knownKeyIds.contains(newest.getValue().keyId()) && newest.getKey() >= minEncryptionVersion;
        return unused ? OptionalInt.of(newest.getKey()) : OptionalInt.empty();
    }

    private static void requireType(JsonNode data, SigningAlgorithm algorithm) throws UnfitException {
        String type = data.path("type").asText();
        if (!types(algorithm).contains(type)) {
            throw new UnfitException(
                    "its type is " + UntrustedText.quote(type) + ", expected one of " + types(algorithm) + " for "
                            + algorithm.jwsName(),
                    "Name another transit key, or set the algorithm that this one is for");
        }
    }

    /** Checks that Vault says no: a member that is absent says nothing. */
    private static void requireFalse(JsonNode data, String member, String danger) throws UnfitException {
        if (data.path(member).booleanValue()) {
            throw new UnfitException(
                    "it has " + member + "=true: " + danger, "Vault can't take that back. Make another transit key");
        }
        if (!data.path(member).isBoolean()) {
            throw unintelligible(member + " is absent");
        }
    }

    private static List<String> types(SigningAlgorithm algorithm) {
        return switch (algorithm) {
            // The first is the one of new keys.
            case RS256 -> List.of("rsa-2048", "rsa-3072", "rsa-4096");
            case ES256 -> List.of("ecdsa-p256");
            default -> throw notInTransit(algorithm);
        };
    }

    /** Returns the refusal of an algorithm that no transit key signs with here. */
    static IllegalArgumentException notInTransit(SigningAlgorithm algorithm) {
        return new IllegalArgumentException(
                "Keys in Vault transit sign with RS256 or ES256; it was " + algorithm.jwsName() + ". Set one of these");
    }

    private static int number(String text) throws UnfitException {
        if (!VERSION.matcher(text).matches()) {
            throw unintelligible("a version is " + UntrustedText.quote(text) + ", expected a number from 1");
        }
        return Integer.parseInt(text);
    }

    private static PublicJwk publicJwk(JsonNode version, SigningAlgorithm algorithm) throws UnfitException {
        String pem = StrictJson.text(version, "public_key").orElse("").strip();
        if (!pem.startsWith(PEM_BEGIN) || !pem.endsWith(PEM_END)) {
            throw unintelligible("a version has no public_key in PEM");
        }
        String base64 = pem.substring(PEM_BEGIN.length(), pem.length() - PEM_END.length());
        try {
            byte[] der = Base64.getMimeDecoder().decode(base64);
            KeyFactory keys = KeyFactory.getInstance(algorithm == SigningAlgorithm.RS256 ? "RSA" : "EC");
            PublicKey key = keys.generatePublic(new X509EncodedKeySpec(der));
            return PublicJwk.of(key, algorithm);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw unintelligible("a version's public_key is no key for " + algorithm.jwsName());
        }
    }

    private static UnfitException unintelligible(String why) {
        return new UnfitException("the answer is not what Vault shows of a key: " + why, VaultFailures.CHECK_ADDRESS);
    }
}
