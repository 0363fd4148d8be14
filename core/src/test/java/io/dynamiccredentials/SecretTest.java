package io.dynamiccredentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;

class SecretTest {
    private final Secret secret = Secret.of("hunter2hunter2");

    @Test
    void toString_anySecret_isTheSameText() {
        assertThat(secret).hasToString("[redacted]");
        assertThat("" + new Holder(secret)).isEqualTo("Holder[secret=[redacted]]");
    }

    @Test
    void reveal_givesTheText() {
        assertThat(secret.reveal()).isEqualTo("hunter2hunter2");
    }

    @Test
    void hasText_emptySecret_hasNone() {
        assertThat(Secret.of("").hasText()).isFalse();
        assertThat(secret.hasText()).isTrue();
        assertThat(Secret.of("")).hasToString("[redacted]");
    }

    @Test
    void equals_comparesTexts() {
        assertThat(secret)
                .isEqualTo(Secret.of("hunter2hunter2"))
                .isNotEqualTo(Secret.of("hunter2hunter3"))
                .isNotEqualTo("hunter2hunter2");
    }

    @Test
    void hashCode_tellsNothing() {
        assertThat(secret.hashCode()).isEqualTo(Secret.of("other").hashCode());
    }

    @Test
    void fingerprint_isTheStartOfTheHash() {
        // The first 32 bits of SHA-256("abc"), FIPS 180-2, appendix B.1.
        assertThat(Secret.of("abc").fingerprint()).isEqualTo("ba7816bf");
    }

    @Test
    void serialization_fails() throws Exception {
        try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
            assertThatThrownBy(() -> out.writeObject(secret)).isInstanceOf(NotSerializableException.class);
        }
    }

    @Test
    void jsonMapping_fails() {
        assertThatThrownBy(() -> new ObjectMapper().writeValueAsString(secret))
                .isInstanceOf(InvalidDefinitionException.class);
    }

    private record Holder(Secret secret) {}
}
