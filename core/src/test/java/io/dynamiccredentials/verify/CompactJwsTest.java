package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.fixtures.Jws;
import org.junit.jupiter.api.Test;

class CompactJwsTest {
    private static final int MOST = 16 * 1024;

    @Test
    void parse_longest_isTakenApart() {
        CompactJws token = CompactJws.parse(ofLength(MOST));

        assertThat(token.algorithm()).contains("RS256");
        assertThat(token.keyId()).isEmpty();
        assertThat(token.signature()).hasSize(3);
    }

    @Test
    void parse_oneCharacterMore_isMalformed() {
        assertThatThrownBy(() -> CompactJws.parse(ofLength(MOST + 1)))
                .isInstanceOf(TokenRejectedException.class)
                .hasMessageContaining("it has more than 16384 characters");
    }

    private static String ofLength(int length) {
        String header = Jws.encode("{\"alg\":\"RS256\"}") + ".";
        String signature = ".AAAA";
        return header + "A".repeat(length - header.length() - signature.length()) + signature;
    }
}
