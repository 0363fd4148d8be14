package io.dynamiccredentials.vault;

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

class TransitRotationTest {
    private static final byte[] INPUT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0".getBytes(UTF_8);
    private static final Duration HOUR = Duration.ofHours(1);

    private volatile Instant now = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void rotate_forAWeekOnTwoNodes_signsWithFourKeysThatStayThere() throws GeneralSecurityException {
        MemorySigningKeyStore store = new MemorySigningKeyStore();
        Set<String> active = new LinkedHashSet<>();
        try (TransitServer vault = TransitServer.start().key("ecdsa-p256");
                RotatingSigningKeys one = node(store, transit(vault));
                RotatingSigningKeys other = node(store, transit(vault))) {
            for (int hours = 0; hours < 7 * 24; hours++) {
                now = now.plus(HOUR);
                one.maintain();
                other.maintain();
                active.add(sign(one));
                active.add(sign(other));
            }
            assertThat(one.health().problems()).isEmpty();
            assertThat(active).hasSize(4);
            // One version for each key of the ring that was ever needed, and the old ones can sign no more.
            assertThat(vault.latestVersion()).isEqualTo(5);
            assertThat(vault.minEncryptionVersion()).isEqualTo(4);
            assertThat(vault.calls()).noneMatch(call -> call.contains("export") || call.contains("backup"));
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

    private RotatingSigningKeys node(MemorySigningKeyStore store, VaultTransitKeys factory) {
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

    private static VaultTransitKeys transit(TransitServer vault) {
        return VaultTransitKeys.builder(vault.address(), "ci", () -> Secret.of(TransitServer.TOKEN))
                .algorithm(SigningAlgorithm.ES256)
                .build();
    }
}
