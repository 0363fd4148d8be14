package io.dynamiccredentials.aws.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.wire.StrictJson;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which statement decides, and what a decision says. */
class AwsTrustDecisionTest {
    private static final String PROVIDER = "arn:aws:iam::123456789012:oidc-provider/ci.example";
    private static final String ROLE = "arn:aws:iam::123456789012:role/teams/deploy";
    private static final String TOKEN_ONLY = statement(
            "Allow", "{'Federated':'" + PROVIDER + "'}", "'sts:AssumeRoleWithWebIdentity'", "'ci.example:sub':'run:*'");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'sub':'run:1','aud':'aws'}|allowed",
                "{'sub':'job:1','aud':'aws'}|sts:AssumeRoleWithWebIdentity is not allowed: statement 1 \"S\", Condition "
                        + "StringLike \"ci.example:sub\": expected \"run:*\", but it is \"job:1\"",
                "{'aud':'aws'}|sts:AssumeRoleWithWebIdentity is not allowed: statement 1 \"S\", Condition StringLike "
                        + "\"ci.example:sub\": expected \"run:*\", but it is absent",
                "{'sub':'run:1','https://aws.amazon.com/source_identity':'me'}|sts:SetSourceIdentity is not allowed: "
                        + "statement 1 \"S\", Action: expected \"sts:AssumeRoleWithWebIdentity\", but it is "
                        + "\"sts:SetSourceIdentity\"",
                "{'sub':'run:1','https://aws.amazon.com/tags/principal_tags/Team':'blue'}|sts:TagSession is not "
                        + "allowed: statement 1 \"S\", Action: expected \"sts:AssumeRoleWithWebIdentity\", but it is "
                        + "\"sts:TagSession\""
            })
    void decide_byToken_saysWhatDoesNotMatch(String claims, String decision) {
        assertThat(policy(TOKEN_ONLY).decide(byToken(claims))).hasToString(decision);
    }

    @Test
    void decide_otherProvider_saysSo() {
        AwsTrustRequest request = AwsTrustRequest.byToken(
                        PROVIDER + "/other", StrictJson.parseObject("{\"sub\":\"run:1\"}"))
                .build();

        assertThat(policy(TOKEN_ONLY).decide(request))
                .hasToString("sts:AssumeRoleWithWebIdentity is not allowed: statement 1 \"S\", Principal: expected \""
                        + PROVIDER + "\", but it is \"" + PROVIDER + "/other\"");
    }

    @Test
    void decide_claimWithoutKey_saysSo() {
        String phase = TOKEN_ONLY.replace("ci.example:sub", "ci.example:run_phase");

        assertThat(policy(phase).decide(byToken("{'sub':'run:1','run_phase':'run:apply'}")))
                .hasToString("sts:AssumeRoleWithWebIdentity is not allowed: statement 1 \"S\", Condition StringLike "
                        + "\"ci.example:run_phase\": expected \"run:*\", but it is absent, since AWS makes no "
                        + "condition key of this claim");
    }

    @Test
    void decide_severalStatements_namesTheClosest() {
        String other = TOKEN_ONLY.replace(PROVIDER, PROVIDER + "2").replace("'S'", "'T'");
        String third = TOKEN_ONLY.replace("run:*", "job:*").replace("'S'", "'U'");

        assertThat(policy(other + "," + third)
                        .decide(byToken("{'sub':'run:1'}"))
                        .toString())
                .contains("statement 2 \"U\", Condition");
        assertThat(policy(other + "," + TOKEN_ONLY)
                        .decide(byToken("{'sub':'run:1'}"))
                        .isAllowed())
                .isTrue();
    }

    @Test
    void decide_statementsThatComeAsClose_namesTheFirst() {
        String second = TOKEN_ONLY.replace("'S'", "'T'");

        assertThat(policy(TOKEN_ONLY + "," + second)
                        .decide(byToken("{'sub':'job:1'}"))
                        .toString())
                .contains("statement 1 \"S\"");
    }

    @Test
    void decide_moreConditionsHold_comesCloser() {
        String oneHolds = TOKEN_ONLY
                .replace("'run:*'", "'run:*','ci.example:aud':'other'")
                .replace("'S'", "'T'");

        assertThat(policy(TOKEN_ONLY.replace("run:*", "job:*") + "," + oneHolds)
                        .decide(byToken("{'sub':'run:1','aud':'aws'}"))
                        .toString())
                .contains("statement 2 \"T\", Condition StringLike \"ci.example:aud\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "StringNotLike|'run:*'|expected anything but \"run:*\", but it is \"run:1\"",
                "StringLike|['a','b']|expected \"a\" or \"b\", but it is \"run:1\"",
                "Null|'true'|expected none, but it is \"run:1\""
            })
    void decide_condition_saysWhatItWants(String operator, String values, String words) {
        String allow = TOKEN_ONLY.replace("StringLike", operator).replace("'run:*'", values);

        assertThat(policy(allow).decide(byToken("{'sub':'run:1'}")).toString()).contains(words);
    }

    @Test
    void decide_conditionThatAKeyIsThere_saysSo() {
        String allow = TOKEN_ONLY.replace("StringLike", "Null").replace("'run:*'", "'false'");

        assertThat(policy(allow).decide(byToken("{}")).toString()).contains("expected any, but it is absent");
    }

    @Test
    void decide_deny_winsWhereverItStands() {
        String deny = statement("Deny", "{'Federated':'" + PROVIDER + "'}", "'sts:*'", "'ci.example:sub':'run:1'")
                .replace("'S'", "'No'");

        for (String both : new String[] {TOKEN_ONLY + "," + deny, deny + "," + TOKEN_ONLY}) {
            assertThat(policy(both).decide(byToken("{'sub':'run:1'}")).toString())
                    .contains("\"No\", Effect: expected no statement that denies it, but it is \"Deny\"");
            assertThat(policy(both).decide(byToken("{'sub':'run:2'}")).isAllowed())
                    .isTrue();
        }
    }

    @Test
    void decide_denyAlone_allowsNothing() {
        String deny = statement("Deny", "'*'", "'sts:*'", "'ci.example:sub':'job:*'");

        assertThat(policy(deny).decide(byToken("{'sub':'run:1'}")))
                .hasToString("sts:AssumeRoleWithWebIdentity is not allowed: the policy, Effect: expected a statement "
                        + "that allows it, but it is none");
    }

    @Test
    void decide_everybody_isNobodyWithATokenAndEverybodyWhoIsDenied() {
        String allow = statement("Allow", "'*'", "'sts:*'", "'sts:RoleSessionName':'*'");
        String deny = allow.replace("Allow", "Deny").replace("'S'", "'No'");
        AwsTrustRequest token = AwsTrustRequest.byToken(PROVIDER, StrictJson.parseObject("{\"sub\":\"run:1\"}"))
                .sessionName("run")
                .build();
        AwsTrustRequest session =
                AwsTrustRequest.bySession(ROLE, "run").sessionName("run").build();

        assertThat(policy(allow).decide(session).isAllowed()).isTrue();
        assertThat(policy(allow).decide(token).toString()).contains("Principal: expected any principal of AWS");
        assertThat(policy(TOKEN_ONLY + "," + deny).decide(token).toString()).contains("\"No\", Effect");
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:iam::123456789012:role/teams/deploy,true",
        "arn:aws:iam::123456789012:role/deploy,false",
        "arn:aws:sts::123456789012:assumed-role/deploy/run,true",
        "arn:aws:sts::123456789012:assumed-role/deploy/other,false",
        "arn:aws:iam::123456789012:root,true",
        "123456789012,true",
        "210987654321,false",
        "arn:aws:iam::123456789012:user/deploy,false",
        "*,true"
    })
    void decide_bySession_byEachOfItsNames(String principal, boolean allowed) {
        String allow =
                statement("Allow", "{'AWS':['" + principal + "']}", "['sts:AssumeRole']", "'sts:RoleSessionName':'*'");
        AwsTrustRequest request =
                AwsTrustRequest.bySession(ROLE, "run").sessionName("next").build();

        assertThat(policy(allow).decide(request).isAllowed()).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "sts:AssumeRole,true",
        "STS:assumerole,true",
        "sts:Assume*,true",
        "sts:AssumeRol?,true",
        "sts:AssumeRole?*,false",
        "sts:TagSession,false"
    })
    void decide_actions_inAnyCaseWithWildcards(String action, boolean allowed) {
        String allow = statement("Allow", "{'AWS':'*'}", "'" + action + "'", "'aws:username':'vault'");
        AwsTrustRequest request =
                AwsTrustRequest.byUser("arn:aws:iam::123456789012:user/vault").build();

        assertThat(policy(allow).decide(request).isAllowed()).isEqualTo(allowed);
    }

    @Test
    void decide_userServiceAndOtherFederations_matchNobodyHere() {
        AwsTrustRequest user =
                AwsTrustRequest.byUser("arn:aws:iam::123456789012:user/x/vault").build();

        for (String principal : Set.of(
                "{'Service':'ec2.amazonaws.com'}",
                "{'Federated':'accounts.google.com'}",
                "{'Federated':'arn:aws:iam::123456789012:saml-provider/adfs'}")) {
            String allow = statement("Allow", principal, "'sts:*'", "'aws:PrincipalType':'*'");
            assertThat(policy(allow).decide(user).isAllowed()).isFalse();
        }
        String byName = statement(
                "Allow", "{'AWS':'arn:aws:iam::123456789012:user/x/vault'}", "'sts:*'", "'aws:PrincipalType':'User'");
        assertThat(policy(byName).decide(user).isAllowed()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'aud':'a','azp':'b'}|'ci.example:aud':'b'|true",
                "{'aud':'a','azp':'b'}|'ci.example:aud':'a'|false",
                "{'aud':'a','azp':'b'}|'ci.example:oaud':'a'|true",
                "{'aud':'a','azp':'b'}|'ci.example:azp':'b'|true",
                "{'aud':'a'}|'ci.example:oaud':'a'|false",
                "{'aud':'a','oaud':'x'}|'ci.example:oaud':'x'|false",
                "{'aud':'a','azp':'b','oaud':'x'}|'ci.example:oaud':'x'|false",
                "{'aud':['a']}|'ci.example:aud':'a'|true",
                "{'aud':['a','c'],'azp':'b'}|'ci.example:oaud':'a'|false",
                "{'sub':123}|'ci.example:sub':'123'|true",
                "{'sub':''}|'ci.example:sub':''|true",
                "{'sub':null}|'ci.example:sub':'null'|false"
            })
    void decide_claims_becomeKeysAsAwsMakesThem(String claims, String condition, boolean allowed) {
        String allow = TOKEN_ONLY.replace("'ci.example:sub':'run:*'", condition);

        assertThat(policy(allow).decide(byToken(claims)).isAllowed()).isEqualTo(allowed);
    }

    @Test
    void decide_severalAudiencesAndADenial_isDenied() {
        String deny = statement("Deny", "{'Federated':'" + PROVIDER + "'}", "'sts:*'", "'ci.example:oaud':'a'")
                .replace("'S'", "'No'");
        String allow = TOKEN_ONLY.replace("run:*", "*");

        assertThat(policy(allow + "," + deny)
                        .decide(byToken("{'sub':'x','aud':['b','c'],'azp':'b'}"))
                        .isAllowed())
                .isFalse();
    }

    @Test
    void decide_githubClaims_areKeysOfGithubAlone() {
        JsonNode claims = StrictJson.parseObject("{\"repository\":\"o/r\"}");
        for (String host : new String[] {"token.actions.githubusercontent.com", "ci.example"}) {
            String provider = "arn:aws:iam::123456789012:oidc-provider/" + host;
            String allow = statement(
                    "Allow", "{'Federated':'" + provider + "'}", "'sts:*'", "'" + host + ":repository':'o/r'");
            assertThat(policy(allow)
                            .decide(AwsTrustRequest.byToken(provider, claims).build())
                            .isAllowed())
                    .isEqualTo(!host.startsWith("ci."));
        }
    }

    @Test
    void decide_whatAwsTrustPolicyWrites_likeIt() {
        AwsTrustPolicy simple =
                new AwsTrustPolicy(IssuerUrl.of("https://ci.example"), Set.of("aws", "b"), "run:*").withSessionTags();
        AwsTrustPolicyDocument document = AwsTrustPolicyDocument.parse(simple.toJson("123456789012"));

        assertThat(document.decide(byToken("{'sub':'run:1','aud':'b'}")).isAllowed())
                .isTrue();
        assertThat(document.decide(byToken("{'sub':'run:1','aud':'c'}")).isAllowed())
                .isFalse();
        assertThat(document.decide(byToken("{'sub':'job:1','aud':'aws'}")).isAllowed())
                .isFalse();
        assertThat(document.decide(
                                byToken("{'sub':'run:1','aud':'b','https://aws.amazon.com/tags/principal_tags/T':'x'}"))
                        .isAllowed())
                .isTrue();
    }

    @Test
    void request_keysOfTheCaller_areItsOwn() {
        String tagged = statement("Allow", "{'AWS':'*'}", "'sts:*'", "'aws:PrincipalTag/Team':'blue'");
        String guarded = statement("Allow", "{'AWS':'*'}", "'sts:*'", "'sts:ExternalId':'acme:1'");
        AwsTrustRequest request = AwsTrustRequest.bySession(ROLE, "run")
                .principalTags(Map.of("Team", "blue"))
                .externalId("acme:1")
                .build();
        AwsTrustRequest bare = AwsTrustRequest.bySession(ROLE, "run").build();

        for (String policy : new String[] {tagged, guarded}) {
            assertThat(policy(policy).decide(request).isAllowed()).isTrue();
            assertThat(policy(policy).decide(bare).isAllowed()).isFalse();
        }
        assertThat(request.toString()).contains("sts:AssumeRole").doesNotContain("acme:1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'https://aws.amazon.com/source_identity':'x'}",
                "{'https://aws.amazon.com/source_identity':1234}",
                "{'https://aws.amazon.com/source_identity':null}",
                "{'https://aws.amazon.com/source_identity':'two words'}"
            })
    void byToken_sourceIdentityInAnotherForm_isRefused(String claims) {
        assertThatThrownBy(() -> byToken(claims))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 to 64 letters");
    }

    @Test
    void request_ofNobody_isRefused() {
        JsonNode claims = StrictJson.parseObject("{}");

        assertThatThrownBy(() -> AwsTrustRequest.byToken("ci.example", claims))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was \"ci.example\"");
        assertThatThrownBy(() -> AwsTrustRequest.bySession("deploy", "run"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was \"deploy\"");
        assertThatThrownBy(() -> AwsTrustRequest.bySession(ROLE, "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was \"x\"");
        assertThatThrownBy(() -> AwsTrustRequest.bySession(ROLE, "run").sessionName("a b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was \"a b\"");
        assertThat(AwsTrustRequest.bySession(ROLE, "run")
                        .sourceIdentity("me")
                        .build()
                        .toString())
                .contains("sts:SetSourceIdentity");
        assertThatThrownBy(() -> AwsTrustRequest.byUser(ROLE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was \"" + ROLE + "\"");
        assertThatThrownBy(() -> AwsTrustRequest.byUser("arn:aws:iam::123456789012:user/vault")
                        .key("aws:PrincipalOrgID", "o-1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was \"aws:PrincipalOrgID\"");
    }

    private static AwsTrustRequest byToken(String claims) {
        return AwsTrustRequest.byToken(PROVIDER, StrictJson.parseObject(claims.replace('\'', '"')))
                .build();
    }

    private static AwsTrustPolicyDocument policy(String statements) {
        return AwsTrustPolicyDocument.parse(
                "{\"Version\":\"2012-10-17\",\"Statement\":[" + statements.replace('\'', '"') + "]}");
    }

    private static String statement(String effect, String principal, String action, String condition) {
        return "{'Sid':'S','Effect':'" + effect + "','Principal':" + principal + ",'Action':" + action
                + ",'Condition':{'StringLike':{" + condition + "}}}";
    }
}
