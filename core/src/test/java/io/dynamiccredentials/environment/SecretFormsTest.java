package io.dynamiccredentials.environment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dynamiccredentials.Secret;
import java.net.URLEncoder;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretFormsTest {
    private static final String SECRET = "p/ä's <&> \"w\\ord\"+=$`!é";

    private static Set<String> forms(String secret) {
        return SecretForms.of(Secret.of(secret)).stream().map(Secret::reveal).collect(Collectors.toSet());
    }

    @Test
    void of_aSecret_beginsWithItself() {
        assertThat(SecretForms.of(Secret.of(SECRET))).first().isEqualTo(Secret.of(SECRET));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "12345", "a\nb\nc", "a b\n\n "})
    void of_nothingOfSixCharacters_isEmpty(String secret) {
        assertThat(forms(secret)).noneMatch(form -> form.length() < 6);
        assertThat(forms("12345")).isEmpty();
    }

    @Test
    void of_sixCharacters_hasTheRawForm() {
        assertThat(forms("123456")).contains("123456");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void of_base64InOtherData_hasAllThatDoesNotDependOnIt(int before) {
        for (String after : new String[] {"", "x", "yz", "abc"}) {
            for (Base64.Encoder encoder : new Base64.Encoder[] {Base64.getEncoder(), Base64.getUrlEncoder()}) {
                String data = "~".repeat(before) + SECRET + after;
                String masked = encoder.encodeToString(data.getBytes(UTF_8));
                int length = masked.length();
                for (String form : forms(SECRET)) {
                    masked = masked.replace(form, "");
                }
                // What remains is of the neighbours, and one character at each side that is of both.
                assertThat(masked.length())
                        .as("%d bytes of %d", masked.length(), length)
                        .isLessThanOrEqualTo((before * 4 + 2) / 3 + 1 + after.length() * 4 / 3 + 3);
            }
        }
    }

    @Test
    void of_linesOfBase64_haveThem() {
        String secret = "s3cr3t/+".repeat(40);
        String wrapped = Base64.getMimeEncoder(76, new byte[] {'\n'}).encodeToString(secret.getBytes(UTF_8));
        String pem = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(secret.getBytes(UTF_8));

        assertThat(forms(secret)).containsAll(wrapped.replace("=", "").lines().toList());
        assertThat(forms(secret)).containsAll(pem.replace("=", "").lines().toList());
    }

    @Test
    void of_hex_inBothCases() {
        byte[] bytes = SECRET.getBytes(UTF_8);

        assertThat(forms(SECRET))
                .contains(
                        HexFormat.of().formatHex(bytes),
                        HexFormat.of().withUpperCase().formatHex(bytes));
    }

    @Test
    void of_percentEncoding_hasThatOfFormsAndUrls() {
        assertThat(forms("a b/c~d*ä"))
                .contains(
                        URLEncoder.encode("a b/c~d*ä", UTF_8),
                        "a%20b%2Fc~d%2A%C3%A4",
                        "a%20b%2fc~d%2a%c3%a4",
                        "a%20b%2Fc~d*%C3%A4",
                        "a%20b/c~d%2A%C3%A4");
    }

    @Test
    void of_json_hasThatOfManyWriters() throws JsonProcessingException {
        String ascii = JsonMapper.builder()
                .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                .build()
                .writeValueAsString(SECRET);
        String plain = new JsonMapper().writeValueAsString(SECRET);

        assertThat(forms(SECRET)).contains(plain.substring(1, plain.length() - 1));
        assertThat(forms(SECRET)).contains(ascii.substring(1, ascii.length() - 1));
        assertThat(forms("a/b<c>d&e'f"))
                .contains("a\\/b<c>d&e'f", "a/b\\u003cc\\u003ed\\u0026e'f", "a/b\\u003Cc\\u003Ed\\u0026e\\u0027f");
        assertThat(forms("bell\u0007\u2028end")).contains("bell\\u0007\\u2028end", "bell\\u0007\u2028end");
    }

    @Test
    void of_xml_hasTextAndAttributes() {
        assertThat(forms("a<b>&'c\""))
                .contains("a&lt;b&gt;&amp;'c\"", "a&lt;b&gt;&amp;&apos;c&quot;", "a&lt;b&gt;&amp;&#39;c&#34;");
        assertThat(forms("key1\nkey2")).contains("key1&#xA;key2");
    }

    @Test
    void of_shells_haveTheirQuoting() {
        assertThat(forms("it's $HOME \"\\`"))
                .contains("it'\\''s $HOME \"\\`", "it'\"'\"'s $HOME \"\\`", "it's \\$HOME \\\"\\\\\\`")
                .contains("it\\'s\\ \\$HOME\\ \\\"\\\\\\`", "it''s $HOME \"\\`");
    }

    @Test
    void of_severalLines_hasEachAndItsJson() {
        Set<String> forms = forms("  first \"line\"\r\nsecond line  \nx\n");

        assertThat(forms).contains("first \"line\"", "first \\\"line\\\"", "second line", "second line  ");
        assertThat(forms).doesNotContain("x");
    }

    @Test
    void of_aTrailingLineEnd_hasAllFormsWithoutIt() {
        assertThat(forms("a/secret\n")).contains("a/secret", "a%2Fsecret", "612f736563726574");
    }

    @Test
    void of_pem_leavesItsFrame() {
        Set<String> forms = forms("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n");

        assertThat(forms).contains("MIIEvQIBADANBg").doesNotContain("-----BEGIN PRIVATE KEY-----");
    }
}
