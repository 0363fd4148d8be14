package io.dynamiccredentials.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.MemorySigningKeyStore;
import io.dynamiccredentials.keys.RotatingSigningKeys;
import io.dynamiccredentials.keys.RotationPolicy;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.keys.StoreEncryption;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kms.KmsClient;

class KmsRotationTest {
    private static final byte[] INPUT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0".getBytes(UTF_8);
    private static final Duration HOUR = Duration.ofHours(1);

    private volatile Instant now = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void rotate_forAWeekOnTwoNodes_signsWithFourKeysThatStayThere() throws GeneralSecurityException {
        MemorySigningKeyStore store = new MemorySigningKeyStore();
        Set<String> active = new LinkedHashSet<>();
        try (KmsServer server = KmsServer.start();
                KmsClient kms = server.client();
                RotatingSigningKeys one = node(store, kms(kms));
                RotatingSigningKeys other = node(store, kms(kms))) {
            for (int hours = 0; hours < 7 * 24; hours++) {
                now = now.plus(HOUR);
                one.maintain();
                other.maintain();
                active.add(sign(one));
                active.add(sign(other));
            }
            assertThat(one.health().problems()).isEmpty();
            assertThat(active).hasSize(4);
            assertThat(server.arns()).hasSize(5);
            assertThat(server.arns().stream().filter(arn -> "PendingDeletion".equals(server.metadata(arn, "KeyState"))))
                    .hasSize(3);
        }
    }

    /** Signs, has the signature verified with what is published, and returns the id of the key. */
    private String sign(RotatingSigningKeys keys) throws GeneralSecurityException {
        SigningKey key = keys.active(now.plus(HOUR)).key();
        PublicJwk published = keys.published().find(key.publicJwk().keyId()).orElseThrow();
        Signature verifier = Signature.getInstance("SHA256withECDSAinP1363Format");
        verifier.initVerify(published.publicKey());
        verifier.update(INPUT);
        assertThat(verifier.verify(key.sign(INPUT))).isTrue();
        return published.keyId();
    }

    private RotatingSigningKeys node(MemorySigningKeyStore store, AwsKmsKeys factory) {
        InstantSource source = () -> now;
        Clock clock = source.withZone(ZoneOffset.UTC);
        return RotatingSigningKeys.builder(
                        IssuerUrl.of("https://ci.example"), store, StoreEncryption.key(Secret.of("A".repeat(43))))
                .policy(RotationPolicy.builder().period(Duration.ofDays(2)).build())
                .factory(factory)
                .assumingPublication()
                .clock(clock)
                .open();
    }

    private static AwsKmsKeys kms(KmsClient client) {
        return AwsKmsKeys.builder(client, "dynamic-credentials/ci")
                .algorithm(SigningAlgorithm.ES256)
                .build();
    }
}
