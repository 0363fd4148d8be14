package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerifiedTokenTest {

    @Test
    void claims_eachType_isReadAsThatTypeAlone() {
        VerifiedToken token = SomeToken.with("\"t\":\"1\",\"f\":true,\"i\":1,\"l\":[\"a\",\"b\"],\"o\":{\"t\":\"in\"}");

        assertThat(token.text("t")).contains("1");
        assertThat(token.flag("f")).contains(true);
        assertThat(token.integer("i")).contains(1L);
        assertThat(token.texts("l")).contains(List.of("a", "b"));
        for (String name : List.of("f", "i", "l", "o", "none")) {
            assertThat(token.text(name)).as(name).isEmpty();
        }
        for (String name : List.of("t", "i", "l", "o", "none")) {
            assertThat(token.flag(name)).as(name).isEmpty();
        }
        for (String name : List.of("t", "f", "l", "o", "none")) {
            assertThat(token.integer(name)).as(name).isEmpty();
        }
        for (String name : List.of("t", "f", "i", "o", "none")) {
            assertThat(token.texts(name)).as(name).isEmpty();
        }
    }

    @Test
    void texts_emptyOrMixed_isEmptyListOrAbsent() {
        VerifiedToken token =
                SomeToken.with("\"e\":[],\"m\":[\"a\",1],\"n\":[\"a\",null],\"o\":{\"x\":\"a\"},\"p\":{}");

        assertThat(token.texts("e")).contains(List.of());
        assertThat(token.texts("m")).isEmpty();
        assertThat(token.texts("n")).isEmpty();
        assertThat(token.texts("o")).isEmpty();
        assertThat(token.texts("p")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "1e0", "1.5", "9223372036854775808", "\"1\""})
    void integer_anythingButAWholeNumberOfALong_isAbsent(String number) {
        assertThat(SomeToken.with("\"i\":" + number).integer("i")).isEmpty();
        assertThat(SomeToken.with("\"i\":9223372036854775807").integer("i")).contains(Long.MAX_VALUE);
    }

    @Test
    void path_nested_isFollowedThroughObjectsOnly() {
        VerifiedToken token = SomeToken.with(
                "\"kubernetes.io\":{\"namespace\":\"shop\",\"pod\":{\"warnafter\":7,\"ready\":true,\"tags\":[\"x\"]}},\"kubernetes\":{\"io\":1}");

        assertThat(token.text(ClaimPath.of("kubernetes.io", "namespace"))).contains("shop");
        assertThat(token.integer(ClaimPath.of("kubernetes.io", "pod", "warnafter")))
                .contains(7L);
        assertThat(token.flag(ClaimPath.of("kubernetes.io", "pod", "ready"))).contains(true);
        assertThat(token.texts(ClaimPath.of("kubernetes.io", "pod", "tags"))).contains(List.of("x"));
        assertThat(token.has(ClaimPath.of("kubernetes.io", "pod"))).isTrue();
        assertThat(token.has(ClaimPath.of("kubernetes.io", "node"))).isFalse();
        assertThat(token.has(ClaimPath.of("kubernetes.io", "namespace", "x"))).isFalse();
        assertThat(token.has(ClaimPath.of("kubernetes.io", "pod", "tags", "0"))).isFalse();
        assertThat(token.has(ClaimPath.of("kubernetes.io > namespace"))).isFalse();
    }

    @Test
    void has_null_isAbsent() {
        VerifiedToken token = SomeToken.with("\"n\":null,\"e\":\"\",\"z\":0,\"f\":false,\"l\":[]");

        assertThat(token.has("n")).isFalse();
        for (String name : List.of("e", "z", "f", "l")) {
            assertThat(token.has(name)).as(name).isTrue();
        }
    }

    @Test
    void claims_changedAfterwards_doNotFollow() {
        ObjectNode claims = SomeToken.json("{\"iss\":\"i\",\"sub\":\"s\",\"o\":{\"a\":\"b\"}}");
        VerifiedToken token = SomeToken.of(claims, "me");

        claims.put("sub", "evil").withObjectProperty("o").put("a", "evil");

        assertThat(token.subject()).isEqualTo("s");
        assertThat(token.text(ClaimPath.of("o", "a"))).contains("b");
        assertThat(token.audiences()).isEqualTo(Set.of("me"));
    }

    @Test
    void fingerprintOf_isTheBeginningOfTheSha256() {
        // The digest of "abc" is the first test vector of FIPS 180.
        assertThat(VerifiedToken.fingerprintOf("abc")).isEqualTo("ba7816bf8f01cfea");
    }

    @Test
    void auditLine_plainToken_isOneLineOfPairs() {
        VerifiedToken token = SomeToken.with("\"jti\":\"id-1\"");

        assertThat(token.auditLine())
                .isEqualTo("jti=\"id-1\" iss=\"https://ci.example\" sub=\"s\" kid=\"key-1\""
                        + " fingerprint=\"0123456789abcdef\"");
        assertThat(SomeToken.with("").auditLine()).startsWith("jti=none iss=\"https");
        assertThat(SomeToken.with("\"jti\":\"none\"").auditLine()).startsWith("jti=\"none\" iss=");
    }

    @Test
    void auditLine_longSubject_isWholeUpTo255Characters() {
        String subject = "organization:acme:project:Default Project:" + "shop:".repeat(35) + "run_phase:apply";

        assertThat(SomeToken.of("i", "me", "\"sub\":\"" + subject + "\"").auditLine())
                .contains(" sub=\"" + subject + "\" kid=");
        assertThat(SomeToken.of("i", "me", "\"sub\":\"" + "a/".repeat(200) + "\"")
                        .auditLine())
                .contains("/a…\" kid=")
                .hasSizeLessThan(400);
    }

    @Test
    void auditLine_commitInTheSubject_isShown() {
        String subject =
                "organization:acme:pipeline:app:ref:refs/heads/main:commit:" + "0123456789".repeat(4) + ":step:x";
        VerifiedToken token =
                SomeToken.of("i", "me", "\"sub\":\"" + subject + "\",\"jti\":\"" + "i".repeat(300) + "\"");

        assertThat(token.auditLine())
                .startsWith("jti=\"" + "i".repeat(255) + "…\" iss=")
                .contains(" sub=\"" + subject + "\" kid=");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\\n", "\\r", "\\u2028", "\\u2029", "\\u0085", "\\u000b", "\\u0000", "\\u001b[2J", "\\u202e"})
    void auditLine_lineBreaksAndControls_areGone(String hostile) {
        VerifiedToken token = SomeToken.of("i", "me", "\"sub\":\"a" + hostile + "b\",\"jti\":\"c" + hostile + "d\"");

        assertThat(token.auditLine()).matches("[\\x20-\\x7e]+");
        assertThat(token.auditLine().split(" (?=[a-z]+=)")).hasSize(5);
    }

    @Test
    void auditLine_quoteInAValue_doesNotEndIt() {
        VerifiedToken token = SomeToken.of("i", "me", "\"sub\":\"a\\\" kid=\\\"evil\\\\\",\"jti\":\"x\\\\\\\"\"");

        assertThat(token.auditLine())
                .isEqualTo("jti=\"x\\\\\\\"\" iss=\"i\" sub=\"a\\\" kid=\\\"evil\\\\\" kid=\"key-1\""
                        + " fingerprint=\"0123456789abcdef\"");
    }

    @Test
    void auditLine_credentialInAClaim_isRedacted() {
        VerifiedToken token = SomeToken.of("i", "me", "\"sub\":\"eyJhbGciOiJub25lIn0.e30.\"");

        assertThat(token.auditLine()).contains("sub=\"[redacted]\"").doesNotContain("eyJ");
    }

    @Test
    void toString_namesTheToken() {
        assertThat(SomeToken.with("\"jti\":\"7\""))
                .hasToString("VerifiedToken[iss=\"https://ci.example\", sub=\"s\", jti=\"7\"]");
        assertThat(SomeToken.of("i", "me", "\"sub\":\"a\u202eb, jti=8\"").toString())
                .isEqualTo("VerifiedToken[iss=\"i\", sub=\"a\\u202eb, jti=8\", jti=none]");
    }
}
