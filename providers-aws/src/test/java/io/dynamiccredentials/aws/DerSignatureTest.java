package io.dynamiccredentials.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DerSignatureTest {
    private static final String ORDER = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    private static final String ONE_LESS = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550";

    @Test
    void concatenated_smallestNumbers_arePadded() {
        assertThat(concatenated("3006020101020102")).isEqualTo("00".repeat(31) + "01" + "00".repeat(31) + "02");
    }

    @Test
    void concatenated_largestNumbers_loseTheirSign() {
        assertThat(concatenated("3046022100" + ONE_LESS + "022100" + ONE_LESS)).isEqualTo(ONE_LESS + ONE_LESS);
    }

    @Test
    void concatenated_numberWithItsTopBitSet_keepsItsValue() {
        assertThat(concatenated("300702020080020101")).isEqualTo("00".repeat(31) + "80" + "00".repeat(31) + "01");
    }

    @ParameterizedTest
    @CsvSource({
        "'', a tag or a length",
        "30, a tag or a length",
        "3106020101020102, a tag or a length",
        "308106020101020102, a tag or a length",
        "3080020101020102, a tag or a length",
        "3006020101020102ff, does not end with it",
        "3007020101020102, does not end with it",
        "3005020101020102, does not end with it",
        "3009020101020102020103, more than two integers",
        "3003020101, a tag or a length",
        "3006030101020102, a tag or a length",
        "3006020101020202, a wrong length",
        "30050200020102, a wrong length",
        "300702020001020102, longer than it need be",
        "3006020100020102, not between 0 and the order",
        "3006020180020102, not between 0 and the order",
        "3006020101020100, not between 0 and the order"
    })
    void concatenated_anythingElse_isRefused(String der, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> concatenated(der))
                .withMessageContaining("it is no ECDSA signature in DER")
                .withMessageContaining(message);
    }

    @Test
    void concatenated_theOrderItself_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> concatenated("3026022100" + ORDER + "020101"))
                .withMessageContaining("not between 0 and the order");
    }

    private static String concatenated(String der) {
        return HexFormat.of().formatHex(DerSignature.concatenated(HexFormat.of().parseHex(der)));
    }
}
