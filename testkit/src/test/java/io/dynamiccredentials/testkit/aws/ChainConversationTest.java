package io.dynamiccredentials.testkit.aws;

import static io.dynamiccredentials.testkit.aws.StsTalk.NOW;
import static io.dynamiccredentials.testkit.aws.StsTalk.ROLE;
import static io.dynamiccredentials.testkit.aws.StsTalk.assertRefused;
import static io.dynamiccredentials.testkit.aws.StsTalk.tags;
import static io.dynamiccredentials.testkit.aws.StsTalk.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.testkit.Conversation;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.wire.HttpReply;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.services.sts.model.AssumeRoleResponse;
import software.amazon.awssdk.services.sts.model.AssumeRoleWithWebIdentityResponse;
import software.amazon.awssdk.services.sts.model.Credentials;
import software.amazon.awssdk.services.sts.model.Tag;

/** Session tags, source identities, and sessions of sessions: sections A5 and A6. */
class ChainConversationTest {
    private static final String SOURCE_IDENTITY = "https://aws.amazon.com/source_identity";
    private static final String TAGS = "https://aws.amazon.com/tags";
    private static final String TARGET = "arn:aws:iam::210987654321:role/target";
    private static final String BAD_TAGS = "Session tags passed in claim are not in correct format.";
    private static final String DENIED = "User: arn:aws:sts::123456789012:assumed-role/deploy/run-1 is not authorized "
            + "to perform: sts:AssumeRole on resource: " + TARGET;

    private final StsTalk talk = new StsTalk();

    ChainConversationTest() {
        talk.aws.chainedRole(TARGET, Set.of(ROLE));
    }

    @AfterEach
    void stop() {
        talk.close();
    }

    @Conversation(value = "A5 nested tags", sdk = true)
    void nestedTags_areTheSessions() {
        Credentials session =
                talk.session(tags(Map.of("Project", "Automation", "CostCenter", "987654"), List.of("Project")));

        FakeAwsKey.Terms terms = talk.aws.session(session.accessKeyId());
        assertThat(terms.tags().all()).isEqualTo(Map.of("Project", "Automation", "CostCenter", "987654"));
        assertThat(terms.tags().transitiveKeys()).containsExactly("Project");
    }

    @Conversation(value = "A5 flattened tags", sdk = true)
    void flattenedTags_areTheSessions() {
        Credentials session = talk.session(Map.of(
                TAGS + "/principal_tags/Project", "Automation", TAGS + "/transitive_tag_keys", List.of("Project")));

        FakeAwsKey.Terms terms = talk.aws.session(session.accessKeyId());
        assertThat(terms.tags().all()).isEqualTo(Map.of("Project", "Automation"));
        assertThat(terms.tags().transitiveKeys()).containsExactly("Project");
    }

    @Conversation(value = "A5 at most 50 tags", sdk = true)
    void tags_areAtMost50() {
        Map<String, String> tags = new TreeMap<>();
        for (int i = 0; i < 50; i++) {
            tags.put("k" + i, "v");
        }

        assertThat(talk.session(tags(tags, List.of())).accessKeyId()).isNotEmpty();
        tags.put("more", "v");
        assertInvalid(tags(tags, List.of()));
    }

    @Conversation(value = "A5 keys of 1 to 128 characters, not of aws:", sdk = true)
    void tagKeys_areLimited() {
        assertThat(talk.session(tags(Map.of("k".repeat(128), "v"), List.of())).accessKeyId())
                .isNotEmpty();
        for (String key : List.of("", "k".repeat(129), "aws:x", "Aws:x", "a,b")) {
            assertInvalid(tags(Map.of(key, "v"), List.of()));
        }
        assertInvalid(tags(Map.of("Team", "v", "team", "w"), List.of()));
    }

    @Conversation(value = "A5 values of 0 to 256 characters, one for each key", sdk = true)
    void tagValues_areLimited() {
        assertThat(talk.session(tags(Map.of("a", "", "b", "v".repeat(256)), List.of()))
                        .accessKeyId())
                .isNotEmpty();
        assertInvalid(tags(Map.of("a", "v".repeat(257)), List.of()));
        assertInvalid(tags(Map.of("a", "v*"), List.of()));
        talk.assertInvalid(
                token(talk.claims(TAGS, Map.of("principal_tags", Map.of("a", List.of("x", "y"))))),
                "principal_tags passed in claim is not in correct format.");
    }

    @Conversation(value = "A5 source identity by claim", sdk = true)
    void sourceIdentity_isTheSessions() {
        Map<String, Object> claims = talk.claims(SOURCE_IDENTITY, "Admin");
        AssumeRoleWithWebIdentityResponse answer = talk.exchange(token(claims));

        assertThat(answer.sourceIdentity()).isEqualTo("Admin");
        assertThat(talk.aws.session(answer.credentials().accessKeyId()).sourceIdentity())
                .hasValue("Admin");
        assertThat(talk.exchange(token(talk.claims())).sourceIdentity()).isNull();
    }

    @Conversation(value = "A5 source identity: 2 to 64 characters", sdk = true)
    void sourceIdentity_isLimited() {
        assertThat(talk.exchange(token(talk.claims(SOURCE_IDENTITY, "x".repeat(64))))
                        .sourceIdentity())
                .hasSize(64);
        for (Object bad : List.of("x", "x".repeat(65), "two words", 1234, List.of("Admin"))) {
            talk.assertInvalid(
                    token(talk.claims(SOURCE_IDENTITY, bad)),
                    "Source identity passed in claim is not in correct format.");
        }
    }

    @Conversation(value = "A5 source identity needs sts:SetSourceIdentity", sdk = true)
    void sourceIdentity_withoutPermission_isDenied() {
        talk.aws.role(
                ROLE,
                talk.trust(
                        "[\"sts:AssumeRoleWithWebIdentity\",\"sts:TagSession\"]", "\"" + talk.key("sub") + "\":\"*\""));

        assertRefused(
                () -> talk.exchange(token(talk.claims(SOURCE_IDENTITY, "Admin"))),
                403,
                "AccessDenied",
                "Not authorized to perform sts:AssumeRoleWithWebIdentity");
    }

    @Conversation(value = "A5 another claim in AWS's name is refused", sdk = true)
    void otherClaimOfAws_isRefused() {
        talk.assertInvalid(
                token(talk.claims("https://aws.amazon.com/other", "x")),
                "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity "
                        + "documentation for requirements.");
    }

    @Conversation(value = "A6 a session assumes a role", sdk = true)
    void session_assumesARole() {
        Map<String, Object> claims = talk.claims("jti", "token-7");
        Credentials first = talk.exchange(token(claims)).credentials();
        AssumeRoleResponse answer = talk.chain(first, request -> request.roleArn(TARGET));

        String arn = "arn:aws:sts::210987654321:assumed-role/target/run-2";
        assertThat(answer.assumedRoleUser().arn()).isEqualTo(arn);
        assertThat(talk.whoAmI(answer.credentials())).isEqualTo(arn);
        assertThat(talk.aws.handedOut())
                .last()
                .isEqualTo(new HandedOut(TARGET, arn, "run:1", "token-7", Instant.ofEpochSecond(NOW + 3600)));
    }

    @Conversation(value = "A6 DurationSeconds: 900 to 3600 when chained", sdk = true)
    void chainedDuration_isLimited() {
        Credentials first = talk.session(Map.of());

        assertThat(talk.chain(first, request -> request.roleArn(TARGET).durationSeconds(900))
                        .credentials()
                        .expiration())
                .isEqualTo(Instant.ofEpochSecond(NOW + 900));
        assertThatThrownBy(() ->
                        talk.chain(first, request -> request.roleArn(TARGET).durationSeconds(899)))
                .hasMessageContaining("greater than or equal to 900");
        assertThatThrownBy(() ->
                        talk.chain(first, request -> request.roleArn(TARGET).durationSeconds(3601)))
                .hasMessageContaining("exceeds the 1 hour session limit");
    }

    @Conversation(value = "A6 Policy has no limit of its own, but the space", sdk = true)
    void chainedPolicy_isPacked() {
        Credentials first = talk.session(Map.of());

        assertRefused(
                () -> talk.chain(
                        first, request -> request.roleArn(TARGET).policy("{\"a\":\"" + "x".repeat(4000) + "\"}")),
                400,
                "PackedPolicyTooLarge",
                "Packed policy consumes 196% of allotted space, please use smaller policy.");
    }

    @Conversation(value = "A6 Tags and TransitiveTagKeys", sdk = true)
    void chainedTags_areTheSessions() {
        Credentials first = talk.session(Map.of());
        AssumeRoleResponse answer = talk.chain(
                first,
                request -> request.roleArn(TARGET)
                        .tags(tag("Team", "blue"), tag("Cost", ""))
                        .transitiveTagKeys("Team"));

        FakeAwsKey.Terms terms = talk.aws.session(answer.credentials().accessKeyId());
        assertThat(terms.tags().all()).isEqualTo(Map.of("Team", "blue", "Cost", ""));
        assertThat(terms.tags().transitiveKeys()).containsExactly("Team");
        assertThat(answer.getValueForField("PackedPolicySize", Integer.class)).isPresent();
    }

    @Conversation(value = "A6 Tags: at most 50, of different keys", sdk = true)
    void chainedTags_areLimited() {
        Credentials first = talk.session(Map.of());
        List<Tag> tags = new ArrayList<>();
        for (int i = 0; i < 51; i++) {
            tags.add(tag("k" + i, "v"));
        }

        assertRefused(
                () -> talk.chain(first, request -> request.roleArn(TARGET).tags(tags)),
                400,
                "ValidationError",
                "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length "
                        + "less than or equal to 50");
        assertThat(talk.chain(first, request -> request.roleArn(TARGET).tags(tags.subList(1, 51)))
                        .getValueForField("PackedPolicySize", Integer.class))
                .isPresent();
        assertThatThrownBy(() ->
                        talk.chain(first, request -> request.roleArn(TARGET).tags(tag("a", "x"), tag("A", "y"))))
                .hasMessageContaining("Duplicate tag keys found");
        assertThatThrownBy(() ->
                        talk.chain(first, request -> request.roleArn(TARGET).tags(tag("a*", "x"))))
                .hasMessageContaining("at 'tags' failed to satisfy constraint");
        assertThatThrownBy(() ->
                        talk.chain(first, request -> request.roleArn(TARGET).transitiveTagKeys("a")))
                .hasMessageContaining("each transitive key one of theirs");
    }

    @Conversation(value = "A6 tags need sts:TagSession, inherited ones too", sdk = true)
    void chainedTags_withoutPermission_areDenied() {
        talk.aws.role(
                TARGET,
                "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"" + ROLE
                        + "\"},\"Action\":\"sts:AssumeRole\"}}");
        Credentials bare = talk.session(Map.of());
        Credentials tagged = talk.session(tags(Map.of("Team", "blue"), List.of("Team")));
        Credentials notPassedOn = talk.session(tags(Map.of("Team", "blue"), List.of()));

        assertThat(talk.chain(bare, request -> request.roleArn(TARGET)).credentials())
                .isNotNull();
        assertThat(talk.chain(notPassedOn, request -> request.roleArn(TARGET)).credentials())
                .isNotNull();
        assertRefused(() -> talk.chain(tagged, request -> request.roleArn(TARGET)), 403, "AccessDenied", DENIED);
        assertRefused(
                () -> talk.chain(bare, request -> request.roleArn(TARGET).tags(tag("Team", "blue"))),
                403,
                "AccessDenied",
                DENIED);
    }

    @Conversation(value = "A6 transitive tags stay, and can't be passed anew", sdk = true)
    void transitiveTags_stay() {
        Credentials first = talk.session(tags(Map.of("Team", "blue", "Cost", "1"), List.of("Team")));
        Credentials second = talk.chain(
                        first, request -> request.roleArn(TARGET).tags(tag("Cost", "2")))
                .credentials();

        assertThat(talk.aws.session(second.accessKeyId()).tags().all()).isEqualTo(Map.of("Team", "blue", "Cost", "2"));
        assertThatThrownBy(() ->
                        talk.chain(first, request -> request.roleArn(TARGET).tags(tag("team", "red"))))
                .hasMessageContaining("inherits it as transitive");
    }

    @Conversation(value = "A6 ExternalId", sdk = true)
    void externalId_mustBeTheRoles() {
        talk.aws.chainedRole(TARGET, Set.of(ROLE), "acme:17/x=y");
        Credentials first = talk.session(Map.of());

        assertThat(talk.chain(first, request -> request.roleArn(TARGET).externalId("acme:17/x=y"))
                        .credentials())
                .isNotNull();
        assertRefused(() -> talk.chain(first, request -> request.roleArn(TARGET)), 403, "AccessDenied", DENIED);
        assertRefused(
                () -> talk.chain(first, request -> request.roleArn(TARGET).externalId("acme:18")),
                403,
                "AccessDenied",
                DENIED);
    }

    @Conversation(value = "A6 ExternalId: 2 to 1224 characters", sdk = true)
    void externalId_isLimited() {
        Credentials first = talk.session(Map.of());

        assertThat(talk.chain(first, request -> request.roleArn(TARGET).externalId("x".repeat(1224)))
                        .credentials())
                .isNotNull();
        for (String bad : List.of("x", "x".repeat(1225), "two words")) {
            assertThatThrownBy(() ->
                            talk.chain(first, request -> request.roleArn(TARGET).externalId(bad)))
                    .hasMessageContaining("at 'externalId' failed to satisfy constraint");
        }
    }

    @Conversation(value = "A6 SourceIdentity is set once and kept", sdk = true)
    void sourceIdentity_cannotBeChanged() {
        Credentials bare = talk.session(Map.of());
        Credentials first = talk.session(Map.of(SOURCE_IDENTITY, "Admin"));

        assertThat(talk.chain(bare, request -> request.roleArn(TARGET).sourceIdentity("me"))
                        .sourceIdentity())
                .isEqualTo("me");
        assertThat(talk.chain(first, request -> request.roleArn(TARGET)).sourceIdentity())
                .isEqualTo("Admin");
        assertThat(talk.chain(first, request -> request.roleArn(TARGET).sourceIdentity("Admin"))
                        .sourceIdentity())
                .isEqualTo("Admin");
        assertRefused(
                () -> talk.chain(first, request -> request.roleArn(TARGET).sourceIdentity("me")),
                403,
                "AccessDenied",
                DENIED);
    }

    @Conversation(value = "A6 chaining with a source identity needs sts:SetSourceIdentity", sdk = true)
    void chainedSourceIdentity_withoutPermission_isDenied() {
        talk.aws.role(
                TARGET,
                "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"" + ROLE
                        + "\"},\"Action\":[\"sts:AssumeRole\",\"sts:TagSession\"]}}");

        assertThat(talk.chain(talk.session(Map.of()), request -> request.roleArn(TARGET))
                        .credentials())
                .isNotNull();
        Credentials first = talk.session(Map.of(SOURCE_IDENTITY, "Admin"));
        assertRefused(() -> talk.chain(first, request -> request.roleArn(TARGET)), 403, "AccessDenied", DENIED);
    }

    @Conversation(value = "A6 aws:PrincipalTag is of the caller's session", sdk = true)
    void principalTags_areKeys() {
        talk.aws.role(
                TARGET,
                "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"" + ROLE
                        + "\"},\"Action\":\"sts:*\",\"Condition\":{\"StringEquals\":{\"aws:PrincipalTag/Team\":"
                        + "\"blue\"}}}}");
        Credentials blue = talk.session(tags(Map.of("Team", "blue"), List.of()));
        Credentials red = talk.session(tags(Map.of("Team", "red"), List.of()));

        assertThat(talk.chain(blue, request -> request.roleArn(TARGET)).credentials())
                .isNotNull();
        assertRefused(() -> talk.chain(red, request -> request.roleArn(TARGET)), 403, "AccessDenied", DENIED);
    }

    @Conversation(value = "A6 SerialNumber and TokenCode are not modelled", sdk = true)
    void multiFactor_isRefused() {
        assertRefused(
                () -> talk.chain(
                        talk.session(Map.of()),
                        request -> request.roleArn(TARGET)
                                .serialNumber("GAHT12345678")
                                .tokenCode("123456")),
                400,
                "ValidationError",
                "2 validation errors detected: This fake has no 'SerialNumber'; This fake has no 'TokenCode'");
    }

    @Conversation("A6 unsigned AssumeRole")
    void unsigned_isRefused() throws Exception {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("Action", "AssumeRole");
        form.put("Version", "2011-06-15");
        form.put("RoleArn", TARGET);
        form.put("RoleSessionName", "run-2");

        StsTalk.assertError(
                talk.post(form), 403, "MissingAuthenticationToken", "Request is missing Authentication Token");
    }

    @Conversation(value = "A6 GetCallerIdentity presigned, as for a Kubernetes cluster", sdk = true)
    void presigned_isAnswered() throws Exception {
        Credentials session = talk.session(Map.of());
        String query = presigned(session, "Action=GetCallerIdentity&Version=2011-06-15");
        HttpReply reply = talk.get(query);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).contains("<Arn>arn:aws:sts::123456789012:assumed-role/deploy/run-1</Arn>");
        assertThat(talk.get(query.replace("X-Amz-Expires=60", "X-Amz-Expires=61"))
                        .body())
                .contains("SignatureDoesNotMatch");
        assertThat(talk.get(query + "&x=y").body()).contains("SignatureDoesNotMatch");
        assertThat(talk.get(query.replaceFirst("X-Amz-Security-Token=[^&]*", "X-Amz-Security-Token=x"))
                        .body())
                .contains("InvalidClientTokenId");
        assertThat(talk.get(query.replaceFirst("&X-Amz-Expires=60", "")).body()).contains("MissingAuthenticationToken");
        talk.clock.advance(Duration.ofHours(1));
        assertThat(talk.get(query).body()).contains("ExpiredToken");
    }

    private String presigned(Credentials session, String query) {
        SdkHttpRequest.Builder request = SdkHttpRequest.builder()
                .method(SdkHttpMethod.GET)
                .uri(talk.aws.address())
                .encodedPath("/");
        for (String pair : query.split("&", -1)) {
            request.putRawQueryParameter(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
        }
        SignedRequest signed = AwsV4HttpSigner.create()
                .sign(sign -> sign.identity(AwsSessionCredentials.create(
                                session.accessKeyId(), session.secretAccessKey(), session.sessionToken()))
                        .request(request.build())
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "sts")
                        .putProperty(AwsV4HttpSigner.REGION_NAME, "eu-central-1")
                        .putProperty(AwsV4HttpSigner.AUTH_LOCATION, AwsV4HttpSigner.AuthLocation.QUERY_STRING)
                        .putProperty(AwsV4HttpSigner.EXPIRATION_DURATION, Duration.ofSeconds(60)));
        return signed.request().encodedQueryParameters().orElseThrow();
    }

    private void assertInvalid(Map<String, Object> tags) {
        Map<String, Object> claims = talk.claims();
        claims.putAll(tags);
        talk.assertInvalid(token(claims), BAD_TAGS);
    }

    private static Tag tag(String key, String value) {
        return Tag.builder().key(key).value(value).build();
    }
}
