package io.dynamiccredentials.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreEncryptionTest {
    private static final String ISSUER = "https://ci.example";
    private static final Secret TEXT = Secret.of("{\"private\":\"κλειδί\"}");
    private static final Secret KEY = Secret.of("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA");

    private final StoreEncryption byKey = StoreEncryption.key(KEY);
    private final StoreEncryption byPassphrase = StoreEncryption.passphrase(Secret.of("correct horse battery"));

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
    @ValueSource(strings = {"599999", "10000001", "2000000000", "\"600000\""})
    void open_iterationCountOutOfRange_isRefusedBeforeTheWork(String count) {
        StoredKeys stored = byPassphrase.seal(ISSUER, 3, TEXT);
        String header = header(stored).replace("\"dc_iterations\":600000", "\"dc_iterations\":" + count);
        String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(header.getBytes(UTF_8));
        String rest = stored.sealed().substring(stored.sealed().indexOf('.'));

        assertThat(header).contains(count);
        assertRefused(byPassphrase, ISSUER, new StoredKeys(3, encoded + rest));
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

    private static String header(StoredKeys stored) {
        String first = stored.sealed().substring(0, stored.sealed().indexOf('.'));
        return new String(Base64.getUrlDecoder().decode(first), UTF_8);
    }
}
