package io.dynamiccredentials.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.wire.StrictJson;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FederatedIdentityCredentialTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example");
    private static final IssuerUrl GITHUB = IssuerUrl.of("https://token.actions.githubusercontent.com");
    private static final String AUDIENCE = "api://AzureADTokenExchange";

    @Test
    void exact_hasTheParts() {
        FederatedIdentityCredential credential = credential("repo:acme", AUDIENCE);

        assertThat(credential.name()).isEqualTo("ci-1");
        assertThat(credential.issuer()).isEqualTo(ISSUER);
        assertThat(credential.subject()).hasValue("repo:acme");
        assertThat(credential.audience()).isEqualTo(AUDIENCE);
        assertThat(credential.claimsMatchingExpression()).isEmpty();
        assertThat(credential)
                .hasToString("FederatedIdentityCredential[ci-1, issuer=https://ci.example, subject=repo:acme, audience="
                        + AUDIENCE + "]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "repo:*", "repo:?", " repo:x", "repo:x "})
    void exact_badSubject_isRefused(String subject) {
        assertThatThrownBy(() -> credential(subject, AUDIENCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("subject")
                .hasMessageContaining("\"" + subject + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "api://x "})
    void new_badAudience_isRefused(String audience) {
        assertThatThrownBy(() -> credential("s", audience))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("audience");
        assertThatThrownBy(() -> flexible(ISSUER, "claims['sub'] eq 'a'", audience))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("audience");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ab", "-abc", "a b c", "a.b.c"})
    void new_badName_isRefused(String name) {
        assertThatThrownBy(() -> FederatedIdentityCredential.exact(name, ISSUER, "s", AUDIENCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("name")
                .hasMessageContaining("\"" + name + "\"");
    }

    @Test
    void new_lengthsAtTheLimit_areTakenAndOneMoreIsRefused() {
        assertThatCode(() ->
                        FederatedIdentityCredential.exact("n".repeat(120), ISSUER, "s".repeat(600), "a".repeat(600)))
                .doesNotThrowAnyException();
        assertThatCode(() -> FederatedIdentityCredential.exact("abc", ISSUER, "s", "a"))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> FederatedIdentityCredential.exact("n".repeat(121), ISSUER, "s", "a"))
                .hasMessageContaining("3 to 120");
        assertThatThrownBy(() -> credential("s".repeat(601), "a")).hasMessageContaining("1 to 600");
        assertThatThrownBy(() -> credential("s", "a".repeat(601))).hasMessageContaining("1 to 600");
        assertThatThrownBy(() -> FederatedIdentityCredential.exact(
                        "abc", IssuerUrl.of("https://ci.example/" + "x".repeat(600)), "s", "a"))
                .hasMessageContaining("issuer");
    }

    @Test
    void flexible_hasAnExpressionAndNoSubject() {
        FederatedIdentityCredential credential = flexible(ISSUER, "claims['sub'] matches 'repo:acme/*'", AUDIENCE);

        assertThat(credential.subject()).isEmpty();
        assertThat(credential.claimsMatchingExpression()).hasValue("claims['sub'] matches 'repo:acme/*'");
    }

    @Test
    void flexible_expression_mayHave600Characters() {
        String longest = "claims['sub'] eq '" + "x".repeat(600 - 19) + "'";
        assertThatCode(() -> flexible(ISSUER, longest, AUDIENCE)).doesNotThrowAnyException();
        assertThatThrownBy(() -> flexible(ISSUER, longest.replace("xx", "xxx"), AUDIENCE))
                .hasMessageContaining("1 to 600");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "claims['sub'] matches 'a' or claims['sub'] matches 'b'",
                "claims['sub']  matches 'a'",
                "claims['sub'] matches  'a'",
                "claims[\"sub\"] matches 'a'",
                "claims.sub matches 'a'",
                "claims['sub'] ne 'a'",
                "claims['sub'] eq ''",
                "claims['sub'] eq 'it''s'",
                "claims['sub'] eq 'a' and",
                "claims['sub'] eq 'a'  and claims['sub'] eq 'b'",
                "claims['sub'] eq 'a' andclaims['sub'] eq 'b'",
                "claims['sub'] eq 'a'.",
                "sub eq 'a'"
            })
    void flexible_malformedExpression_isRefused(String expression) {
        assertThatThrownBy(() -> flexible(ISSUER, expression, AUDIENCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was \"" + expression + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "**", "?*", "????"})
    void flexible_patternForEverybody_isRefused(String pattern) {
        assertThatThrownBy(() -> flexible(ISSUER, "claims['sub'] matches '" + pattern + "'", AUDIENCE))
                .hasMessageContaining("must not match every workload");
    }

    @Test
    void flexible_claimThatEntraDoesNotKnowThere_isRefused() {
        String workflow = "claims['job_workflow_ref'] matches 'acme/*'";
        assertThatCode(() -> flexible(GITHUB, workflow, AUDIENCE)).doesNotThrowAnyException();
        assertThatThrownBy(() -> flexible(ISSUER, workflow, AUDIENCE)).hasMessageContaining("[sub]");
        assertThatThrownBy(() -> flexible(GITHUB, "claims['actor'] eq 'a'", AUDIENCE))
                .hasMessageContaining("job_workflow_ref");
    }

    @ParameterizedTest
    @CsvSource({
        "claims['sub'] eq 'repo:acme/shop',repo:acme/shop,true",
        "claims['sub'] eq 'repo:acme/*',repo:acme/shop,false",
        "claims['sub'] eq 'repo:acme/*',repo:acme/*,true",
        "claims['sub'] matches 'repo:acme/*',repo:acme/shop,true",
        "claims['sub'] matches 'repo:acme/*',repo:acme/,true",
        "claims['sub'] matches 'repo:acme/*',repo:Acme/shop,false",
        "claims['sub'] matches 'repo:acme/*',x:repo:acme/,false",
        "claims['sub'] matches 'main-????',main-1234,true",
        "claims['sub'] matches 'main-????',main-123,false",
        "claims['sub'] matches 'a*' and claims['sub'] matches '*z',abz,true",
        "claims['sub'] matches 'a*' and claims['sub'] matches '*z',abc,false",
        "claims['sub'] matches 'a*' and claims['sub'] matches '*z',bcz,false",
        "claims['sub'] matches '*' and claims['sub'] matches 'a*',b,false"
    })
    void permitsSubject_flexible_comparesAsTheLanguageSays(String expression, String subject, boolean permitted) {
        JsonNode claims = StrictJson.parseObject(StrictJson.write(Map.of("sub", subject)));
        assertThat(flexible(ISSUER, expression, AUDIENCE).permitsSubject(claims))
                .isEqualTo(permitted);
    }

    @Test
    void permitsSubject_claimIsNoText_isRefused() {
        JsonNode claims = StrictJson.parseObject("{\"sub\":5}");
        assertThat(flexible(ISSUER, "claims['sub'] eq '5'", AUDIENCE).permitsSubject(claims))
                .isFalse();
        assertThat(credential("5", AUDIENCE).permitsSubject(claims)).isFalse();
        assertThat(credential("5", AUDIENCE).permitsSubject(StrictJson.parseObject("{}")))
                .isFalse();
    }

    private static FederatedIdentityCredential credential(String subject, String audience) {
        return FederatedIdentityCredential.exact("ci-1", ISSUER, subject, audience);
    }

    private static FederatedIdentityCredential flexible(IssuerUrl issuer, String expression, String audience) {
        return FederatedIdentityCredential.flexible("ci-1", issuer, expression, audience);
    }
}
