package io.dynamiccredentials.vault;

import static io.dynamiccredentials.jwk.SigningAlgorithm.ES256;
import static io.dynamiccredentials.jwk.SigningAlgorithm.RS256;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.Signer;
import io.dynamiccredentials.keys.SigningKeyFactory.Made;
import io.dynamiccredentials.testkit.contract.JdkVerifier;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.Timeouts;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class VaultTransitKeysTest {
    private static final byte[] INPUT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0".getBytes(UTF_8);
    private static final Secret TOKEN = Secret.of(TransitServer.TOKEN);

    private final TransitServer vault = TransitServer.start();
    private final BoundedHttpClient http = BoundedHttpClient.builder()
            .timeouts(new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(10)))
            .maxBodyBytes(64 * 1024)
            .build();

    @AfterEach
    void stop() {
        vault.close();
    }

    @ParameterizedTest
    @CsvSource({"rsa-2048, RS256, 256", "rsa-3072, RS256, 384", "ecdsa-p256, ES256, 64"})
    void sign_keyInTransit_verifiesInJoseForm(String type, SigningAlgorithm algorithm, int bytes) {
        vault.key(type);
        VaultTransitKeys keys = keys(algorithm).build();

        Made made = keys.create(Set.of());
        byte[] signature = keys.open(made.publicJwk(), made.reference()).sign(INPUT);

        assertThat(made.publicJwk().publicKey()).isEqualTo(vault.version(1).getPublic());
        assertThat(made.publicJwk().algorithm()).isEqualTo(algorithm);
        assertThat(made.reference().reveal()).isEqualTo("transit/ci:1");
        assertThat(keys.name()).isEqualTo("vault-transit");
        assertThat(signature).hasSize(bytes);
        assertThat(JdkVerifier.verifies(made.publicJwk(), INPUT, signature)).isTrue();
    }

    @Test
    void requests_always_askForNoPrivateKey() {
        vault.key("ecdsa-p256");
        VaultTransitKeys keys = keys(ES256).build();
        Made first = keys.create(Set.of());
        Made second = keys.create(Set.of(first.publicJwk().keyId()));
        keys.open(second.publicJwk(), second.reference()).sign(INPUT);
        keys.discard(first.publicJwk(), first.reference());

        assertThat(vault.calls())
                .containsExactly(
                        "GET transit/keys/ci",
                        "GET transit/keys/ci",
                        "POST transit/keys/ci/rotate",
                        "GET transit/keys/ci",
                        "GET transit/keys/ci",
                        "POST transit/sign/ci",
                        "GET transit/keys/ci",
                        "POST transit/keys/ci/config");
        assertThat(vault.requests())
                .allSatisfy(request -> assertThat(request.headers())
                        .containsEntry("X-Vault-Request", "true")
                        .doesNotContainKey("X-Vault-Namespace"));
    }

    @Test
    void requests_mountAndNamespace_goThere() {
        try (TransitServer elsewhere = TransitServer.startAt("ci/keys").key("ecdsa-p256")) {
            VaultTransitKeys keys = VaultTransitKeys.builder(elsewhere.address(), "ci", () -> TOKEN)
                    .algorithm(ES256)
                    .mount("ci/keys/")
                    .namespace("team/a/")
                    .build();

            Made made = keys.create(Set.of());
            keys.open(made.publicJwk(), made.reference()).sign(INPUT);

            assertThat(made.reference().reveal()).isEqualTo("ci/keys/ci:1");
            assertThat(elsewhere.calls())
                    .containsExactly("GET ci/keys/keys/ci", "GET ci/keys/keys/ci", "POST ci/keys/sign/ci");
            assertThat(elsewhere.requests())
                    .allSatisfy(request -> assertThat(request.headers()).containsEntry("X-Vault-Namespace", "team/a"));
        }
    }

    @Test
    void requests_tokenRenewed_useTheNewOne() {
        vault.key("ecdsa-p256");
        Deque<Secret> tokens = new ArrayDeque<>(List.of(Secret.of("hvs.old"), TOKEN));
        VaultTransitKeys keys = VaultTransitKeys.builder(vault.address(), "ci", tokens::pop)
                .algorithm(ES256)
                .build();

        assertThatThrownBy(() -> keys.create(Set.of())).hasMessageContaining("HTTP 403");
        assertThat(keys.create(Set.of()).reference().reveal()).isEqualTo("transit/ci:1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hvs.a\r\nX-Evil: 1"})
    void requests_tokenThatIsNone_areNotSent(String token) {
        vault.key("ecdsa-p256");
        VaultTransitKeys keys = VaultTransitKeys.builder(vault.address(), "ci", () -> Secret.of(token))
                .algorithm(ES256)
                .build();

        assertThatThrownBy(() -> keys.create(Set.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Check the supplier of the token")
                .hasMessageNotContaining("Evil");
        assertThat(vault.requests()).isEmpty();
    }

    @Test
    void create_allVersionsKnown_rotates() {
        vault.key("ecdsa-p256").rotationAnswersNothing();
        VaultTransitKeys keys = keys(ES256).build();
        Set<String> known = new HashSet<>();

        for (int version = 1; version <= 3; version++) {
            Made made = keys.create(known);
            assertThat(made.reference().reveal()).isEqualTo("transit/ci:" + version);
            assertThat(made.publicJwk().publicKey())
                    .isEqualTo(vault.version(version).getPublic());
            assertThat(known.add(made.publicJwk().keyId())).isTrue();
        }
        assertThat(vault.latestVersion()).isEqualTo(3);
    }

    @Test
    void create_newestVersionUnknown_takesItOver() {
        vault.key("ecdsa-p256").rotate().rotate();

        Made made = keys(ES256).build().create(Set.of(keyId(1)));

        assertThat(made.reference().reveal()).isEqualTo("transit/ci:3");
        assertThat(vault.latestVersion()).isEqualTo(3);
    }

    @Test
    void create_unknownVersionBelowAKnownOne_isNotTakenOver() {
        vault.key("ecdsa-p256").rotate().rotate();

        Made made = keys(ES256).build().create(Set.of(keyId(3)));

        assertThat(made.reference().reveal()).isEqualTo("transit/ci:4");
    }

    @Test
    void create_twoNodesAtOnce_neitherGetsAKnownKey() {
        vault.key("ecdsa-p256");
        Set<String> known = Set.of(keyId(1));
        VaultTransitKeys one = keys(ES256).build();
        VaultTransitKeys other = keys(ES256).build();
        // The other node rotates after this one has read and before it rotates.
        Deque<Made> made = new ArrayDeque<>();
        vault.script(request -> {
            if (request.path().endsWith("/rotate") && made.isEmpty()) {
                made.push(new Made(publicJwk(vault.rotate().latestVersion()), Secret.of("transit/ci:2")));
            }
            return Optional.empty();
        });

        Made mine = one.create(known);
        Made next = other.create(Set.of(keyId(1), mine.publicJwk().keyId()));

        assertThat(mine.reference().reveal()).isEqualTo("transit/ci:3");
        assertThat(next.reference().reveal()).isEqualTo("transit/ci:4");
    }

    @Test
    void create_afterLostRace_takesOverWhatItMade() {
        vault.key("ecdsa-p256");
        VaultTransitKeys keys = keys(ES256).build();
        Made lost = keys.create(Set.of(keyId(1)));

        Made again = keys.create(Set.of(keyId(1)));

        assertThat(again.publicJwk().keyId()).isEqualTo(lost.publicJwk().keyId());
        assertThat(vault.latestVersion()).isEqualTo(2);
    }

    @Test
    void create_rotationThatShowsNothingNew_fails() {
        vault.key("ecdsa-p256")
                .script(request ->
                        request.path().endsWith("/rotate") ? Optional.of(Answer.json(200, "{}")) : Optional.empty());

        assertIllegalState(() -> keys(ES256).build().create(Set.of(keyId(1))), "made a new version and shows none");
    }

    @Test
    void create_noKey_fails() {
        assertIllegalState(
                () -> keys(ES256).build().create(Set.of()),
                "There is no transit key \"transit/ci\" at \"" + vault.address() + "\"",
                "vault write -f transit/keys/ci type=ecdsa-p256",
                "createIfAbsent()");
    }

    @ParameterizedTest
    @CsvSource({"RS256, rsa-2048", "ES256, ecdsa-p256"})
    void create_noKeyButAllowed_makesOneThatStaysThere(SigningAlgorithm algorithm, String type) {
        Made made = keys(algorithm).createIfAbsent().build().create(Set.of());

        assertThat(made.reference().reveal()).isEqualTo("transit/ci:1");
        assertThat(vault.calls()).containsExactly("GET transit/keys/ci", "POST transit/keys/ci", "GET transit/keys/ci");
        assertThat(StrictJson.parseObject(vault.requests().get(1).body()).toString())
                .isEqualTo("{\"type\":\"" + type + "\",\"exportable\":false,\"allow_plaintext_backup\":false}");
    }

    @Test
    void create_keyMadeByAnotherInBetween_isCheckedToo() {
        vault.script(request -> {
            if (request.method().equals("POST")) {
                vault.key("ecdsa-p256").setting("exportable", true);
            }
            return Optional.empty();
        });

        assertIllegalState(() -> keys(ES256).createIfAbsent().build().create(Set.of()), "exportable=true");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "exportable | true | exportable=true: Vault would hand out its private half. Vault can't take that back",
                "allow_plaintext_backup | true | allow_plaintext_backup=true: Vault would hand out its private half in a",
                "imported_key | true | it was imported, so its private half was outside Vault",
                "exportable | no | exportable is absent",
                "allow_plaintext_backup | no | allow_plaintext_backup is absent",
                "latest_version | 7 | latest_version is not among its keys",
                "latest_version | -1 | a version is \"-1\", expected a number from 1",
                "min_encryption_version | x | min_encryption_version is no number",
                "keys | x | latest_version is not among its keys"
            })
    void createAndOpen_keyThatMayLeaveOrIsNone_refuse(String setting, String value, String message) {
        vault.key("ecdsa-p256");
        VaultTransitKeys keys = keys(ES256).build();
        Made made = keys.create(Set.of());
        vault.setting(
                setting,
                value.equals("true") ? (Object) true : value.matches("-?[0-9]") ? Integer.valueOf(value) : value);

        assertIllegalState(() -> keys.create(Set.of()), message);
        assertIllegalState(() -> keys.open(made.publicJwk(), made.reference()), message);
    }

    @ParameterizedTest
    @CsvSource({"rsa-2048, ES256, '[ecdsa-p256]'", "ecdsa-p256, RS256, '[rsa-2048, rsa-3072, rsa-4096]'"})
    void create_keyOfAnotherType_refuses(String type, SigningAlgorithm algorithm, String expected) {
        vault.key(type);

        assertIllegalState(
                () -> keys(algorithm).build().create(Set.of()),
                "its type is \"" + type + "\", expected one of " + expected + " for " + algorithm.jwsName());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "MCowBQYDK2VwAyEA", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"})
    void create_publicKeyThatIsNone_fails(String pem) {
        vault.key("ecdsa-p256").setting("keys", Map.of("1", Map.of("name", "P-256", "public_key", pem)));

        assertIllegalState(() -> keys(ES256).build().create(Set.of()), "public_key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"transit/other:1", "kv/ci:1", "transit/ci", "transit/ci:0", "transit/ci:x", "", "ci:1"})
    void open_referenceOfAnotherKey_fails(String reference) {
        vault.key("ecdsa-p256");
        VaultTransitKeys keys = keys(ES256).build();

        assertIllegalState(
                () -> keys.open(publicJwk(1), Secret.of(reference)),
                "names no version of the transit key \"transit/ci\"",
                "expected \"transit/ci:\" and a number");
        assertIllegalState(() -> keys.discard(publicJwk(1), Secret.of(reference)), "names no version");
    }

    @Test
    void open_versionThatIsNotShown_fails() {
        vault.key("ecdsa-p256");

        assertIllegalState(
                () -> keys(ES256).build().open(publicJwk(1), Secret.of("transit/ci:2")),
                "version 2",
                "min_decryption_version");
    }

    @Test
    void open_keyDeletedAndMadeAnew_fails() {
        vault.key("ecdsa-p256");
        VaultTransitKeys keys = keys(ES256).build();
        Made made = keys.create(Set.of());
        vault.deleteKey();

        assertIllegalState(() -> keys.open(made.publicJwk(), made.reference()), "There is no transit key");
        vault.key("ecdsa-p256");
        assertIllegalState(
                () -> keys.open(made.publicJwk(), made.reference()),
                "its thumbprint is \"" + keyId(1) + "\", expected \""
                        + made.publicJwk().keyId() + "\"");
    }

    @Test
    void sign_afterRotation_staysWithItsVersion() {
        vault.key("rsa-2048");
        VaultTransitKeys keys = keys(RS256).build();
        Made made = keys.create(Set.of());
        Signer signer = keys.open(made.publicJwk(), made.reference());
        vault.rotate();

        assertThat(JdkVerifier.verifies(made.publicJwk(), INPUT, signer.sign(INPUT)))
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("badSignatures")
    void sign_signatureThatIsNotWhatWasAskedFor_fails(Function<String, String> change, String message) {
        vault.key("ecdsa-p256").rotate();
        VaultTransitKeys keys = keys(ES256).build();
        Made made = keys.create(Set.of(keyId(1)));
        Signer signer = keys.open(made.publicJwk(), made.reference());
        vault.signatures(change);

        assertIllegalState(() -> signer.sign(INPUT), "the signature of version 2", message);
    }

    static List<Arguments> badSignatures() {
        String der = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[71]);
        return List.of(
                change(text -> text.replace(":v2:", ":v1:"), "it begins with \"vault:v1:\", expected \"vault:v2:\""),
                change(text -> text.replace(":v2:", ":v22:"), "expected \"vault:v2:\""),
                change(text -> text.substring(9), "expected \"vault:v2:\""),
                change(text -> "", "data.signature is absent"),
                change(text -> "vault:v2:", "it has 0 bytes, expected 64"),
                change(text -> "vault:v2:" + der, "it has 71 bytes, expected 64"),
                change(text -> "vault:v2:MEUCIQ+/=", "it is not in base64url, as marshaling_algorithm=jws asks for"),
                change(text -> text.substring(0, text.length() - 2), "bytes, expected 64"));
    }

    private static Arguments change(Function<String, String> change, String message) {
        return Arguments.of(change, message);
    }

    @Test
    void sign_serverWithoutJws_isRefused() throws GeneralSecurityException {
        vault.key("ecdsa-p256");
        VaultTransitKeys keys = keys(ES256).build();
        Made made = keys.create(Set.of());
        Signer signer = keys.open(made.publicJwk(), made.reference());
        Signature der = Signature.getInstance("SHA256withECDSA");
        der.initSign(vault.version(1).getPrivate());
        der.update(INPUT);
        String asn1 = Base64.getEncoder().encodeToString(der.sign());
        vault.signatures(text -> "vault:v1:" + asn1);

        assertThatThrownBy(() -> signer.sign(INPUT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the signature of version 1")
                .hasMessageNotContaining(asn1.substring(0, 20));
    }

    @Test
    void sign_keyDeleted_fails() {
        vault.key("ecdsa-p256");
        VaultTransitKeys keys = keys(ES256).build();
        Made made = keys.create(Set.of());
        Signer signer = keys.open(made.publicJwk(), made.reference());
        vault.deleteKey();

        assertIllegalState(() -> signer.sign(INPUT), "HTTP 400", "signing key not found", "that it was not deleted");
    }

    @Test
    void discard_oldVersion_isLockedInVault() {
        vault.key("ecdsa-p256");
        VaultTransitKeys keys = keys(ES256).build();
        Made old = keys.create(Set.of());
        Signer oldSigner = keys.open(old.publicJwk(), old.reference());
        Made current = keys.create(Set.of(old.publicJwk().keyId()));
        Signer signer = keys.open(current.publicJwk(), current.reference());

        keys.discard(old.publicJwk(), old.reference());

        assertThat(vault.minEncryptionVersion()).isEqualTo(2);
        assertIllegalState(() -> oldSigner.sign(INPUT), "HTTP 400", "less than the minimum encryption key version");
        assertThat(JdkVerifier.verifies(current.publicJwk(), INPUT, signer.sign(INPUT)))
                .isTrue();
    }

    @Test
    void discard_versionAboveALiveOne_locksOnlyUpToThat() {
        vault.key("ecdsa-p256").rotate();
        VaultTransitKeys keys = keys(ES256).build();
        Made active = keys.create(Set.of(keyId(1)));
        Made revoked = keys.create(Set.of(keyId(1), keyId(2)));
        Made next = keys.create(Set.of(keyId(1), keyId(2), keyId(3)));
        Signer signer = keys.open(active.publicJwk(), active.reference());
        keys.open(next.publicJwk(), next.reference());

        keys.discard(revoked.publicJwk(), revoked.reference());

        assertThat(vault.minEncryptionVersion()).isEqualTo(2);
        assertThat(JdkVerifier.verifies(active.publicJwk(), INPUT, signer.sign(INPUT)))
                .isTrue();

        keys.discard(active.publicJwk(), active.reference());
        assertThat(vault.minEncryptionVersion()).isEqualTo(3);
        assertThat(next.reference().reveal()).isEqualTo("transit/ci:4");
    }

    @Test
    void discard_newestVersion_asksForNoneThatIsNotThere() {
        vault.key("ecdsa-p256").rotate();
        VaultTransitKeys keys = keys(ES256).build();
        keys.open(publicJwk(1), Secret.of("transit/ci:1"));
        keys.open(publicJwk(2), Secret.of("transit/ci:2"));

        keys.discard(publicJwk(2), Secret.of("transit/ci:2"));

        assertThat(vault.minEncryptionVersion()).isZero();
        assertThat(vault.calls()).doesNotContain("POST transit/keys/ci/config");
    }

    @Test
    void discard_nothingKnownToBeLive_locksNothing() {
        vault.key("ecdsa-p256").rotate().rotate();

        keys(ES256).build().discard(publicJwk(2), Secret.of("transit/ci:2"));

        assertThat(vault.requests()).isEmpty();
    }

    @Test
    void discard_moreIsLockedAlready_staysLocked() {
        vault.key("ecdsa-p256").rotate().rotate();
        VaultTransitKeys keys = keys(ES256).build();
        keys.open(publicJwk(3), Secret.of("transit/ci:3"));
        vault.minEncryptionVersion(3);

        keys.discard(publicJwk(1), Secret.of("transit/ci:1"));

        assertThat(vault.minEncryptionVersion()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | unknown key type x | Vault refused the reading | Check the versions and the type of the key",
                "403 | permission denied | Vault refused the reading | its policies allow this path",
                "404 | no handler for route | Vault could not accept the reading | the path at which transit is mounted",
                "405 | unsupported operation | Vault could not accept the reading | the path at which transit is mounted",
                "429 | rate limit quota exceeded | Vault put off the reading | Try again later",
                "500 | internal error | Vault could not handle the reading | Check that Vault is unsealed",
                "503 | Vault is sealed | Vault could not handle the reading | Check that Vault is unsealed",
                "418 | teapot | Vault gave no usable answer about the reading | Check that the address is Vault's"
            })
    void create_errorOfVault_isToldWithRemedy(int status, String text, String step, String remedy) {
        vault.answerAll(TransitServer.errors(status, text));

        assertIllegalState(
                () -> keys(ES256).build().create(Set.of()),
                step + " of the transit key \"transit/ci\" at \"" + vault.address() + "\"",
                "HTTP " + status,
                text,
                remedy);
    }

    @ParameterizedTest
    @ValueSource(strings = {"not json", "[]", "{}", "{\"data\":[]}", "{\"data\":{},\"data\":{}}", ""})
    void create_answerThatIsNone_fails(String body) {
        vault.answerAll(Answer.json(200, body));

        assertIllegalState(() -> keys(ES256).build().create(Set.of()), "the transit key \"transit/ci\"");
    }

    @Test
    void create_answerThatIsNotUtf8_fails() {
        // The fixture writes two bytes for this character, and the length lets through the first.
        vault.answerAll(Answer.raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n\u00e9"));

        assertIllegalState(() -> keys(ES256).build().create(Set.of()), "the body is not UTF-8");
    }

    @Test
    void create_oversizedAnswer_fails() {
        vault.answerAll(Answer.json(200, "{\"data\":{\"x\":\"" + "x".repeat(70_000) + "\"}}"));

        assertIllegalState(() -> keys(ES256).build().create(Set.of()), "65536");
    }

    @Test
    void create_truncatedAnswer_fails() {
        vault.answerAll(Answer.json(200, "{}").manner(Answer.Manner.TRUNCATED));

        assertIllegalState(() -> keys(ES256).build().create(Set.of()), "gave no whole answer");
    }

    @Test
    void create_redirect_isNotFollowed() {
        try (ScriptedServer thief = ScriptedServer.http(Answer.json(200, "{}"))) {
            vault.answerAll(Answer.redirect(307, thief.address() + "/v1/transit/keys/ci"));

            assertIllegalState(() -> keys(ES256).build().create(Set.of()), "HTTP 307", "Redirects are not followed");
            assertThat(thief.requests()).isEmpty();
        }
    }

    @Test
    void create_nobodyThere_fails() {
        URI gone = vault.address();
        vault.close();

        assertIllegalState(
                () -> VaultTransitKeys.builder(gone, "ci", () -> TOKEN).build().create(Set.of()),
                "gave no whole answer about the reading",
                "Check the address, the network and Vault's certificate");
    }

    @Test
    void create_interrupted_failsAndKeepsTheFlag() {
        vault.answerAll(Answer.json(200, "{}").manner(Answer.Manner.STALLED));
        Thread.currentThread().interrupt();

        assertIllegalState(() -> keys(ES256).build().create(Set.of()), "The thread was interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void builder_malformedSettings_areRefused() {
        URI address = vault.address();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VaultTransitKeys.builder(URI.create("http://vault.example"), "ci", () -> TOKEN))
                .withMessageContaining("https");
        for (String name : List.of("", "a/b", "../x", "a?b", "ci\n")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> VaultTransitKeys.builder(address, name, () -> TOKEN))
                    .withMessageContaining("The name of the transit key must be");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys(ES256).mount("../sys"))
                .withMessageContaining("mount of transit");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys(ES256).namespace("a b"))
                .withMessageContaining("namespace");
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"RS256", "ES256"})
    void algorithm_thatTransitKeysDoNotSignWithHere_refuses(SigningAlgorithm algorithm) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys(algorithm))
                .withMessageContaining("RS256 or ES256; it was " + algorithm.jwsName() + ". Set one of these");
    }

    private VaultTransitKeys.Builder keys(SigningAlgorithm algorithm) {
        return VaultTransitKeys.builder(vault.address(), "ci", () -> TOKEN)
                .algorithm(algorithm)
                .http(http);
    }

    private PublicJwk publicJwk(int version) {
        return PublicJwk.of(vault.version(version).getPublic(), ES256);
    }

    private String keyId(int version) {
        return publicJwk(version).keyId();
    }

    /**
     * Checks the type, the pieces of the message, and that nothing of the token is in the whole text of the failure.
     */
    private static void assertIllegalState(ThrowingCallable call, String... pieces) {
        assertThatThrownBy(call).isInstanceOf(IllegalStateException.class).satisfies(failure -> {
            assertThat(failure.getMessage()).contains(pieces);
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace));
            assertThat(trace.toString()).doesNotContain("MARKER");
        });
    }
}
