package io.dynamiccredentials.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Base64UrlTest {
    @Test
    void decode_canonical_isDecoded() {
        assertThat(Base64Url.decode("")).isEmpty();
        assertThat(Base64Url.decode("_w")).containsExactly(0xff);
        assertThat(Base64Url.decode("-_8")).containsExactly(0xfb, 0xff);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"_w==", "_w=", "_x", "/w", "+_8", "_", "_w\n", " _w", "_w ", "_\r\nw", "_?", "_w.", "=", "ä"})
    void decode_anyOtherSpelling_isRefused(String text) {
        assertThatThrownBy(() -> Base64Url.decode(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("not in canonical base64url")
                .hasNoCause();
    }
}
