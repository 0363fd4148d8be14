package io.dynamiccredentials.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.Secret;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwe.ContentEncryptionAlgorithmIdentifiers;
import org.jose4j.jwe.JsonWebEncryption;
import org.jose4j.jwe.KeyManagementAlgorithmIdentifiers;
import org.jose4j.keys.AesKey;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts what a {@link SigningKeyStore} holds, under a key or a passphrase of the host: AES-256-GCM in a JWE (RFC
 * 7516), bound to the issuer and the version, so that what was stored for another can't be put in its place.
 *
 * <p>All nodes of an issuer have the same one. Who has both it and the store can sign in the issuer's name. Safe for
 * use by many threads.
 */
public final class StoreEncryption {
    private static final int KEY_BYTES = 32;
    private static final int SALT_BYTES = 16;
    private static final int LEAST_PASSPHRASE = 16;

    /** PBKDF2 with HMAC-SHA-256: what OWASP asks for. Paid once for each salt and process. */
    private static final int ITERATIONS = 600_000;

    /** More would let whoever writes the store keep a node busy. */
    private static final int MOST_ITERATIONS = 2_000_000;

    private static final int MOST_DERIVED = 8;
    private static final Pattern SALT_FORM = Pattern.compile("[A-Za-z0-9_-]{22}");

    private static final String ISSUER = "iss";
    private static final String VERSION = "dc_version";
    private static final String SALT = "dc_salt";
    private static final String COUNT = "dc_iterations";

    private final @Nullable AesKey key;
    private final Secret passphrase;
    private final Map<Derivation, AesKey> derived = new ConcurrentHashMap<>();
    private final List<StoreEncryption> earlier;
    private final String ownSalt;

    /** How a key is derived from the passphrase. */
    private record Derivation(String salt, int iterations) {}

    private StoreEncryption(@Nullable AesKey key, Secret passphrase, List<StoreEncryption> earlier) {
        this.key = key;
        this.passphrase = passphrase;
        this.earlier = List.copyOf(earlier);
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        this.ownSalt = Base64.getUrlEncoder().withoutPadding().encodeToString(salt);
    }

    /**
     * Returns an encryption under {@code key}: 32 random bytes as 43 base64url characters, or 44 with padding.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static StoreEncryption key(Secret key) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(key.reveal());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("The key of the key store must be base64url; it has other characters");
        }
        if (bytes.length != KEY_BYTES) {
            throw new IllegalArgumentException("The key of the key store must be 32 bytes; it was " + bytes.length
                    + ". Make one: head -c 32 /dev/urandom | basenc --base64url");
        }
        return new StoreEncryption(new AesKey(bytes), Secret.of(""), List.of());
    }

    /**
     * Returns an encryption under a key that is derived from {@code passphrase}, which takes some tenths of a second.
     *
     * @throws IllegalArgumentException if it is shorter than 16 characters
     */
    public static StoreEncryption passphrase(Secret passphrase) {
        int length = passphrase.reveal().length();
        if (length < LEAST_PASSPHRASE) {
            throw new IllegalArgumentException("The passphrase of the key store must have at least " + LEAST_PASSPHRASE
                    + " characters; it had " + length);
        }
        return new StoreEncryption(null, passphrase, List.of());
    }

    /**
     * Returns this encryption, which also reads what {@code before} wrote, to change a key or passphrase without a
     * stop: first give all nodes {@code old.andReads(changed)}, then all {@code changed.andReads(old)}, and a quarter
     * of an hour later, when the store has been written again, all {@code changed} alone.
     */
    public StoreEncryption andReads(StoreEncryption before) {
        List<StoreEncryption> all = new ArrayList<>(earlier);
        all.add(before);
        return new StoreEncryption(key, passphrase, all);
    }

    @Override
    public String toString() {
        return "StoreEncryption[" + (key == null ? "passphrase" : "key") + "]";
    }

    /** Encrypts {@code text} for one version of one issuer's keys. */
    StoredKeys seal(String issuer, long version, Secret text) {
        JsonWebEncryption jwe = new JsonWebEncryption();
        jwe.setAlgorithmHeaderValue(KeyManagementAlgorithmIdentifiers.DIRECT);
        jwe.setEncryptionMethodHeaderParameter(ContentEncryptionAlgorithmIdentifiers.AES_256_GCM);
        jwe.setHeader(ISSUER, issuer);
        jwe.setHeader(VERSION, version);
        if (key == null) {
            jwe.setHeader(SALT, ownSalt);
            jwe.setHeader(COUNT, ITERATIONS);
        }
        jwe.setKey(keyFor(new Derivation(ownSalt, ITERATIONS)));
        jwe.setPayload(text.reveal());
        try {
            return new StoredKeys(version, jwe.getCompactSerialization());
        } catch (JoseException e) {
            throw new IllegalStateException("This Java platform can't encrypt with AES-256-GCM", e);
        }
    }

    /**
     * Decrypts what was stored.
     *
     * @throws IllegalStateException if it was encrypted under another key, for another issuer or version, or changed
     */
    Secret open(String issuer, StoredKeys stored) {
        Optional<Secret> opened = decrypt(issuer, stored);
        for (StoreEncryption before : earlier) {
            opened = opened.or(() -> before.decrypt(issuer, stored));
        }
        return opened.orElseThrow(() -> new IllegalStateException("Version " + stored.version()
                + " of the key store of issuer \"" + issuer + "\" does not open with this passphrase or key. Check it; "
                + "or the store was changed, or holds the keys of another issuer"));
    }

    private Optional<Secret> decrypt(String issuer, StoredKeys stored) {
        try {
            return Optional.of(decryptOrThrow(issuer, stored));
        } catch (JoseException | RuntimeException e) {
            // jose4j fails in many ways on a header of another kind. Its messages repeat what they read, so none is
            // kept.
            return Optional.empty();
        }
    }

    private Secret decryptOrThrow(String issuer, StoredKeys stored) throws JoseException {
        JsonWebEncryption jwe = new JsonWebEncryption();
        jwe.setAlgorithmConstraints(new AlgorithmConstraints(
                AlgorithmConstraints.ConstraintType.PERMIT, KeyManagementAlgorithmIdentifiers.DIRECT));
        jwe.setContentEncryptionAlgorithmConstraints(new AlgorithmConstraints(
                AlgorithmConstraints.ConstraintType.PERMIT, ContentEncryptionAlgorithmIdentifiers.AES_256_GCM));
        jwe.setCompactSerialization(stored.sealed());
        jwe.setKey(keyFor(derivation(jwe)));
        Secret text = Secret.of(jwe.getPayload());
        Object version = jwe.getHeaders().getObjectHeaderValue(VERSION);
        boolean meant = issuer.equals(jwe.getHeaders().getStringHeaderValue(ISSUER))
                && version instanceof Number number
                && number.longValue() == stored.version();
        if (!meant) {
            throw new JoseException("for another issuer or version");
        }
        return text;
    }

    /** Reads how the key was derived; for an encryption by a key there is nothing to read. */
    private Derivation derivation(JsonWebEncryption jwe) throws JoseException {
        String salt = jwe.getHeaders().getStringHeaderValue(SALT);
        if ((salt == null) != (key != null)) {
            throw new JoseException("the other kind of encryption");
        }
        if (salt == null) {
            return new Derivation("", 0);
        }
        if (!SALT_FORM.matcher(salt).matches()) {
            throw new JoseException("a salt of another length");
        }
        Object count = jwe.getHeaders().getObjectHeaderValue(COUNT);
        if (!(count instanceof Long iterations) || iterations < ITERATIONS || iterations > MOST_ITERATIONS) {
            throw new JoseException("an iteration count out of range");
        }
        return new Derivation(salt, iterations.intValue());
    }

    private AesKey keyFor(Derivation derivation) {
        if (key != null) {
            return key;
        }
        if (derived.size() > MOST_DERIVED) {
            derived.clear(); // Whoever writes the store may name a new salt each time.
        }
        return derived.computeIfAbsent(derivation, this::derive);
    }

    private AesKey derive(Derivation derivation) {
        PBEKeySpec spec = new PBEKeySpec(
                passphrase.reveal().toCharArray(),
                derivation.salt().getBytes(UTF_8),
                derivation.iterations(),
                KEY_BYTES * Byte.SIZE);
        try {
            return new AesKey(SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java platform has no PBKDF2WithHmacSHA256", e);
        } finally {
            spec.clearPassword();
        }
    }
}
