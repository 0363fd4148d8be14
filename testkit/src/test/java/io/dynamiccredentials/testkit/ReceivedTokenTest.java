package io.dynamiccredentials.testkit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceivedTokenTest {
    private static final String CLAIMS = encoded("{\"iss\":\"https://ci.example\"}");

    @Test
    void parse_formOfAJwt_readsHeaderAndClaims() {
        String jwt = encoded("{\"alg\":\"none\"}") + "." + CLAIMS + ".";

        assertThat(ReceivedToken.parse(jwt).map(ReceivedToken::header))
                .hasValueSatisfying(
                        header -> assertThat(header.path("alg").asText()).isEqualTo("none"));
        assertThat(ReceivedToken.parse(jwt).map(ReceivedToken::claims))
                .hasValueSatisfying(
                        claims -> assertThat(claims.path("iss").asText()).isEqualTo("https://ci.example"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "e30", // one part
                "e30.e30", // two
                "e30.e30.e30.e30", // four
                "!.!.e30", // no Base64
                "W10.W10.e30", // []
                "eyJhIjox.eyJhIjox.e30", // {"a":1
                "eyJhIjoxLCJhIjoyfQ.eyJhIjoxLCJhIjoyfQ.e30" // {"a":1,"a":2}
            })
    void parse_anythingElse_isEmpty(String jwt) {
        assertThat(ReceivedToken.parse(jwt).map(ReceivedToken::header)).isEmpty();
        assertThat(ReceivedToken.parse(jwt).map(ReceivedToken::claims)).isEmpty();
    }

    @Test
    void tokens_areTakenApartInOnePlace() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(ReceivedToken.class.getName())
                .should()
                .callMethod(Base64.class, "getUrlDecoder")
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("io.dynamiccredentials.testkit"));
    }

    private static String encoded(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(UTF_8));
    }
}
