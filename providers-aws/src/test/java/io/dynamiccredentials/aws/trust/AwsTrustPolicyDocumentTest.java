package io.dynamiccredentials.aws.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused before anything is decided. */
class AwsTrustPolicyDocumentTest {
    private static final String GOOD = "{'Version':'2012-10-17','Id':'x','Statement':[{'Sid':'One','Effect':'Allow',"
            + "'Principal':{'AWS':'123456789012'},'Action':'sts:AssumeRole','Condition':{}}]}";
    private static final String EMPTY = "'Condition':{}";

    @Test
    void parse_goodDocument_keepsItAsItIs() {
        AwsTrustPolicyDocument document = AwsTrustPolicyDocument.parse(json(GOOD));

        assertThat(document.json()).isEqualTo(json(GOOD)).isEqualTo(document.toString());
        assertThat(document)
                .isEqualTo(AwsTrustPolicyDocument.parse(json(GOOD)))
                .hasSameHashCodeAs(AwsTrustPolicyDocument.parse(json(GOOD)))
                .isNotEqualTo(AwsTrustPolicyDocument.parse(json(GOOD) + " "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'Version':'2012-10-17'|'Version':'2012-10-18'|Version must be",
                "'Version':'2012-10-17'|'Version':null|Version must be",
                "'Id':'x'|'Id':1|Id must be a text",
                "'Id':'x'|'id':'x'|members of a policy must be among",
                "'Sid':'One'|'Sid':'O ne'|Sid must be of letters and digits",
                "'Sid':'One'|'Sid':1|Sid must be of letters and digits",
                "'Effect':'Allow'|'Effect':'allow'|Effect must be",
                "'Effect':'Allow',||Effect must be",
                "'Condition':{}|'Resource':'*'|members of a statement of a trust policy must be among",
                "'Principal':{'AWS':'123456789012'},||must be an object",
                "'Principal'|'NotPrincipal'|members of a statement of a trust policy must be among",
                "{'AWS':'123456789012'}|'123456789012'|Principal must be",
                "{'AWS':'123456789012'}|{}|must name somebody",
                "'AWS':|'CanonicalUser':|the element Principal must be among",
                "'123456789012'|[]|must not be an empty list",
                "'123456789012'|12|must be a text or a list",
                "'123456789012'|'arn:aws:iam::123456789012:role/*'|without wildcards",
                "'123456789012'|'AROAEXAMPLEEXAMPLE00'|without wildcards",
                "'AWS':'123456789012'|'Federated':'*'|kind Federated",
                "'AWS':'123456789012'|'Federated':'arn:aws:iam::1:oidc-provider/ci.example'|kind Federated",
                "'AWS':'123456789012'|'Service':'evil.example'|kind Service",
                "'Action':'sts:AssumeRole',||Action must be a text",
                "'sts:AssumeRole'|'sts:GetFederationToken'|only have actions by which roles are assumed",
                "'sts:AssumeRole'|'s3:*'|only have actions by which roles are assumed",
                "'sts:AssumeRole'|'*'|only have actions by which roles are assumed",
                "'Action':|'NotAction':|members of a statement of a trust policy must be among"
            })
    void parse_malformedElement_isRefused(String part, String replacement, String reason) {
        assertMalformed(GOOD.replace(q(part), replacement == null ? "" : q(replacement)), reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'Condition':[]|Condition must be an object",
                "'Condition':{'StringEquals':{}}|must have an object of keys",
                "'Condition':{'StringEquals':'x'}|must have an object of keys",
                "'Condition':{'StringMatches':{'a.b:sub':'x'}}|must be one that IAM has",
                "'Condition':{'stringequals':{'a.b:sub':'x'}}|must be one that IAM has",
                "'Condition':{'BinaryEquals':{'a.b:sub':'x'}}|must be one that IAM has",
                "'Condition':{'NullIfExists':{'a.b:sub':'true'}}|must be one that IAM has",
                "'Condition':{'ForAnyValue:Null':{'a.b:sub':'true'}}|must be one that IAM has",
                "'Condition':{'ForSomeValues:StringLike':{'a.b:sub':'x'}}|must be one that IAM has",
                "'Condition':{'Null':{'a.b:sub':'yes'}}|must be \"true\" or \"false\"",
                "'Condition':{'Bool':{'aws:SecureTransport':'TRUE'}}|must be \"true\" or \"false\"",
                "'Condition':{'StringEquals':{'a.b:sub':[]}}|must not be an empty list",
                "'Condition':{'StringEquals':{'a.b:sub':{'x':1}}}|must be a text or a list",
                "'Condition':{'StringEquals':{'a.b:sub':null}}|must be a text or a list",
                "'Condition':{'StringEquals':{'a.b:sub':'x','A.b:sub':'y'}}|must differ in more than their case",
                "'Condition':{'StringEquals':{'aws:PrincipalOrgID':'o-1'}}|The key of a condition must be",
                "'Condition':{'StringEquals':{'sub':'x'}}|The key of a condition must be",
                "'Condition':{'StringEquals':{'a.b:amr':'x'}}|ForAnyValue:StringEquals",
                "'Condition':{'StringEquals':{'aws:TagKeys':'x'}}|ForAnyValue:StringEquals",
                "'Condition':{'NumericEquals':{'a.b:sub':'1'}}|whose values it can compare",
                "'Condition':{'NumericEquals':{'aws:EpochTime':'one'}}|decimal number",
                "'Condition':{'DateEquals':{'aws:RequestTag/x':'1'}}|whose values it can compare",
                "'Condition':{'DateEquals':{'aws:CurrentTime':'today'}}|must be a time",
                "'Condition':{'Bool':{'a.b:sub':'true'}}|whose values it can compare",
                "'Condition':{'ArnLike':{'a.b:sub':'arn:aws:iam::1:role/x'}}|whose values it can compare",
                "'Condition':{'ArnLike':{'aws:PrincipalArn':'*'}}|ARN of six parts",
                "'Condition':{'IpAddress':{'a.b:sub':'10.0.0.0/8'}}|whose values it can compare",
                "'Condition':{'IpAddress':{'aws:SourceIp':'10.0.0.0/33'}}|IP address or a range",
                "'Condition':{'IpAddress':{'aws:SourceIp':'10.0.0/8'}}|IP address or a range",
                "'Condition':{'IpAddress':{'aws:SourceIp':'256.0.0.1'}}|IP address or a range",
                "'Condition':{'IpAddress':{'aws:SourceIp':'1::2::3'}}|IP address or a range",
                "'Condition':{'IpAddress':{'aws:SourceIp':'localhost'}}|IP address or a range",
                "'Condition':{'StringLike':{'a.b:sub':'${aws:username}'}}|no policy variable",
                "'Condition':{'StringLike':{'a.b:sub':'${*}'}}|no policy variable"
            })
    void parse_malformedCondition_isRefused(String condition, String reason) {
        assertMalformed(GOOD.replace(EMPTY, q(condition)), reason);
    }

    @Test
    void parse_oldVersion_hasNoVariables() {
        String literal = GOOD.replace(EMPTY, "'Condition':{'StringLike':{'sts:RoleSessionName':'${*}'}}");

        assertMalformed(literal, "no policy variable");
        for (String old : new String[] {"'Version':'2008-10-17',", ""}) {
            AwsTrustPolicyDocument document =
                    AwsTrustPolicyDocument.parse(json(literal.replace("'Version':'2012-10-17',", old)));
            assertThat(document.json()).contains("${*}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "'x'", "{'Statement':[],'Statement':[]}", "{} {}"})
    void parse_noJsonObject_isRefused(String document) {
        assertMalformed(document, "A policy must be");
    }

    @Test
    void parse_noStatement_isRefused() {
        assertMalformed("{'Version':'2012-10-17','Statement':[]}", "must have a statement");
        assertMalformed("{'Version':'2012-10-17'}", "must be an object");
    }

    @Test
    void parse_sidTwice_isRefused() {
        String statement = GOOD.substring(GOOD.indexOf("{'Sid'"), GOOD.length() - 2);

        assertMalformed(GOOD.replace(statement, statement + "," + statement), "Sid of each statement must be another");
        assertThat(AwsTrustPolicyDocument.parse(
                                json(GOOD.replace(statement, statement + "," + statement.replace("One", "Two"))))
                        .json())
                .contains("Two");
    }

    @Test
    void parse_length_isLimited() {
        String good = json(GOOD);
        String longest = good + " ".repeat(2048 - good.length());

        assertThat(AwsTrustPolicyDocument.parse(longest).json()).hasSize(2048);
        assertThatThrownBy(() -> AwsTrustPolicyDocument.parse(longest + " "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 2048 characters; it has 2049");
        assertThat(AwsTrustPolicyDocument.parse(longest + " ".repeat(2048), 4096)
                        .json())
                .hasSize(4096);
        assertThatThrownBy(() -> AwsTrustPolicyDocument.parse(longest + " ".repeat(2049), 4096))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 4096 characters; it has 4097");
    }

    @ParameterizedTest
    @ValueSource(ints = {2047, 4097})
    void parse_quotaOutOfRange_isRefused(int quota) {
        assertThatThrownBy(() -> AwsTrustPolicyDocument.parse(json(GOOD), quota))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was " + quota);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0100", "\u0001"})
    void parse_characterThatIamHasNot_isRefused(String character) {
        assertMalformed(GOOD.replace("'x'", "'" + character + "'"), "up to U+00FF");
        assertThat(AwsTrustPolicyDocument.parse(json(GOOD.replace("'x'", "'\u00ff'")))
                        .json())
                .contains("\u00ff");
    }

    private static String q(String text) {
        return text.replace("\"", "'");
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private static void assertMalformed(String document, String reason) {
        assertThatThrownBy(() -> AwsTrustPolicyDocument.parse(json(document)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("MalformedPolicyDocument: ")
                .hasMessageContaining(reason);
    }
}
