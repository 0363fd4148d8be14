package io.dynamiccredentials.testkit.aws;

import static io.dynamiccredentials.testkit.aws.StsTalk.CLIENT_ID;
import static io.dynamiccredentials.testkit.aws.StsTalk.NOW;
import static io.dynamiccredentials.testkit.aws.StsTalk.ROLE;
import static io.dynamiccredentials.testkit.aws.StsTalk.assertError;
import static io.dynamiccredentials.testkit.aws.StsTalk.assertRefused;
import static io.dynamiccredentials.testkit.aws.StsTalk.token;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.testkit.Conversation;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import software.amazon.awssdk.services.sts.model.AssumeRoleWithWebIdentityResponse;
import software.amazon.awssdk.services.sts.model.PolicyDescriptorType;

/** Requests for a session, their fields, and the form of the answers: sections A1, A2 and A7. */
class RequestConversationTest {
    private static final String CHINA = "arn:aws-cn:iam::123456789012:role/deploy";

    private final StsTalk talk = new StsTalk();

    @AfterEach
    void stop() {
        talk.close();
    }

    @Conversation(value = "A1 POST of an unsigned form", sdk = true)
    void post_goodToken_givesASession() {
        AssumeRoleWithWebIdentityResponse answer = talk.exchange(token(talk.claims()));

        assertThat(talk.whoAmI(answer.credentials())).isEqualTo("arn:aws:sts::123456789012:assumed-role/deploy/run-1");
        assertThat(talk.aws.calls().count("AssumeRoleWithWebIdentity")).isEqualTo(1);
    }

    @Conversation("A1 GET with a query works too")
    void get_goodToken_givesASession() throws Exception {
        HttpReply reply = talk.get(StsTalk.encoded(talk.form()));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).contains("<AssumeRoleWithWebIdentityResult>");
    }

    @Conversation("A1 Action: unknown")
    void action_unknown_isInvalid() throws Exception {
        assertError(
                talk.post(talk.form("Action", "AssumeRoleWithSAML")),
                400,
                "InvalidAction",
                "Could not find operation AssumeRoleWithSAML for version 2011-06-15");
        assertThat(talk.aws.calls().count("unknown")).isEqualTo(1);
    }

    @Conversation("A1 Version: unknown")
    void version_unknown_isInvalid() throws Exception {
        assertError(
                talk.post(talk.form("Version", "2010-05-08")),
                400,
                "InvalidAction",
                "Could not find operation AssumeRoleWithWebIdentity for version 2010-05-08");
    }

    @Conversation("A1 RoleArn: 20 to 2048")
    void roleArn_length_isLimited() throws Exception {
        String nineteen = "arn:aws:iam::1:role";
        String longest = "arn:aws:iam::123456789012:role/" + "p/".repeat(1008) + "x";

        assertError(
                talk.post(talk.form("RoleArn", nineteen)),
                400,
                "ValidationError",
                "1 validation error detected: Value '" + nineteen + "' at 'roleArn' failed to satisfy constraint: "
                        + "Member must have length greater than or equal to 20");
        assertError(
                talk.post(talk.form("RoleArn", longest)),
                403,
                "AccessDenied",
                "Not authorized to perform sts:AssumeRoleWithWebIdentity");
        assertThat(longest).hasSize(2048);
        assertError(
                talk.post(talk.form("RoleArn", longest + "x")),
                400,
                "ValidationError",
                "1 validation error detected: Value '" + longest + "x' at 'roleArn' failed to satisfy constraint: "
                        + "Member must have length less than or equal to 2048");
    }

    @Conversation(value = "A1 RoleSessionName: 2 to 64", sdk = true)
    void sessionName_length_isLimited() {
        String longest = "x".repeat(64);

        assertThat(talk.exchange(token(talk.claims()), request -> request.roleSessionName("ab"))
                        .assumedRoleUser()
                        .arn())
                .endsWith("/ab");
        assertThat(talk.exchange(token(talk.claims()), request -> request.roleSessionName(longest))
                        .assumedRoleUser()
                        .arn())
                .endsWith("/" + longest);
        assertRefused(
                () -> talk.exchange(token(talk.claims()), request -> request.roleSessionName("a")),
                400,
                "ValidationError",
                "1 validation error detected: Value 'a' at 'roleSessionName' failed to satisfy constraint: Member "
                        + "must have length greater than or equal to 2");
        assertRefused(
                () -> talk.exchange(token(talk.claims()), request -> request.roleSessionName(longest + "x")),
                400,
                "ValidationError",
                "1 validation error detected: Value '" + longest + "x' at 'roleSessionName' failed to satisfy "
                        + "constraint: Member must have length less than or equal to 64");
    }

    @Conversation(value = "A1 WebIdentityToken: 4 to 20000", sdk = true)
    void token_length_isLimited() {
        int spare = 20_000 - token(talk.claims("pad", "")).length();
        String fits = token(talk.claims("pad", "x".repeat(spare * 3 / 4)));
        String long20001 = "e30." + "A".repeat(19_992) + ".AAAA";

        assertThat(fits.length()).isBetween(19_990, 20_000);
        assertThat(talk.exchange(fits).audience()).isEqualTo(CLIENT_ID);
        assertThat(long20001).hasSize(20_001);
        assertRefused(
                () -> talk.exchange(long20001),
                400,
                "ValidationError",
                "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must "
                        + "have length less than or equal to 20000");
        assertRefused(
                () -> talk.exchange("a.b"),
                400,
                "ValidationError",
                "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must "
                        + "have length greater than or equal to 4");
    }

    @Conversation(value = "A1 ProviderId: never with OIDC", sdk = true)
    void providerId_isRefused() {
        assertRefused(
                () -> talk.exchange(token(talk.claims()), request -> request.providerId("www.amazon.com")),
                400,
                "ValidationError",
                "1 validation error detected: This fake has no 'ProviderId'");
    }

    @Conversation(value = "A1 PolicyArns: at most 10, of the role's account", sdk = true)
    void policyArns_areLimited() {
        List<String> ten = IntStream.range(0, 10)
                .mapToObj(i -> "arn:aws:iam::123456789012:policy/p" + i)
                .toList();
        String id = talk.exchange(token(talk.claims()), request -> request.policyArns(policies(ten)))
                .credentials()
                .accessKeyId();

        assertThat(talk.aws.session(id).policyArns()).isEqualTo(ten);
        assertRefused(
                () -> talk.exchange(
                        token(talk.claims()),
                        request -> request.policyArns(policies(IntStream.range(0, 11)
                                .mapToObj(i -> ten.get(0) + i)
                                .toList()))),
                400,
                "ValidationError",
                "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have "
                        + "length less than or equal to 10");
        String elsewhere = "arn:aws:iam::210987654321:policy/p";
        assertRefused(
                () -> talk.exchange(token(talk.claims()), request -> request.policyArns(policies(List.of(elsewhere)))),
                400,
                "ValidationError",
                "ARN " + elsewhere + " is not valid.");
    }

    @Conversation(value = "A1 PolicyArns: 20 to 2048 characters each", sdk = true)
    void policyArn_length_isLimited() {
        assertRefused(
                () -> talk.exchange(
                        token(talk.claims()), request -> request.policyArns(policies(List.of("arn:aws:iam::aws:po")))),
                400,
                "ValidationError",
                "1 validation error detected: Value 'arn:aws:iam::aws:po' at 'policyArns.1.member.arn' failed to "
                        + "satisfy constraint: Member must have length greater than or equal to 20");
    }

    @Conversation(value = "A1 Policy: 1 to 2048 characters up to U+00FF", sdk = true)
    void policy_length_isLimited() {
        String longest = "{\"a\":\"" + "x".repeat(2040) + "\"}";

        assertThat(talk.exchange(token(talk.claims()), request -> request.policy(longest))
                        .getValueForField("PackedPolicySize", Integer.class))
                .isPresent();
        assertRefused(
                () -> talk.exchange(token(talk.claims()), request -> request.policy(longest + " ")),
                400,
                "ValidationError",
                "1 validation error detected: Value '" + longest + " ' at 'policy' failed to satisfy constraint: "
                        + "Member must have length less than or equal to 2048");
        assertRefused(
                () -> talk.exchange(token(talk.claims()), request -> request.policy("{\"\u0142\":1}")),
                400,
                "ValidationError",
                // What XML can hold of it the SDK reads back.
                "1 validation error detected: Value '{\"\u0142\":1}' at 'policy' failed to satisfy constraint: Member "
                        + "must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+");
    }

    @Conversation(value = "A1 Policy and PolicyArns: 2048 characters together", sdk = true)
    void policies_together_areLimited() {
        String policy = "{\"a\":\"" + "x".repeat(2006) + "\"}";
        String arn = "arn:aws:iam::123456789012:policy/p";

        assertThat(talk.exchange(
                                token(talk.claims()),
                                request -> request.policy(policy).policyArns(policies(List.of(arn))))
                        .getValueForField("PackedPolicySize", Integer.class))
                .isPresent();
        assertRefused(
                () -> talk.exchange(
                        token(talk.claims()),
                        request -> request.policy(policy).policyArns(policies(List.of(arn + "1")))),
                400,
                "PackedPolicyTooLarge",
                "Packed policy consumes 101% of allotted space, please use smaller policy.");
    }

    @Conversation(value = "A1 DurationSeconds: 3600 unless asked for", sdk = true)
    void duration_unset_isAnHour() {
        assertThat(talk.exchange(token(talk.claims())).credentials().expiration())
                .isEqualTo(Instant.ofEpochSecond(NOW + 3600));
        assertThat(talk.exchange(token(talk.claims()), request -> request.durationSeconds(900))
                        .credentials()
                        .expiration())
                .isEqualTo(Instant.ofEpochSecond(NOW + 900));
    }

    @Conversation("A1 no Tags, TransitiveTagKeys, SourceIdentity, ExternalId")
    void fieldsOfAssumeRole_areRefused() throws Exception {
        for (String field :
                List.of("Tags.member.1.Key", "TransitiveTagKeys.member.1", "SourceIdentity", "ExternalId")) {
            assertError(
                    talk.post(talk.form(field, "value")),
                    400,
                    "ValidationError",
                    "1 validation error detected: This fake has no '" + field + "'");
        }
    }

    @Conversation("A2 success in XML")
    void success_inXml_isTheAnswerOfSts() throws Exception {
        HttpReply reply = talk.post(talk.form());
        String id = reply.header("x-amzn-RequestId").orElseThrow();

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).hasValue("text/xml");
        assertThat(reply.body())
                .matches("<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                        + "<AssumeRoleWithWebIdentityResult>"
                        + "<SubjectFromWebIdentityToken>run:1</SubjectFromWebIdentityToken>"
                        + "<Audience>client-a</Audience><AssumedRoleUser>"
                        + "<Arn>arn:aws:sts::123456789012:assumed-role/deploy/run-1</Arn>"
                        + "<AssumedRoleId>AROA[A-Z0-9]{16}:run-1</AssumedRoleId></AssumedRoleUser><Credentials>"
                        + "<AccessKeyId>ASIA[A-Z0-9]{16}</AccessKeyId><SecretAccessKey>[A-Za-z0-9+/]{40}"
                        + "</SecretAccessKey><SessionToken>[A-Za-z0-9+/]{160,}={0,2}</SessionToken>"
                        + "<Expiration>2026-03-01T13:00:00Z</Expiration></Credentials><Provider>" + talk.provider()
                        + "</Provider></AssumeRoleWithWebIdentityResult><ResponseMetadata><RequestId>" + id
                        + "</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>");
    }

    @Conversation(value = "A2 SubjectFromWebIdentityToken is sub", sdk = true)
    void subject_isSub() {
        assertThat(talk.exchange(token(talk.claims("sub", "repo:o/r:ref:refs/heads/main")))
                        .subjectFromWebIdentityToken())
                .isEqualTo("repo:o/r:ref:refs/heads/main");
        assertThat(talk.exchange(token(talk.claims("sub", 123))).subjectFromWebIdentityToken())
                .isEqualTo("123");
    }

    @Conversation(value = "A2 Provider is the provider's ARN", sdk = true)
    void provider_isItsArn() {
        assertThat(talk.exchange(token(talk.claims())).provider()).isEqualTo(talk.provider());
    }

    @Conversation(value = "A2 Audience is the effective one", sdk = true)
    void audience_isTheEffectiveOne() {
        Map<String, Object> claims = talk.claims("aud", List.of("other", "another"));
        claims.put("azp", "client-b");

        assertThat(talk.exchange(token(claims)).audience()).isEqualTo("client-b");
        assertThat(talk.exchange(token(talk.claims())).audience()).isEqualTo("client-a");
    }

    @Conversation(value = "A2 AccessKeyId begins with ASIA", sdk = true)
    void accessKeyId_isOfASession() {
        assertThat(talk.exchange(token(talk.claims())).credentials().accessKeyId())
                .matches("ASIA\\w{12,124}");
    }

    @Conversation(value = "A2 AssumedRoleId is AROA and the session", sdk = true)
    void assumedRoleId_isOfRoleAndSession() {
        assertThat(talk.exchange(token(talk.claims())).assumedRoleUser().assumedRoleId())
                .matches("AROA\\w{16}:run-1");
    }

    @Conversation(value = "A2 PackedPolicySize only with policy or tags", sdk = true)
    void packedPolicySize_withoutPolicyOrTags_isAbsent() {
        assertThat(talk.exchange(token(talk.claims())).getValueForField("PackedPolicySize", Integer.class))
                .isEmpty();
        assertThat(talk.exchange(token(talk.claims()), request -> request.policy("{}"))
                        .getValueForField("PackedPolicySize", Integer.class))
                .hasValue(1);
        Map<String, Object> tagged = talk.claims();
        tagged.putAll(StsTalk.tags(Map.of("Team", "x"), List.of()));
        assertThat(talk.exchange(token(tagged)).getValueForField("PackedPolicySize", Integer.class))
                .hasValue(1);
    }

    @Conversation(value = "A2 the path of a role is dropped", sdk = true)
    void path_isDropped() {
        assertThat(ROLE).contains("role/teams/deploy");
        assertThat(talk.exchange(token(talk.claims())).assumedRoleUser().arn())
                .isEqualTo("arn:aws:sts::123456789012:assumed-role/deploy/run-1");
    }

    @Conversation("A2 JSON for Accept: application/json")
    void success_inJson_hasTheSameMembers() throws Exception {
        HttpReply reply = talk.post(talk.form(), Map.of("Accept", "application/json"));
        JsonNode response = StrictJson.parseObject(reply.body()).path("AssumeRoleWithWebIdentityResponse");
        JsonNode result = response.path("AssumeRoleWithWebIdentityResult");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).hasValue("application/json");
        assertThat(result.path("Audience").textValue()).isEqualTo("client-a");
        assertThat(result.path("Credentials").path("Expiration").longValue()).isEqualTo(NOW + 3600);
        assertThat(response.path("ResponseMetadata").path("RequestId").textValue())
                .isEqualTo(reply.header("x-amzn-RequestId").orElseThrow());
    }

    @Conversation("A2 an error in JSON")
    void error_inJson_hasTheSameMembers() throws Exception {
        HttpReply reply = talk.post(talk.form("WebIdentityToken", "a.b.c"), Map.of("Accept", "application/json"));
        JsonNode body = StrictJson.parseObject(reply.body());

        assertThat(reply.status()).isEqualTo(400);
        assertThat(body.path("Error").path("Code").textValue()).isEqualTo("InvalidIdentityToken");
        assertThat(body.path("Error").path("Type").textValue()).isEqualTo("Sender");
        assertThat(body.path("Error").path("Message").textValue()).startsWith("The ID Token provided is not");
        assertThat(body.path("RequestId").textValue())
                .isEqualTo(reply.header("x-amzn-RequestId").orElseThrow());
    }

    @Conversation(value = "A7 partitions: a role's provider and sessions are in its own", sdk = true)
    void partition_isThatOfTheRole() {
        talk.aws.role(CHINA, talk.trust("\"" + talk.key("sub") + "\":\"*\""));
        assertRefused(
                () -> talk.exchange(token(talk.claims()), request -> request.roleArn(CHINA)),
                403,
                "AccessDenied",
                "Not authorized to perform sts:AssumeRoleWithWebIdentity");

        talk.aws.role(CHINA, talk.trust("\"" + talk.key("sub") + "\":\"*\"").replace("arn:aws:iam", "arn:aws-cn:iam"));
        AssumeRoleWithWebIdentityResponse answer =
                talk.exchange(token(talk.claims()), request -> request.roleArn(CHINA));

        assertThat(answer.provider()).isEqualTo(talk.provider().replace("arn:aws:", "arn:aws-cn:"));
        assertThat(answer.assumedRoleUser().arn()).isEqualTo("arn:aws-cn:sts::123456789012:assumed-role/deploy/run-1");
    }

    @Conversation(value = "A1 DurationSeconds: at most the role's MaxSessionDuration", sdk = true)
    void duration_ofALongerRole_isKept() {
        talk.aws.maxSession(ROLE, Duration.ofHours(12));

        assertThat(talk.exchange(token(talk.claims()), request -> request.durationSeconds(43_200))
                        .credentials()
                        .expiration())
                .isEqualTo(Instant.ofEpochSecond(NOW + 43_200));
    }

    private static List<PolicyDescriptorType> policies(List<String> arns) {
        return arns.stream()
                .map(arn -> PolicyDescriptorType.builder().arn(arn).build())
                .toList();
    }
}
