package io.dynamiccredentials.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.wire.StrictJson;
import java.time.Instant;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules for claims by themselves, where no request is needed to tell them. */
class StsClaimsTest {
    private static final Set<String> CLIENTS = Set.of("a", "b");
    private static final Instant NOW = Instant.ofEpochSecond(1_000_000);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'aud':'a'|a",
                "'aud':['b']|b",
                "'aud':'other','azp':'a'|a",
                "'aud':['a','b'],'azp':'b'|b",
                "'aud':['x','y'],'azp':'b'|b"
            })
    void audience_ofAClient_isThatAudience(String claims, String audience) {
        assertThat(of(claims).audience(CLIENTS)).isEqualTo(audience);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'aud':'c'|Incorrect token audience",
                "'aud':'A'|Incorrect token audience",
                "'aud':['c']|Incorrect token audience",
                "'aud':''|could not be validated",
                "'aud':['']|could not be validated",
                "'aud':1|could not be validated",
                "'aud':null|could not be validated",
                "'aud':[null]|could not be validated",
                "'aud':[['a']]|could not be validated",
                "'aud':{'a':'a'}|could not be validated",
                "'aud':[]|Claim is not allowed to be empty: aud",
                "'aud':[],'azp':'a'|Claim is not allowed to be empty: aud",
                "'aud':['a','a']|more than one audience",
                "'aud':'a','azp':'c'|could not be validated",
                "'aud':'a','azp':''|could not be validated",
                "'aud':'a','azp':null|could not be validated",
                "'aud':'a','azp':['a']|could not be validated"
            })
    void audience_ofNoClient_isRefused(String claims, String message) {
        assertRefused(() -> of(claims).audience(CLIENTS), 400, "InvalidIdentityToken", message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'exp':999701,'iat':1000000",
                "'exp':'1000001','iat':'1000000','nbf':'1000300'",
                "'exp':1000001,'iat':1000300",
                "'exp':1000001,'iat':913600",
                "'exp':1000001,'iat':1000000,'nbf':-1"
            })
    void times_withinLeeway_areGood(String claims) {
        of(claims).requireTimes(NOW);

        assertThat(of(claims).json().has("exp")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'exp':999700,'iat':1|ExpiredTokenException|Token expired: current date/time 999700",
                "'exp':1000001,'iat':1000301|InvalidIdentityToken|Token issued in the future: 1000301",
                "'exp':1000001,'iat':1,'nbf':1000301|InvalidIdentityToken|Token not yet valid: current date/time 1000300",
                "'exp':1000001,'iat':913599|ExpiredTokenException|Token too old: 86401",
                "'exp':1000001.0,'iat':1|InvalidIdentityToken|Invalid timestamp in token claims.",
                "'exp':1e6,'iat':1|InvalidIdentityToken|Invalid timestamp in token claims.",
                "'exp':'1000001 ','iat':1|InvalidIdentityToken|Invalid timestamp in token claims.",
                "'exp':'','iat':1|InvalidIdentityToken|Invalid timestamp in token claims.",
                "'exp':[1000001],'iat':1|InvalidIdentityToken|Invalid timestamp in token claims.",
                "'exp':9999999999999999999,'iat':1|InvalidIdentityToken|Invalid timestamp in token claims.",
                "'exp':1000001,'iat':null|InvalidIdentityToken|Invalid timestamp in token claims.",
                "'exp':1000001,'iat':true|InvalidIdentityToken|Invalid timestamp in token claims.",
                "'exp':1000001,'iat':1000000,'nbf':null|InvalidIdentityToken|Invalid timestamp in token claims.",
                "'iat':1|InvalidIdentityToken|Invalid timestamp in token claims."
            })
    void times_beyondLeeway_areRefused(String claims, String code, String message) {
        assertRefused(() -> of(claims).requireTimes(NOW), 400, code, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"'x'|x", "''|``", "123|123", "1.5|1.5"})
    void subject_ofTextOrNumber_isItsText(String subject, String text) {
        assertThat(of("'sub':" + subject).subject()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "true", "['x']", "{}"})
    void subject_ofAnythingElse_breaksSts(String subject) {
        assertRefused(
                () -> of("'sub':" + subject).subject(),
                500,
                "InternalFailure",
                "Unknown error validating third-party token");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "1", "['https://ci.example']"})
    void issuer_ofNoText_isNobody(String issuer) {
        assertThat(of("'iss':" + issuer).issuer()).isEmpty();
    }

    @Test
    void requireAll_ofNull_isThere() {
        of("'sub':null,'aud':null,'exp':null,'iat':null").requireAll();

        assertRefused(
                () -> of("'sub':null,'aud':null,'exp':null").requireAll(),
                400,
                "InvalidIdentityToken",
                "Missing a required claim: iat");
    }

    @Test
    void issuer_absent_isRefused() {
        assertRefused(() -> of("'sub':'x'").issuer(), 400, "InvalidIdentityToken", "Missing a required claim: iss");
    }

    @Test
    void sourceIdentity_ofItsForm_isTaken() {
        assertThat(of("'https://aws.amazon.com/source_identity':'me'").sourceIdentity())
                .hasValue("me");
        assertThat(of("'sub':'x'").sourceIdentity()).isEmpty();
        for (String bad : new String[] {"'x'", "1234", "null"}) {
            assertRefused(
                    () -> of("'https://aws.amazon.com/source_identity':" + bad).sourceIdentity(),
                    400,
                    "InvalidIdentityToken",
                    "Source identity passed in claim");
        }
    }

    @Test
    void tags_ofKnownClaimsOnly_areTaken() {
        String flat = "'https://aws.amazon.com/tags/principal_tags/Team':'x'";

        assertThat(of(flat + ",'https://aws.amazon.com/source_identity':'me','other':1")
                        .tags()
                        .all())
                .containsOnlyKeys("Team");
        assertRefused(
                () -> of(flat + ",'https://aws.amazon.com/other':'x'").tags(),
                400,
                "InvalidIdentityToken",
                "could not be validated");
    }

    @Test
    void tokenId_isItsOwnOrNone() {
        assertThat(of("'jti':'t'").tokenId()).isEqualTo("t");
        assertThat(of("'sub':'x'").tokenId()).isEmpty();
    }

    private static StsClaims of(String members) {
        return new StsClaims(StrictJson.parseObject("{" + members.replace('\'', '"') + "}"));
    }

    private static void assertRefused(ThrowingCallable call, int status, String code, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(StsRefusedException.class, e -> {
                    assertThat(e.status()).isEqualTo(status);
                    assertThat(e.code()).isEqualTo(code);
                })
                .hasMessageContaining(message);
    }
}
