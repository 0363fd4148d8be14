package io.dynamiccredentials.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.dynamiccredentials.Secret;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jose4j.jwe.ContentEncryptionAlgorithmIdentifiers;
import org.jose4j.jwe.JsonWebEncryption;
import org.jose4j.jwe.KeyManagementAlgorithmIdentifiers;
import org.jose4j.keys.AesKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreEncryptionTest {
    private static final String ISSUER = "https://ci.example";
    private static final Secret TEXT = Secret.of("{\"private\":\"κλειδί\"}");
    private static final Secret PASSPHRASE = Secret.of("correct horse battery");
    private static final Secret KEY = Secret.of("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA");

    private final StoreEncryption byKey = StoreEncryption.key(KEY);
    private final StoreEncryption byPassphrase = StoreEncryption.passphrase(PASSPHRASE);

    @Test
    void seal_withAKey_opensAgain() {
        StoredKeys stored = byKey.seal(ISSUER, 7, TEXT);

        assertThat(stored.version()).isEqualTo(7);
        assertThat(header(stored))
                .isEqualTo("{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"iss\":\"https://ci.example\",\"dc_version\":7}");
        assertThat(StoreEncryption.key(KEY).open(ISSUER, stored)).isEqualTo(TEXT);
    }

    @Test
    void seal_withAPassphrase_opensInAnotherProcess() {
        StoredKeys stored = byPassphrase.seal(ISSUER, 1, TEXT);
        StoreEncryption other = StoreEncryption.passphrase(Secret.of("correct horse battery"));

        assertThat(header(stored)).contains("\"dc_salt\":");
        assertThat(other.open(ISSUER, stored)).isEqualTo(TEXT);
    }

    @Test
    void seal_twice_neverGivesTheSameText() {
        assertThat(byKey.seal(ISSUER, 1, TEXT)).isNotEqualTo(byKey.seal(ISSUER, 1, TEXT));
    }

    @Test
    void open_withAnotherKeyOrPassphrase_isRefused() {
        StoredKeys stored = byKey.seal(ISSUER, 3, TEXT);
        StoreEncryption other = StoreEncryption.key(Secret.of("A".repeat(43)));

        assertRefused(other, ISSUER, stored);
        assertRefused(byPassphrase, ISSUER, stored);
        assertRefused(byKey, ISSUER, byPassphrase.seal(ISSUER, 3, TEXT));
        assertRefused(
                StoreEncryption.passphrase(Secret.of("correct horse batterY")),
                ISSUER,
                byPassphrase.seal(ISSUER, 3, TEXT));
    }

    @Test
    void open_keysOfAnotherIssuer_isRefused() {
        assertRefused(byKey, "https://other.example", byKey.seal(ISSUER, 3, TEXT));
    }

    @Test
    void open_olderTextUnderANewerVersion_isRefused() {
        StoredKeys old = byKey.seal(ISSUER, 3, TEXT);

        assertRefused(byKey, ISSUER, new StoredKeys(4, old.sealed()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 4})
    void open_oneCharacterChanged_isRefused(int part) {
        StoredKeys stored = byKey.seal(ISSUER, 3, TEXT);
        String[] parts = stored.sealed().split("\\.", -1);
        parts[part] = (parts[part].charAt(0) == 'A' ? 'B' : 'A') + parts[part].substring(1);

        assertRefused(byKey, ISSUER, new StoredKeys(3, String.join(".", parts)));
    }

    @ParameterizedTest
    @ValueSource(ints = {600_000, 2_000_000})
    void open_iterationCountJustInRange_works(int count) {
        assertThat(byPassphrase.open(ISSUER, sealedWith(count, count))).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 599_999, 2_000_001})
    void open_iterationCountJustOutOfRange_isRefusedThoughItWouldOpen(int count) {
        assertRefused(byPassphrase, ISSUER, sealedWith(count, count));
    }

    @Test
    void open_iterationCountThatIsNoSmallNumber_isRefusedThoughItWouldOpen() {
        // The low 32 bits of the second one are 600000.
        for (Object count : new Object[] {"600000", (1L << 32) + 600_000, 600_000.0, true}) {
            assertRefused(byPassphrase, ISSUER, sealedWith(count, 600_000));
        }
    }

    @Test
    void open_iterationCountOfManyMinutes_isRefusedBeforeTheWork() {
        StoredKeys stored = sealedWith(2_000_000_000, 600_000);

        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> assertRefused(byPassphrase, ISSUER, stored));
    }

    @Test
    void open_whatAnEarlierKeySealed_worksIfThatIsNamed() {
        StoredKeys old = byPassphrase.seal(ISSUER, 3, TEXT);

        assertThat(byKey.andReads(byPassphrase).open(ISSUER, old)).isEqualTo(TEXT);
        assertThat(byKey.open(ISSUER, byKey.andReads(byPassphrase).seal(ISSUER, 4, TEXT)))
                .isEqualTo(TEXT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AAAA", "A A", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    void key_notOf32Bytes_isRefusedWithoutBeingShown(String key) {
        assertThatThrownBy(() -> StoreEncryption.key(Secret.of(key)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The key of the key store must be")
                .hasMessageNotContaining("AAA");
    }

    @Test
    void passphrase_shorterThan16Characters_isRefused() {
        assertThatThrownBy(() -> StoreEncryption.passphrase(Secret.of("fifteen letters")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The passphrase of the key store must have at least 16 characters; it had 15");
    }

    @Test
    void passphrase_ofExactly16Characters_isTaken() {
        assertThat(StoreEncryption.passphrase(Secret.of("sixteen letters!")))
                .hasToString("StoreEncryption[passphrase]");
    }

    @Test
    void toString_showsTheKindOnly() {
        assertThat(byKey).hasToString("StoreEncryption[key]");
        assertThat(byPassphrase).hasToString("StoreEncryption[passphrase]");
    }

    private static void assertRefused(StoreEncryption encryption, String issuer, StoredKeys stored) {
        assertThatThrownBy(() -> encryption.open(issuer, stored))
                .isInstanceOf(IllegalStateException.class)
                .hasNoCause()
                .hasMessage("Version " + stored.version() + " of the key store of issuer \"" + issuer
                        + "\" does not open with this passphrase or key. Check it; or the store was changed, or holds "
                        + "the keys of another issuer");
    }

    /** Seals as {@code byPassphrase} does, but for the count that the header names and the one that was used. */
    private static StoredKeys sealedWith(Object named, int used) {
        String salt = "c2FsdHNhbHRzYWx0c2FsdA";
        JsonWebEncryption jwe = new JsonWebEncryption();
        jwe.setAlgorithmHeaderValue(KeyManagementAlgorithmIdentifiers.DIRECT);
        jwe.setEncryptionMethodHeaderParameter(ContentEncryptionAlgorithmIdentifiers.AES_256_GCM);
        jwe.setHeader("iss", ISSUER);
        jwe.setHeader("dc_version", 3);
        jwe.setHeader("dc_salt", salt);
        jwe.setHeader("dc_iterations", named);
        jwe.setPayload(TEXT.reveal());
        try {
            PBEKeySpec spec = new PBEKeySpec(PASSPHRASE.reveal().toCharArray(), salt.getBytes(UTF_8), used, 256);
            byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
            jwe.setKey(new AesKey(key));
            return new StoredKeys(3, jwe.getCompactSerialization());
        } catch (GeneralSecurityException | JoseException e) {
            throw new AssertionError(e);
        }
    }

    private static String header(StoredKeys stored) {
        String first = stored.sealed().substring(0, stored.sealed().indexOf('.'));
        return new String(Base64.getUrlDecoder().decode(first), UTF_8);
    }
}
