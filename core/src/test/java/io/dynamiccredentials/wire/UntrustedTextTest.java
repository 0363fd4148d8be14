package io.dynamiccredentials.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UntrustedTextTest {

    @Test
    void quote_plainText_isQuoted() {
        assertThat(UntrustedText.quote("no such role")).isEqualTo("\"no such role\"");
    }

    @Test
    void quote_longText_isCutAt80() {
        assertThat(UntrustedText.quote("word ".repeat(30))).hasSize(80 + 3).endsWith("…\"");
    }

    @Test
    void clean_controlsAndQuotes_areEscaped() {
        assertThat(UntrustedText.clean("a\"b\\c\r\nd\u001b[31m\u202e")).isEqualTo("a\\\"b\\\\c  d\\u001b[31m\\u202e");
    }

    @Test
    void clean_lineBreaksOfAnyKind_areGone() {
        assertThat(UntrustedText.clean("a\u2028b\u2029c\u0085d\u000be")).isEqualTo("a\\u2028b\\u2029c\\u0085d\\u000be");
    }

    @Test
    void cleanPage_page_isShown() {
        assertThat(UntrustedText.cleanPage(" <html>Blocked\n</html>")).isEqualTo(" <html>Blocked </html>");
        assertThat(UntrustedText.cleanPage("")).isEmpty();
    }

    @Test
    void cleanPage_restOfAnAnswer_isNotShown() {
        // The end of a token that was cut has neither the length nor the beginning by which one is known.
        assertThat(UntrustedText.cleanPage("h7Gk2LqVt9\",\"accessor\":\"a\"}}")).isEqualTo("28 characters");
    }

    @Test
    void quoteName_longName_isCutAt255Characters() {
        assertThat(UntrustedText.quoteName("word ".repeat(60))).hasSize(255 + 3).endsWith("…\"");
        assertThat(UntrustedText.quoteName("word ".repeat(51))).hasSize(255 + 2);
    }

    @Test
    void quoteName_longRun_staysUnlessItIsACredential() {
        assertThat(UntrustedText.quoteName("commit:" + "0123456789".repeat(4))).contains("0123456789".repeat(4));
        assertThat(UntrustedText.quoteName("x eyJhbGciOiJub25lIn0.e30. y")).isEqualTo("\"x [redacted] y\"");
        assertThat(UntrustedText.quoteName("a\n\"b")).isEqualTo("\"a \\\"b\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "2026-03_key",
                // Of 43 characters, as a thumbprint; of 64, as SHA-256 in hexadecimal.
                "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
            })
    void quoteId_noLongerThanAThumbprint_stays(String keyId) {
        assertThat(UntrustedText.cleanId(keyId)).isEqualTo(keyId);
        assertThat(UntrustedText.quoteId(keyId)).isEqualTo('"' + keyId + '"');
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // One character more than a thumbprint, or its padding; of 65, of 63, and not all hexadecimal in small
                // letters.
                "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs0",
                "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs=",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeF",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg"
            })
    void quoteId_longerThanAThumbprint_isRedacted(String keyId) {
        assertThat(UntrustedText.cleanId(keyId)).isEqualTo("[redacted]");
        assertThat(UntrustedText.quoteId(keyId)).isEqualTo("\"[redacted]\"");
    }

    static Stream<Arguments> unusual() {
        return Stream.of(
                Arguments.of("key\n", "key "),
                Arguments.of("\nkey", " key"),
                Arguments.of("a\r\nWARN b", "a  WARN b"),
                Arguments.of("a\tb", "a b"),
                Arguments.of("a\u0000b", "a\\u0000b"),
                Arguments.of("a\u001b[2Jb", "a\\u001b[2Jb"),
                Arguments.of("a\u007fb", "a\\u007fb"),
                Arguments.of("a\u0085b", "a\\u0085b"),
                Arguments.of("a\u2028b", "a\\u2028b"),
                Arguments.of("a\u202eb", "a\\u202eb"),
                Arguments.of("a\"b", "a\\\"b"),
                Arguments.of("a\\b", "a\\\\b"),
                Arguments.of("eyJhbGciOiJub25lIn0.e30.", "[redacted]"));
    }

    @ParameterizedTest
    @MethodSource("unusual")
    void quoteId_otherCharactersThanAnIdHas_areEscaped(String keyId, String shown) {
        assertThat(UntrustedText.cleanId(keyId)).isEqualTo(shown);
        assertThat(UntrustedText.quoteId(keyId)).isEqualTo('"' + shown + '"');
    }

    @Test
    void quoteId_thumbprintBeforeALineBreak_isRedacted() {
        assertThat(UntrustedText.quoteId("x".repeat(43) + "\n")).isEqualTo("\"[redacted] \"");
        assertThat(UntrustedText.quoteId("")).isEqualTo("\"\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "eyJhbGciOiJub25lIn0.e30.",
                "hvs.CAESIJlYoQZQqIWJrUzqYtqk",
                "s.1234567890abcdefghijklmn",
                "ya29.a0AfH6SMBx",
                "ASIAIOSFODNN7EXAMPLE",
                "AKIAIOSFODNN7EXAMPLE",
                "FwoGZXIvYXdzEBYaDHqa0AP1234567890abcdefghijklmnop"
            })
    void clean_credentialShape_isRedacted(String credential) {
        assertThat(UntrustedText.clean("got " + credential + " here"))
                .startsWith("got [redacted]")
                .doesNotContain(credential);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arn:aws:iam::123456789012:role/deploy",
                "organization:acme:project:shop:workspace:prod:run_phase:plan",
                "deployer@my-project.iam.gserviceaccount.com",
                "AADSTS700213",
                "6f1b2c9e-2b7e-4a55-9a5e-0d3c6a4f9f10"
            })
    void clean_namesThatHelp_stay(String name) {
        assertThat(UntrustedText.clean(name)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\n", "a\r", "\u0000", "a\u007f", "ä"})
    void isVisibleAscii_anythingElse_isNot(String text) {
        assertThat(UntrustedText.isVisibleAscii(text)).isFalse();
        assertThat(UntrustedText.isVisibleAscii("!~hvs.x")).isTrue();
    }

    @Test
    void isName_upToTheLength_withoutControlCharacters() {
        assertThat(UntrustedText.isName("a", 1)).isTrue();
        assertThat(UntrustedText.isName("ab", 2)).isTrue();
        assertThat(UntrustedText.isName("abc", 2)).isFalse();
        assertThat(UntrustedText.isName("", 2)).isFalse();
        assertThat(UntrustedText.isName("a\u0000", 2)).isFalse();
        assertThat(UntrustedText.isName("\u007f", 2)).isFalse();
    }
}
