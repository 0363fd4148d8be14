package io.dynamiccredentials.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RingCodecTest {
    private static final Instant AT = ManualClock.START.plusNanos(123_456_000);

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void read_whatWasWritten_isTheSame(SigningAlgorithm algorithm) {
        KeyRing ring = ring(algorithm);

        KeyRing read = RingCodec.read(12, RingCodec.write(ring));

        assertThat(read).usingRecursiveComparison().ignoringFields("keys").isEqualTo(ring);
        assertThat(read.keys()).hasSameSizeAs(ring.keys());
        for (int i = 0; i < ring.keys().size(); i++) {
            assertThat(read.keys().get(i))
                    .usingRecursiveComparison()
                    .ignoringFields("publicJwk")
                    .isEqualTo(ring.keys().get(i));
            assertThat(read.keys().get(i).publicJwk().members())
                    .isEqualTo(ring.keys().get(i).publicJwk().members());
        }
    }

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void read_localKey_signsAsBefore(SigningAlgorithm algorithm) {
        RingKey active = RingCodec.read(12, RingCodec.write(ring(algorithm))).active();

        SigningKey opened = new ProvingKeyOpener(List.of(SigningKeyFactory.local(SigningAlgorithm.RS256))).open(active);

        assertThat(opened.publicJwk().algorithm()).isEqualTo(algorithm);
        opened.requireFit();
    }

    @Test
    void toString_ofARing_showsNoPrivateKey() {
        KeyRing ring = ring(SigningAlgorithm.ES256);

        assertThat(ring.toString())
                .contains("[redacted]")
                .doesNotContain(ring.active().reference().reveal());
        assertThat(RingCodec.write(ring).toString()).isEqualTo("[redacted]");
    }

    @Test
    void read_newerFormat_saysWhichOneIsKnown() {
        assertThatThrownBy(() -> RingCodec.read(12, Secret.of("{\"format\":2,\"keys\":[]}")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("The key store has format 2; this version of the library reads format 1. "
                        + "Use the version that wrote it");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"format\":1}",
                "{\"format\":1,\"markedAt\":\"2026-03-01T12:00:00Z\",\"keys\":[]}",
                "{\"format\":1,\"markedAt\":\"yesterday\",\"keys\":[]}",
                "{\"format\":1,\"markedAt\":\"2026-03-01T12:00:00Z\",\"keys\":[{\"reference\":\"s3cret\"}]}"
            })
    void read_noKeyRing_isRefusedWithoutQuotingIt(String text) {
        assertThatThrownBy(() -> RingCodec.read(12, Secret.of(text)))
                .isInstanceOf(IllegalStateException.class)
                .hasNoCause()
                .hasMessageContaining("Version 12 of the key store is no key ring")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void read_keyUnderAnothersId_isRefused() {
        KeyRing ring = ring(SigningAlgorithm.ES256);
        String text = RingCodec.write(ring).reveal();
        String swapped =
                text.replace(ring.active().keyId(), ring.next().orElseThrow().keyId());

        assertThatThrownBy(() -> RingCodec.read(12, Secret.of(swapped)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is no key ring");
    }

    private static KeyRing ring(SigningAlgorithm algorithm) {
        SigningKeyFactory factory = SigningKeyFactory.local(algorithm);
        Tally tally = new Tally(Map.of(490_000L, 3L));
        RingKey active = RingKey.next(factory.create(Set.of()), "local", AT)
                .in(KeyState.ACTIVE, AT)
                .seen(Optional.of(AT))
                .signing(AT.plusSeconds(3600))
                .counting(tally);
        RingKey next = RingKey.next(factory.create(Set.of()), "local", AT.plusSeconds(1));
        return new KeyRing(12, List.of(active, next), List.of("gone-1", "gone-2"), AT);
    }
}
