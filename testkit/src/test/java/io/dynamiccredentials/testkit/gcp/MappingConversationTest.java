package io.dynamiccredentials.testkit.gcp;

import static io.dynamiccredentials.testkit.gcp.GoogleTalk.ACCOUNT;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.CLOUD_PLATFORM;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.POOL;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.assertOauthError;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.testkit.Conversation;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.wire.HttpReply;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Conversations about attribute mappings, conditions, and the members that policies name by them. */
class MappingConversationTest {
    private static final String SET = "principalSet://iam.googleapis.com/" + POOL;

    private final GoogleTalk talk = new GoogleTalk();

    @AfterEach
    void stop() {
        talk.close();
    }

    @Conversation(value = "B6 principal://…/subject/S", sdk = true)
    void sdk_subjectInAPolicy_mayImpersonate() throws Exception {
        String subject = Runs.plan().subject();
        talk.google.serviceAccount(ACCOUNT, "principal://iam.googleapis.com/" + POOL + "/subject/" + subject);
        assertThat(talk.sdkAs(ACCOUNT, talk.good(), Map.of()).getTokenValue()).startsWith("ya29.");

        talk.google.provider(talk.provider().withoutAttributeCondition().build());
        assertThat(impersonate(talk.with("sub", subject + "-2")).status()).isEqualTo(403);
    }

    @Conversation(value = "B6 principalSet://…/group/G", sdk = true)
    void sdk_groupInAPolicy_mayImpersonate() throws Exception {
        talk.google
                .provider(talk.provider()
                        .map("google.groups", "assertion.groups")
                        .subjectPattern(Runs.SUBJECTS)
                        .build())
                .serviceAccount(ACCOUNT, SET + "/group/ops");

        assertThat(talk.sdkAs(ACCOUNT, talk.with("groups", List.of("dev", "ops")), Map.of())
                        .getTokenValue())
                .startsWith("ya29.");
        assertThat(impersonate(talk.with("groups", List.of("dev", "Ops"))).status())
                .isEqualTo(403);
    }

    @Conversation(value = "B6 principalSet://…/attribute.A/V", sdk = true)
    void sdk_attributeInAPolicy_mayImpersonate() throws Exception {
        talk.google
                .provider(talk.provider()
                        .map("attribute.repository", "assertion.repository.lowerAscii()")
                        .subjectPattern(Runs.SUBJECTS)
                        .build())
                .serviceAccount(ACCOUNT, SET + "/attribute.repository/acme/shop");

        assertThat(talk.sdkAs(ACCOUNT, talk.with("repository", "Acme/Shop"), Map.of())
                        .getTokenValue())
                .startsWith("ya29.");
        assertThat(impersonate(talk.with("repository", "acme/shop-2")).status()).isEqualTo(403);
    }

    @Conversation(value = "B6 principalSet://…/* of the pool, and of no other", sdk = true)
    void sdk_poolInAPolicy_mayImpersonate() throws Exception {
        talk.google.serviceAccount(ACCOUNT, "principalSet://iam.googleapis.com/" + POOL + "-2/*");
        assertThat(impersonate(talk.good()).status()).isEqualTo(403);

        talk.google.serviceAccount(ACCOUNT, GoogleTalk.EVERYBODY);
        assertThat(talk.sdkAs(ACCOUNT, talk.good(), Map.of()).getTokenValue()).startsWith("ya29.");
    }

    @Conversation(value = "B6 attribute_condition over assertion, google and attribute", sdk = true)
    void sdk_condition_seesAllThree() throws Exception {
        talk.google.provider(talk.provider()
                .map("attribute.repository", "assertion.repository")
                .attributeCondition("attribute.repository.startsWith('acme/') && google.subject == assertion.sub && "
                        + "assertion.terraform_run_phase == 'plan'")
                .build());

        assertThat(talk.sdk(talk.with("repository", "acme/shop")).getTokenValue())
                .startsWith("ya29.");
        assertThat(talk.sdkRefusal(talk.with("repository", "evil/shop")))
                .isEqualTo(
                        "Error code unauthorized_client: The given credential is rejected by the attribute condition.");
    }

    @Conversation(value = "B6 a mapped claim that is absent", sdk = true)
    void sdk_mappedClaimAbsent_isRejected() {
        talk.google.provider(talk.provider()
                .map("attribute.repository", "assertion.repository")
                .subjectPattern(Runs.SUBJECTS)
                .build());
        assertThat(talk.sdkRefusal(talk.good()))
                .isEqualTo(
                        "Error code unauthorized_client: The given credential is rejected by the attribute condition.");
    }

    @Conversation(value = "B6 google.subject of up to 127 bytes", sdk = true)
    void sdk_longSubject_isRefusedUnlessMappedShorter() throws Exception {
        talk.google.provider(talk.provider().withoutAttributeCondition().build());
        assertThat(talk.sdk(talk.with("sub", "s".repeat(127))).getTokenValue()).startsWith("ya29.");
        assertThat(talk.sdkRefusal(talk.with("sub", "s".repeat(128))))
                .isEqualTo(
                        "Error code invalid_request: The size of mapped attribute google.subject exceeds the 127 bytes "
                                + "limit. Either modify your attribute mapping or the incoming assertion to produce a mapped "
                                + "attribute that is less than 127 bytes.");
    }

    @Conversation(value = "B6 google.subject from part of a claim", sdk = true)
    void sdk_extractedSubject_isThePrincipal() throws Exception {
        talk.google.provider(WorkloadIdentityProvider.builder(GoogleTalk.PROVIDER, talk.issuer.url())
                .map("google.subject", "assertion.sub.extract('workspace:{name}:')")
                .withoutAttributeCondition()
                .build());
        String token = talk.sdk(talk.good()).getTokenValue();

        assertThat(json(talk.get(talk.google.whoAmI(), token)).path("principal").textValue())
                .isEqualTo("principal://iam.googleapis.com/" + POOL + "/subject/prod");
    }

    @Conversation("B6 google.subject must be a text")
    void form_subjectOfAnotherType_isNamed() throws Exception {
        talk.google.provider(talk.provider().withoutAttributeCondition().build());
        assertOauthError(
                talk.sts(talk.with("sub", 5)),
                "unauthorized_client",
                "The mapped attribute 'google.subject' must be of type STRING.");
    }

    @Test
    void form_noJsonWebToken_isRefused() throws Exception {
        for (String token : List.of("", "a.b", "a.b.c", "..", "e30.e30.e30.e30")) {
            HttpReply reply = talk.sts(token);
            assertThat(reply.status()).isEqualTo(400);
            assertThat(json(reply).path("error").textValue()).isEqualTo("invalid_grant");
        }
    }

    private HttpReply impersonate(String jwt) throws Exception {
        return talk.accessToken(talk.federated(jwt), Map.of("scope", List.of(CLOUD_PLATFORM)));
    }
}
