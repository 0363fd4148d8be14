package io.dynamiccredentials.aws.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.wire.StrictJson;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each operator on both sides of its boundary, with and without a value. */
class AwsTrustOperatorsTest {
    private static final String PROVIDER = "arn:aws:iam::123456789012:oidc-provider/ci.example/t";
    private static final String ROLE = "arn:aws:iam::123456789012:role/teams/deploy";

    @ParameterizedTest
    @CsvSource({
        "StringEquals,run:a,true",
        "StringEquals,run:A,false",
        "StringEquals,run:*,false",
        "StringEquals,'',false",
        "StringNotEquals,run:a,false",
        "StringNotEquals,run:A,true",
        "StringEqualsIgnoreCase,RUN:A,true",
        "StringEqualsIgnoreCase,RUN:B,false",
        "StringNotEqualsIgnoreCase,RUN:A,false",
        "StringNotEqualsIgnoreCase,RUN:B,true",
        "StringLike,run:*,true",
        "StringLike,run:?,true",
        "StringLike,run:??,false",
        "StringLike,RUN:*,false",
        "StringLike,un:a,false",
        "StringLike,'',false",
        "StringNotLike,run:*,false",
        "StringNotLike,job:*,true",
        "ForAnyValue:StringEquals,run:a,true",
        "ForAnyValue:StringEquals,run:b,false",
        "ForAllValues:StringEquals,run:a,true",
        "ForAllValues:StringEquals,run:b,false",
        "ForAnyValue:StringNotEquals,run:a,false",
        "ForAllValues:StringNotEquals,run:b,true",
        "StringEqualsIfExists,run:a,true",
        "StringEqualsIfExists,run:b,false",
        "Null,false,true",
        "Null,true,false"
    })
    void text_ofOneValue(String operator, String expected, boolean allowed) {
        assertThat(allows(operator, "ci.example/t:sub", "\"" + expected + "\"")).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "StringEquals,false",
        "StringNotEquals,true",
        "StringLike,false",
        "StringNotLike,true",
        "StringEqualsIfExists,true",
        "StringNotEqualsIfExists,true",
        "ForAnyValue:StringEquals,false",
        "ForAnyValue:StringNotEquals,false",
        "ForAnyValue:StringEqualsIfExists,true",
        "ForAllValues:StringEquals,true",
        "ForAllValues:StringNotEquals,true"
    })
    void text_ofAbsentKey(String operator, boolean allowed) {
        assertThat(allows(operator, "ci.example/t:azp", "\"x\"")).isEqualTo(allowed);
        assertThat(allows(operator, "other.example:sub", "\"run:a\"")).isEqualTo(allowed);
        assertThat(allows(operator, "ci.example/t:run_phase", "\"apply\"")).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({"true,true", "false,false"})
    void null_ofAbsentKey(String absent, boolean allowed) {
        assertThat(allows("Null", "ci.example/t:azp", absent)).isEqualTo(allowed);
        assertThat(allows("Null", "ci.example/t:azp", "\"" + absent + "\"")).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "StringEquals|['run:b','run:a']|true",
                "StringEquals|['run:b','run:c']|false",
                "StringNotEquals|['run:b','run:a']|false",
                "StringNotEquals|['run:b','run:c']|true"
            })
    void text_ofSeveralExpected_isAnyOrNone(String operator, String expected, boolean allowed) {
        assertThat(allows(operator, "ci.example/t:sub", expected.replace('\'', '"')))
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ForAnyValue:StringEquals|'pwd'|true",
                "ForAnyValue:StringEquals|'otp'|true",
                "ForAnyValue:StringEquals|'sms'|false",
                "ForAllValues:StringEquals|'pwd'|false",
                "ForAllValues:StringEquals|['otp','pwd','sms']|true",
                "ForAnyValue:StringNotEquals|'pwd'|true",
                "ForAnyValue:StringNotEquals|['pwd','otp']|false",
                "ForAllValues:StringNotEquals|'pwd'|false",
                "ForAllValues:StringNotEquals|'sms'|true",
                "ForAnyValue:StringLike|'p*'|true"
            })
    void text_ofSeveralActual_byQuantifier(String operator, String expected, boolean allowed) {
        assertThat(allows(operator, "ci.example/t:amr", expected.replace('\'', '"')))
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "DateEquals,2026-03-01T12:00:00Z,true",
        "DateEquals,2026-03-01T13:00:00+01:00,true",
        "DateEquals,1772366400,true",
        "DateEquals,2026-03-01T12:00:01Z,false",
        "DateNotEquals,2026-03-01T12:00:00Z,false",
        "DateNotEquals,2026-03-01T12:00:01Z,true",
        "DateLessThan,2026-03-01T12:00:00Z,false",
        "DateLessThan,2026-03-01T12:00:01Z,true",
        "DateLessThanEquals,2026-03-01T12:00:00Z,true",
        "DateLessThanEquals,2026-03-01T11:59:59Z,false",
        "DateGreaterThan,2026-03-01T12:00:00Z,false",
        "DateGreaterThan,2026-03-01T11:59:59Z,true",
        "DateGreaterThanEquals,2026-03-01T12:00:00Z,true",
        "DateGreaterThanEquals,2026-03-01T12:00:01Z,false"
    })
    void date_byTheTimeOfTheRequest(String operator, String expected, boolean allowed) {
        assertThat(allows(operator, "aws:CurrentTime", "\"" + expected + "\"")).isEqualTo(allowed);
        assertThat(allows(operator, "aws:EpochTime", "\"" + expected + "\"")).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "NumericEquals,1772366400,true",
        "NumericEquals,1772366400.5,false",
        "NumericNotEquals,1772366400,false",
        "NumericNotEquals,1772366401,true",
        "NumericLessThan,1772366400,false",
        "NumericLessThan,1772366401,true",
        "NumericLessThanEquals,1772366400,true",
        "NumericLessThanEquals,1772366399,false",
        "NumericGreaterThan,1772366400,false",
        "NumericGreaterThan,1772366399,true",
        "NumericGreaterThanEquals,1772366400,true",
        "NumericGreaterThanEquals,1772366401,false"
    })
    void numeric_bySecondsSince1970(String operator, String expected, boolean allowed) {
        assertThat(allows(operator, "aws:EpochTime", expected)).isEqualTo(allowed);
        assertThat(allows(operator, "aws:EpochTime", "\"" + expected + "\"")).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "IpAddress,203.0.113.128/25,true",
        "IpAddress,203.0.113.200,true",
        "IpAddress,203.0.113.201,false",
        "IpAddress,203.0.113.0/25,false",
        "IpAddress,0.0.0.0/0,true",
        "IpAddress,::/0,false",
        "IpAddress,2001:db8::/32,false",
        "NotIpAddress,203.0.113.128/25,false",
        "NotIpAddress,203.0.113.0/25,true"
    })
    void ipAddress_v4(String operator, String expected, boolean allowed) {
        assertThat(allows(operator, "aws:SourceIp", "\"" + expected + "\"")).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({"2001:db8::/33,true", "2001:db8:8000::/33,false", "2001:db8::1,true", "0.0.0.0/0,false"})
    void ipAddress_v6(String expected, boolean allowed) {
        AwsTrustRequest request = token().key("aws:SourceIp", "2001:db8::1").build();

        assertThat(byToken("IpAddress", "aws:SourceIp", "\"" + expected + "\"")
                        .decide(request)
                        .isAllowed())
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({"Bool,true,true", "Bool,false,false", "BoolIfExists,true,true"})
    void bool_comparesWithBothForms(String operator, String expected, boolean allowed) {
        assertThat(allows(operator, "aws:SecureTransport", expected)).isEqualTo(allowed);
        assertThat(allows(operator, "aws:SecureTransport", "\"" + expected + "\""))
                .isEqualTo(allowed);
        assertThat(allows(operator, "aws:MultiFactorAuthPresent", expected)).isEqualTo(operator.endsWith("IfExists"));
    }

    @ParameterizedTest
    @CsvSource({
        "ArnEquals,arn:aws:iam::123456789012:role/teams/deploy,true",
        "ArnEquals,arn:aws:iam::123456789012:role/*,true",
        "ArnLike,arn:aws:iam::*:role/teams/deploy,true",
        "ArnLike,arn:aws:*:role/teams/deploy:*:*:*,false",
        "ArnLike,arn:aws:iam::123456789012:role/teams,false",
        "ArnLike,arn:aws:iam::12345678901?:role/teams/deploy,true",
        "ArnNotEquals,arn:aws:iam::123456789012:role/*,false",
        "ArnNotLike,arn:aws:iam::210987654321:role/*,true"
    })
    void arn_partByPart(String operator, String expected, boolean allowed) {
        AwsTrustPolicyDocument policy = document(
                "{\"AWS\":\"123456789012\"}", "sts:AssumeRole", operator, "aws:PrincipalArn", "\"" + expected + "\"");

        assertThat(policy.decide(AwsTrustRequest.bySession(ROLE, "run").build()).isAllowed())
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "STS:rolesessionname,run,true",
        "sts:SourceIdentity,alice,true",
        "aws:requesttag/team,blue,true",
        "aws:RequestTag/Other,blue,false",
        "ci.example/t:AUD,aws,true",
        "CI.example/t:sub,run:a,true"
    })
    void key_inAnyCase(String key, String expected, boolean allowed) {
        assertThat(allows("StringEquals", key, "\"" + expected + "\"")).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "ForAllValues:StringEquals,aws:TagKeys,Team,false",
        "ForAnyValue:StringEquals,aws:TagKeys,Team,true",
        "ForAnyValue:StringEquals,sts:TransitiveTagKeys,Team,true",
        "ForAnyValue:StringEquals,sts:TransitiveTagKeys,Cost,false"
    })
    void tagKeys_areSeveral(String operator, String key, String expected, boolean allowed) {
        assertThat(allows(operator, key, "\"" + expected + "\"")).isEqualTo(allowed);
    }

    private static boolean allows(String operator, String key, String expected) {
        return byToken(operator, key, expected).decide(token().build()).isAllowed();
    }

    private static AwsTrustPolicyDocument byToken(String operator, String key, String expected) {
        return document("{\"Federated\":\"" + PROVIDER + "\"}", "sts:*", operator, key, expected);
    }

    private static AwsTrustRequest.Builder token() {
        Map<String, Object> claims = Map.of(
                "sub",
                "run:a",
                "aud",
                List.of("aws"),
                "amr",
                List.of("pwd", "otp"),
                "run_phase",
                "apply",
                "https://aws.amazon.com/source_identity",
                "alice");
        return AwsTrustRequest.byToken(PROVIDER, StrictJson.parseObject(StrictJson.write(claims)))
                .sessionName("run")
                .tags(new AwsSessionTags(Map.of("Team", "blue", "Cost", "1"), java.util.Set.of("Team")))
                .key("aws:SourceIp", "203.0.113.200")
                .key("aws:SecureTransport", "true")
                .at(Instant.parse("2026-03-01T12:00:00.9Z"));
    }

    private static AwsTrustPolicyDocument document(
            String principal, String action, String operator, String key, String expected) {
        return AwsTrustPolicyDocument.parse("{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\","
                + "\"Principal\":" + principal + ",\"Action\":\"" + action + "\",\"Condition\":{\"" + operator
                + "\":{\"" + key + "\":" + expected + "}}}}");
    }
}
