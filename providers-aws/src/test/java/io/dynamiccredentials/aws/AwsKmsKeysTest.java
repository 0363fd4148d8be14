package io.dynamiccredentials.aws;

import static io.dynamiccredentials.jwk.SigningAlgorithm.ES256;
import static io.dynamiccredentials.jwk.SigningAlgorithm.RS256;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.Signer;
import io.dynamiccredentials.keys.SigningKeyFactory.Made;
import io.dynamiccredentials.testkit.contract.JdkVerifier;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.kms.KmsClient;

class AwsKmsKeysTest {
    private static final String PREFIX = "dynamic-credentials/ci";
    private static final String ALIAS = "alias/" + PREFIX + "/";
    // Longer than KMS takes as a whole message.
    private static final byte[] INPUT = ("eyJhbGciOiJFUzI1NiJ9." + "e".repeat(5000)).getBytes(UTF_8);

    private final KmsServer server = KmsServer.start();
    private final KmsClient kms = server.client();

    @AfterEach
    void stop() {
        kms.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"RSA_2048, RS256, 256", "RSA_3072, RS256, 384", "ECC_NIST_P256, ES256, 64"})
    void sign_keyInKms_verifiesInJoseForm(String spec, SigningAlgorithm algorithm, int bytes) {
        String arn = server.key(spec, ALIAS + "1");
        AwsKmsKeys keys = keys(algorithm);

        Made made = keys.create(Set.of());
        byte[] signature = keys.open(made.publicJwk(), made.reference()).sign(INPUT);

        assertThat(made.reference().reveal()).isEqualTo(arn);
        assertThat(made.publicJwk().publicKey()).isEqualTo(server.pair(arn).getPublic());
        assertThat(keys.name()).isEqualTo("aws-kms");
        assertThat(signature).hasSize(bytes);
        assertThat(JdkVerifier.verifies(made.publicJwk(), INPUT, signature)).isTrue();
    }

    @Test
    void sign_manySignatures_allHaveTheFixedLength() {
        server.key("ECC_NIST_P256", ALIAS + "1");
        AwsKmsKeys keys = keys(ES256);
        Made made = keys.create(Set.of());
        Signer signer = keys.open(made.publicJwk(), made.reference());

        // Every 128th R or S begins with a zero byte that DER leaves out.
        for (int i = 0; i < 300; i++) {
            assertThat(signer.sign(INPUT)).hasSize(64);
        }
    }

    @ParameterizedTest
    @CsvSource({"RS256, RSA_2048", "ES256, ECC_NIST_P256"})
    void create_noKey_makesOneUnderAnAlias(SigningAlgorithm algorithm, String spec) {
        Made made = keys(algorithm).create(Set.of());

        assertThat(server.calls()).containsExactly("ListAliases", "CreateKey", "CreateAlias", "GetPublicKey");
        assertThat(server.bodies("CreateKey").get(0).path("KeySpec").asText()).isEqualTo(spec);
        assertThat(server.bodies("CreateKey").get(0).path("KeyUsage").asText()).isEqualTo("SIGN_VERIFY");
        assertThat(server.arns()).containsExactly(made.reference().reveal());
        assertThat(server.aliases().keySet()).singleElement().asString().startsWith(ALIAS);
    }

    @Test
    void create_allKeysKnown_makesAnother() {
        AwsKmsKeys keys = keys(ES256);
        Made first = keys.create(Set.of());

        Made second = keys.create(Set.of(first.publicJwk().keyId()));

        assertThat(second.publicJwk().keyId()).isNotEqualTo(first.publicJwk().keyId());
        assertThat(server.arns()).hasSize(2);
    }

    @Test
    void create_afterLostRace_takesOverWhatItMade() {
        AwsKmsKeys keys = keys(ES256);
        Made lost = keys.create(Set.of());

        assertThat(keys.create(Set.of()).publicJwk().keyId())
                .isEqualTo(lost.publicJwk().keyId());
        assertThat(keys(ES256).create(Set.of()).reference().reveal())
                .isEqualTo(lost.reference().reveal());
    }

    @Test
    void create_unusedKeyOnALaterPage_takesItOver() {
        for (int i = 0; i < 4; i++) {
            server.key("ECC_NIST_P256", "alias/another/" + i);
        }
        String arn = server.key("ECC_NIST_P256", ALIAS + "1");

        assertThat(keys(ES256).create(Set.of()).reference().reveal()).isEqualTo(arn);
        assertThat(server.bodies("ListAliases")).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({
        "KeyState, Disabled",
        "KeyState, PendingDeletion",
        "KeyState, Creating",
        "KeyUsage, ENCRYPT_DECRYPT",
        "Origin, EXTERNAL",
        "KeySpec, ECC_SECG_P256K1",
        "KeySpec, RSA_2048"
    })
    void create_unfitKeyBelowThePrefix_isPassedBy(String name, String value) {
        String unfit = server.key("ECC_NIST_P256", ALIAS + "1");
        server.metadata(unfit, name, value);

        assertThat(keys(ES256).create(Set.of()).reference().reveal()).isNotEqualTo(unfit);
    }

    @ParameterizedTest
    @ValueSource(strings = {"alias/dynamic-credentials/ci2/1", "alias/dynamic-credentials/ci", "alias/x"})
    void create_keyOutsideThePrefix_isPassedBy(String alias) {
        String other = server.key("ECC_NIST_P256", alias);

        assertThat(keys(ES256).create(Set.of()).reference().reveal()).isNotEqualTo(other);
        assertThat(server.calls()).doesNotContain("DescribeKey");
    }

    @Test
    void create_aliasRefused_deletesTheKeyAgain() {
        server.answer("CreateAlias", KmsServer.error(400, "LimitExceededException", "too many"));

        assertIllegalState(
                () -> keys(ES256).create(Set.of()),
                "AWS KMS did not do the naming of key \"" + KmsServer.ARN,
                "LimitExceededException (HTTP 400, request " + Sts.REQUEST_ID + "), \"too many\"",
                "ask for a higher quota");
        assertThat(server.arns())
                .singleElement()
                .satisfies(arn -> assertThat(server.metadata(arn, "KeyState")).isEqualTo("PendingDeletion"));
    }

    @Test
    void create_aliasAndDeletionRefused_tellsBoth() {
        server.script((operation, body) -> operation.equals("CreateAlias") || operation.equals("ScheduleKeyDeletion")
                ? Optional.of(KmsServer.error(400, "AccessDeniedException", "no"))
                : Optional.empty());

        assertThatThrownBy(() -> keys(ES256).create(Set.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the naming of key")
                .satisfies(failure -> assertThat(failure.getSuppressed())
                        .singleElement()
                        .satisfies(second -> assertThat(second).hasMessageContaining("the deletion of key")));
    }

    @Test
    void create_publicKeyOfAnotherKind_fails() {
        String arn = server.key("ECC_NIST_P384", ALIAS + "1");
        server.metadata(arn, "KeySpec", "ECC_NIST_P256");

        assertIllegalState(() -> keys(ES256).create(Set.of()), "the public half of key \"" + arn, "no key for ES256");
    }

    @Test
    void create_answersOfAnotherKey_areRefused() {
        String arn = server.key("ECC_NIST_P256", ALIAS + "1");
        String other = KmsServer.ARN + "other";
        server.answer("GetPublicKey", Answer.json(200, "{\"KeyId\":\"" + other + "\",\"PublicKey\":\"AAAA\"}"));
        assertIllegalState(() -> keys(ES256).create(Set.of()), "the public half of key \"" + arn, "of another key");

        server.answer("DescribeKey", Answer.json(200, "{\"KeyMetadata\":{\"Arn\":\"" + other + "\"}}"));
        assertIllegalState(() -> keys(ES256).create(Set.of()), "the description of key", "describes another key");

        server.answer("DescribeKey", Answer.json(200, "{}"));
        assertIllegalState(() -> keys(ES256).create(Set.of()), "the description of key", "describes another key");
    }

    @ParameterizedTest
    @CsvSource({
        "KeyState, Disabled, 'its state is Disabled, expected Enabled'",
        "KeyState, PendingDeletion, 'its state is PendingDeletion, expected Enabled'",
        "KeyUsage, ENCRYPT_DECRYPT, 'its usage is ENCRYPT_DECRYPT, expected SIGN_VERIFY'",
        "Origin, EXTERNAL, 'its origin is EXTERNAL, expected AWS_KMS'",
        "KeySpec, RSA_2048, 'its spec is RSA_2048, expected one of [ECC_NIST_P256]'"
    })
    void open_unfitKey_fails(String name, String value, String message) {
        Made made = keys(ES256).create(Set.of());
        server.metadata(made.reference().reveal(), name, value);

        assertIllegalState(() -> keys(ES256).open(made.publicJwk(), made.reference()), "can't sign ES256", message);
    }

    @Test
    void open_deletedKey_fails() {
        Made made = keys(ES256).create(Set.of());

        assertIllegalState(
                () -> keys(ES256).open(made.publicJwk(), Secret.of(KmsServer.ARN + "gone")),
                "the opening of key \"" + KmsServer.ARN + "gone\"",
                "NotFoundException (HTTP 400",
                "that the key was not deleted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "alias/x", "1234", "arn:aws:s3:eu-central-1:123456789012:key/1", "transit/ci:1"})
    void openAndDiscard_referenceThatIsNoArn_fail(String reference) {
        Made made = keys(ES256).create(Set.of());

        assertIllegalState(
                () -> keys(ES256).open(made.publicJwk(), Secret.of(reference)), "A reference to a KMS key is its ARN");
        assertIllegalState(
                () -> keys(ES256).discard(made.publicJwk(), Secret.of(reference)),
                "A reference to a KMS key is its ARN");
    }

    @Test
    void sign_signatureOfAnotherKeyOrAlgorithm_isRefused() {
        Made made = keys(ES256).create(Set.of());
        Signer signer = keys(ES256).open(made.publicJwk(), made.reference());
        String body = "{\"KeyId\":\"%s\",\"Signature\":\"AAAA\",\"SigningAlgorithm\":\"%s\"}";

        server.answer("Sign", Answer.json(200, String.format(body, KmsServer.ARN + "other", "ECDSA_SHA_256")));
        assertIllegalState(() -> signer.sign(INPUT), "the signature by key", "of another key");

        String arn = made.reference().reveal();
        server.answer("Sign", Answer.json(200, String.format(body, arn, "ECDSA_SHA_384")));
        assertIllegalState(() -> signer.sign(INPUT), "its algorithm is \"ECDSA_SHA_384\", expected ECDSA_SHA_256");

        server.answer("Sign", Answer.json(200, String.format(body, arn, "ECDSA_SHA_256")));
        assertIllegalState(() -> signer.sign(INPUT), "it is no ECDSA signature in DER");

        server.answer("Sign", Answer.json(200, "{\"KeyId\":\"" + arn + "\"}"));
        assertIllegalState(() -> signer.sign(INPUT), "it is of another key or none");
    }

    @Test
    void sign_shortRsaSignature_isRefused() {
        Made made = keys(RS256).create(Set.of());
        Signer signer = keys(RS256).open(made.publicJwk(), made.reference());
        server.signatures(signature -> Arrays.copyOf(signature, 255));

        assertIllegalState(() -> signer.sign(INPUT), "it has 255 bytes, expected 256");
    }

    @Test
    void discard_key_isScheduledAndLosesItsAlias() {
        AwsKmsKeys keys = AwsKmsKeys.builder(kms, PREFIX)
                .algorithm(ES256)
                .deletionDelay(Duration.ofDays(7))
                .build();
        Made made = keys.create(Set.of());
        Made other = keys.create(Set.of(made.publicJwk().keyId()));

        keys.discard(made.publicJwk(), made.reference());

        assertThat(server.metadata(made.reference().reveal(), "KeyState")).isEqualTo("PendingDeletion");
        assertThat(server.metadata(made.reference().reveal(), "Days")).isEqualTo(7);
        assertThat(server.aliases().values())
                .containsExactly(other.reference().reveal().substring(KmsServer.ARN.length()));
        assertThat(server.metadata(other.reference().reveal(), "KeyState")).isEqualTo("Enabled");
    }

    @Test
    void discard_default_waitsThirtyDays() {
        Made made = keys(ES256).create(Set.of());

        keys(ES256).discard(made.publicJwk(), made.reference());

        assertThat(server.metadata(made.reference().reveal(), "Days")).isEqualTo(30);
    }

    @Test
    void discard_deletionUnderWay_removesOnlyTheAlias() {
        Made made = keys(ES256).create(Set.of());
        server.metadata(made.reference().reveal(), "KeyState", "PendingDeletion");

        keys(ES256).discard(made.publicJwk(), made.reference());

        assertThat(server.aliases()).isEmpty();
        assertThat(server.calls()).doesNotContain("ScheduleKeyDeletion");
    }

    @Test
    void discard_foreignAlias_stays() {
        String arn = server.key("ECC_NIST_P256", "alias/audit");
        Made made = new Made(PublicJwk.of(server.pair(arn).getPublic(), ES256), Secret.of(arn));

        keys(ES256).discard(made.publicJwk(), made.reference());

        assertThat(server.aliases()).containsKey("alias/audit");
    }

    @ParameterizedTest
    @CsvSource({
        "AccessDeniedException, 400, 'by its own policies and by the key''s'",
        "UnrecognizedClientException, 400, Check the credentials of the client",
        "ThrottlingException, 400, Try again later",
        "DisabledException, 400, Enable the key",
        "KMSInvalidStateException, 400, Check the key's state",
        "KMSInternalException, 500, The failure is on the side of KMS",
        "DependencyTimeoutException, 503, The failure is on the side of KMS",
        "SomethingNew, 400, Check that the endpoint is KMS"
    })
    void create_errorOfKms_isToldWithRemedy(String code, int status, String remedy) {
        server.answer("ListAliases", KmsServer.error(status, code, "User: marker-token is not"));

        assertIllegalState(
                () -> keys(ES256).create(Set.of()),
                "AWS KMS did not do the search for a key below \"" + ALIAS + "\": " + code + " (HTTP " + status
                        + ", request " + Sts.REQUEST_ID + "), \"User: marker-token is not\". ",
                remedy);
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>", "{\"Aliases\":", ""})
    void create_errorWithoutCode_isTold(String body) {
        server.answer("ListAliases", Answer.text(502, body));

        assertIllegalState(() -> keys(ES256).create(Set.of()), "no error code (HTTP 502)", "on the side of KMS");
    }

    @Test
    void create_answerThatEchoesAToken_isNotRepeated() {
        server.answer("ListAliases", KmsServer.error(400, "Bad", "you sent " + Sts.JWT));

        assertThatThrownBy(() -> keys(ES256).create(Set.of()))
                .hasMessageContaining("you sent [redacted]")
                .satisfies(failure -> {
                    StringWriter trace = new StringWriter();
                    failure.printStackTrace(new PrintWriter(trace));
                    assertThat(trace.toString()).doesNotContain(Sts.JWT.substring(0, 40));
                });
    }

    @Test
    void create_nobodyThere_fails() {
        URI gone;
        try (KmsServer closed = KmsServer.start()) {
            gone = closed.address();
        }
        try (KmsClient client = KmsServer.client(gone)) {
            assertIllegalState(
                    () -> AwsKmsKeys.builder(client, PREFIX).build().create(Set.of()),
                    "gave no whole answer about the search",
                    "(ConnectException)");
        }
    }

    @Test
    void create_unreadableAnswer_fails() {
        server.answer("ListAliases", Answer.json(200, "{\"Aliases\":["));

        assertIllegalState(() -> keys(ES256).create(Set.of()), "AWS KMS gave no whole answer about the search");
    }

    @Test
    void create_interrupted_failsAndKeepsTheFlag() {
        Thread.currentThread().interrupt();

        assertIllegalState(() -> keys(ES256).create(Set.of()), "The thread was interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void builder_malformedSettings_areRefused() {
        for (String prefix : List.of("", "/ci", "ci/", "a b", "a//b", "aws/x", "x".repeat(201))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> AwsKmsKeys.builder(kms, prefix))
                    .withMessageContaining("The prefix of the aliases must be");
        }
        for (SigningAlgorithm algorithm : EnumSet.complementOf(EnumSet.of(RS256, ES256))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> AwsKmsKeys.builder(kms, PREFIX).algorithm(algorithm))
                    .withMessageContaining("RS256 or ES256; it was " + algorithm.jwsName() + ". Set one of these");
        }
        for (Duration delay : List.of(
                Duration.ofDays(6), Duration.ofDays(31), Duration.ofDays(7).plusHours(1), Duration.ZERO)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> AwsKmsKeys.builder(kms, PREFIX).deletionDelay(delay))
                    .withMessageContaining("7 to 30 whole days; it was " + delay);
        }
    }

    private AwsKmsKeys keys(SigningAlgorithm algorithm) {
        return AwsKmsKeys.builder(kms, PREFIX).algorithm(algorithm).build();
    }

    /** Checks the type, the pieces of the message, and that no exception of the SDK is chained. */
    private static void assertIllegalState(ThrowingCallable call, String... pieces) {
        assertThatThrownBy(call)
                .isInstanceOf(IllegalStateException.class)
                .hasNoCause()
                .satisfies(failure -> assertThat(failure.getMessage()).contains(pieces));
    }
}
