package io.dynamiccredentials.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {

    @Test
    void parseObject_object_isRead() {
        assertThat(StrictJson.parseObject("{\"a\":{\"b\":1}}")
                        .path("a")
                        .path("b")
                        .intValue())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[]",
                "1",
                "null",
                "{",
                "{\"marker\":1,\"marker\":2}",
                "{\"marker\":1,\"\\u006darker\":2}",
                "{\"marker\":1,}",
                "{\"marker\":1}{}",
                "{\"marker\":1} x",
                "{marker:1}",
                "{\"marker\":NaN}",
                "{\"marker\":01}",
                "{\"marker\":'x'}",
                "<marker/>"
            })
    void parseObject_anythingElse_isRefusedWithoutRepeatingIt(String text) {
        assertThatThrownBy(() -> StrictJson.parseObject(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("marker")
                .hasNoCause();
    }

    @Test
    void parseObject_deepNesting_isRefused() {
        String deep = "{\"a\":".repeat(17) + "1" + "}".repeat(17);

        assertThatThrownBy(() -> StrictJson.parseObject(deep)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void parseObject_hugeNumber_isRefused() {
        assertThatThrownBy(() -> StrictJson.parseObject("{\"exp\":" + "9".repeat(33) + "}"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void text_onlyNonEmptyStrings() {
        var node = StrictJson.parseObject("{\"s\":\"x\",\"e\":\"\",\"n\":1,\"z\":null}");

        assertThat(StrictJson.text(node, "s")).contains("x");
        assertThat(StrictJson.text(node, "e")).isEmpty();
        assertThat(StrictJson.text(node, "n")).isEmpty();
        assertThat(StrictJson.text(node, "z")).isEmpty();
        assertThat(StrictJson.text(node, "absent")).isEmpty();
    }

    @Test
    void write_keepsTheOrderAndEscapes() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("b", "x\"y");
        members.put("a", 1);

        assertThat(StrictJson.write(members)).isEqualTo("{\"b\":\"x\\\"y\",\"a\":1}");
    }

    @Test
    void parseObject_longName_isRefused() {
        assertThat(StrictJson.parseObject("{\"" + "n".repeat(1024) + "\":1}")).hasSize(1);
        assertThatThrownBy(() -> StrictJson.parseObject("{\"" + "n".repeat(1025) + "\":1}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("nnn");
    }
}
