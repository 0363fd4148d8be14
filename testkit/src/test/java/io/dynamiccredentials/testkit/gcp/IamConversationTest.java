package io.dynamiccredentials.testkit.gcp;

import static io.dynamiccredentials.testkit.gcp.GoogleTalk.ACCOUNT;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.CLOUD_PLATFORM;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.EVERYBODY;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.assertApiError;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.end;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.auth.oauth2.AccessToken;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.IdTokenCredentials;
import com.google.auth.oauth2.IdTokenProvider;
import com.google.auth.oauth2.ImpersonatedCredentials;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.testkit.Conversation;
import io.dynamiccredentials.testkit.Fault;
import io.dynamiccredentials.testkit.ReceivedToken;
import io.dynamiccredentials.wire.HttpReply;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Conversations with IAM Credentials, line by line of what is known of it. */
class IamConversationTest {
    private static final Map<String, Object> BODY = Map.of("scope", List.of(CLOUD_PLATFORM));
    private static final String DENIED =
            "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).";
    private static final String HUB = "hub@hub.iam.gserviceaccount.com";
    private static final String TARGET = "target@shop-prod.iam.gserviceaccount.com";

    private final GoogleTalk talk = new GoogleTalk();

    @AfterEach
    void stop() {
        talk.close();
    }

    @Conversation("B2 generateAccessToken: 200")
    void accessToken_good_hasTokenAndEnd() throws Exception {
        talk.google.serviceAccount(ACCOUNT, EVERYBODY);

        HttpReply reply = talk.accessToken(federated(), BODY);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(json(reply).path("accessToken").textValue()).startsWith("ya29.");
        assertThat(json(reply).path("expireTime").textValue())
                .isEqualTo(talk.clock.instant().plusSeconds(3600).toString());
        assertThat(json(reply).size()).isEqualTo(2);
        assertThat(talk.google.handedOut().get(1).role()).isEqualTo(ACCOUNT);
    }

    @Conversation("B2 the account by its unique id")
    void accessToken_byUniqueId_isTheSame() throws Exception {
        talk.google.serviceAccount(ACCOUNT, EVERYBODY);
        HttpReply reply = talk.iam(federated(), IamPolicies.uniqueId(ACCOUNT), "generateAccessToken", BODY);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(talk.google.live().get(1).principal()).isEqualTo(ACCOUNT);
    }

    @Conversation(value = "B2 lifetime: 3600 unless asked for; B3 token_lifetime_seconds", sdk = true)
    void sdk_impersonation_livesAsLongAsAskedFor() throws Exception {
        talk.google.serviceAccount(ACCOUNT, EVERYBODY);
        Instant now = talk.clock.instant();

        assertThat(end(talk.sdkAs(ACCOUNT, talk.good(), Map.of()))).isEqualTo(now.plusSeconds(3600));
        assertThat(end(talk.sdkAs(ACCOUNT, talk.good(), Map.of("token_lifetime_seconds", 600))))
                .isEqualTo(now.plusSeconds(600));
    }

    @Conversation(value = "B2 more than 1 hour needs the organization's policy, and ends at 12", sdk = true)
    void sdk_longLifetime_needsThePolicy() throws Exception {
        talk.google.serviceAccount(ACCOUNT, EVERYBODY);
        assertThatThrownBy(() -> talk.sdkAs(ACCOUNT, talk.good(), Map.of("token_lifetime_seconds", 3601)))
                .isInstanceOf(IOException.class)
                .hasStackTraceContaining("can not have lifetimes of more than 1 hour. Use the Org Policy Constraint "
                        + "constraints/iam.allowServiceAccountCredentialLifetimeExtension to allow up to 12 hours.");

        talk.google.allowLifetimeExtension(ACCOUNT);
        assertThat(end(talk.sdkAs(ACCOUNT, talk.good(), Map.of("token_lifetime_seconds", 43_200))))
                .isEqualTo(talk.clock.instant().plusSeconds(43_200));
        assertApiError(
                talk.accessToken(federated(), lifetime("43201s")), 400, "INVALID_ARGUMENT", "allow up to 12 hours");
    }

    @Conversation("B2 lifetime of 0 s: larger then zero; of 1 s accepted")
    void accessToken_shortestLifetime_isASecond() throws Exception {
        talk.google.serviceAccount(ACCOUNT, EVERYBODY);
        String token = federated();
        for (String none : List.of("0s", "-1s")) {
            assertApiError(
                    talk.accessToken(token, lifetime(none)),
                    400,
                    "INVALID_ARGUMENT",
                    "Lifetime of access token must be larger then zero.");
        }
        assertThat(json(talk.accessToken(token, lifetime("1s")))
                        .path("expireTime")
                        .textValue())
                .isEqualTo(talk.clock.instant().plusSeconds(1).toString());
        assertThat(talk.accessToken(token, lifetime("3600s")).status()).isEqualTo(200);
        for (String malformed : List.of("3600", "1.5s", "1 s", "1h")) {
            assertApiError(talk.accessToken(token, lifetime(malformed)), 400, "INVALID_ARGUMENT", "");
        }
    }

    @Conversation("B2 scope: bogus refused, the empty text is cloud-platform")
    void accessToken_scopes_areChecked() throws Exception {
        talk.google.serviceAccount(ACCOUNT, EVERYBODY);
        String token = federated();

        assertThat(talk.accessToken(token, Map.of("scope", List.of(""))).status())
                .isEqualTo(200);
        for (Object scope : List.of(List.of("bogus"), List.of(), List.of(5), List.of(CLOUD_PLATFORM, "bogus"), "x")) {
            assertApiError(talk.accessToken(token, Map.of("scope", scope)), 400, "INVALID_ARGUMENT", "scope");
        }
        assertApiError(talk.accessToken(token, Map.of()), 400, "INVALID_ARGUMENT", "scope");
    }

    @Conversation(value = "B2 403 PERMISSION_DENIED: no binding, or no such account", sdk = true)
    void sdk_noBinding_isDenied() throws Exception {
        assertThatThrownBy(() -> talk.sdkAs(ACCOUNT, talk.good(), Map.of()))
                .isInstanceOf(IOException.class)
                .hasStackTraceContaining("403 Forbidden")
                .hasStackTraceContaining(DENIED);
        assertApiError(
                talk.iam(federated(), "nobody@shop.iam.gserviceaccount.com", "generateAccessToken", BODY),
                403,
                "PERMISSION_DENIED",
                DENIED);
    }

    @Conversation("B2 401 UNAUTHENTICATED: made-up, ended or no token")
    void accessToken_badToken_isUnauthenticated() throws Exception {
        talk.google.serviceAccount(ACCOUNT, EVERYBODY);
        String token = federated();
        String message =
                "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or "
                        + "other valid authentication credential.";

        assertApiError(talk.accessToken("", BODY), 401, "UNAUTHENTICATED", message);
        assertApiError(talk.accessToken(token + "x", BODY), 401, "UNAUTHENTICATED", message);
        assertApiError(talk.accessToken(talk.good(), BODY), 401, "UNAUTHENTICATED", message);
        talk.clock.advance(Duration.ofHours(1));
        assertApiError(talk.accessToken(token, BODY), 401, "UNAUTHENTICATED", message);
    }

    @Conversation(value = "B1 IAM: a binding takes about 70 s to take effect", sdk = true)
    void sdk_newBinding_takesItsTime() throws Exception {
        talk.google
                .policiesTakeEffectAfter(Duration.ofSeconds(70), Duration.ofSeconds(90))
                .grant(ACCOUNT, IamRole.WORKLOAD_IDENTITY_USER, EVERYBODY);
        String token = federated();

        talk.clock.advance(Duration.ofSeconds(69));
        assertApiError(talk.accessToken(token, BODY), 403, "PERMISSION_DENIED", DENIED);
        talk.clock.advance(Duration.ofSeconds(1));
        assertThat(talk.accessToken(token, BODY).status()).isEqualTo(200);
        assertThat(talk.sdkAs(ACCOUNT, talk.good(), Map.of()).getTokenValue()).startsWith("ya29.");
    }

    @Conversation("B1 IAM: a revoked binding works on for about 90 s")
    void accessToken_revokedBinding_worksOnForAWhile() throws Exception {
        talk.google
                .serviceAccount(ACCOUNT, EVERYBODY)
                .policiesTakeEffectAfter(Duration.ofSeconds(70), Duration.ofSeconds(90))
                .revoke(ACCOUNT, IamRole.WORKLOAD_IDENTITY_USER, EVERYBODY);
        String token = federated();

        talk.clock.advance(Duration.ofSeconds(89));
        assertThat(talk.accessToken(token, BODY).status()).isEqualTo(200);
        talk.clock.advance(Duration.ofSeconds(1));
        assertApiError(talk.accessToken(token, BODY), 403, "PERMISSION_DENIED", DENIED);
    }

    @Conversation(value = "B2 delegates: each has a role on the next", sdk = true)
    void sdk_delegates_leadToTheTarget() throws Exception {
        talk.google
                .serviceAccount(HUB)
                .serviceAccount(TARGET)
                .grant(ACCOUNT, IamRole.TOKEN_CREATOR, EVERYBODY)
                .grant(HUB, IamRole.TOKEN_CREATOR, "serviceAccount:" + ACCOUNT)
                .grant(TARGET, IamRole.TOKEN_CREATOR, "serviceAccount:" + HUB);

        assertThat(principal(impersonated(List.of(ACCOUNT, HUB)).refreshAccessToken()))
                .isEqualTo(TARGET);
        for (List<String> chain : List.of(List.<String>of(), List.of(HUB), List.of(ACCOUNT), List.of(HUB, ACCOUNT))) {
            assertThatThrownBy(() -> impersonated(chain).refreshAccessToken())
                    .as("chain %s", chain)
                    .hasStackTraceContaining("PERMISSION_DENIED");
        }
    }

    @Test
    void accessToken_delegation_needsTheRoleThatHasIt() throws Exception {
        talk.google
                .serviceAccount(ACCOUNT, EVERYBODY)
                .serviceAccount(TARGET)
                .grant(TARGET, IamRole.TOKEN_CREATOR, "serviceAccount:" + ACCOUNT);
        assertApiError(delegated("projects/-/serviceAccounts/" + ACCOUNT), 403, "PERMISSION_DENIED", DENIED);

        talk.google.grant(ACCOUNT, IamRole.TOKEN_CREATOR, EVERYBODY);
        assertThat(delegated("projects/-/serviceAccounts/" + ACCOUNT).status()).isEqualTo(200);
        assertApiError(delegated(ACCOUNT), 400, "INVALID_ARGUMENT", "delegates");
    }

    @Conversation(value = "B2 generateIdToken: 1 h, signed by a key that is published", sdk = true)
    void sdk_idToken_isSignedAndNamesTheAccount() throws Exception {
        talk.google.serviceAccount(ACCOUNT, EVERYBODY);
        ImpersonatedCredentials source = impersonating(ACCOUNT, List.of());
        String token = IdTokenCredentials.newBuilder()
                .setIdTokenProvider(source)
                .setTargetAudience("https://app.example")
                .setOptions(List.of(IdTokenProvider.Option.INCLUDE_EMAIL))
                .build()
                .refreshAccessToken()
                .getTokenValue();

        ReceivedToken received = ReceivedToken.parse(token).orElseThrow();
        JwkSet keys = JwkSet.parse(talk.get(talk.google.idTokenKeys(), "").body());
        assertThat(received.isSignedBy(keys.find(received.keyId()).orElseThrow()))
                .isTrue();
        JsonNode claims = received.claims();
        assertThat(claims.path("iss").textValue()).isEqualTo("https://accounts.google.com");
        assertThat(claims.path("aud").textValue()).isEqualTo("https://app.example");
        assertThat(claims.path("email").textValue()).isEqualTo(ACCOUNT);
        assertThat(claims.path("exp").longValue()).isEqualTo(talk.now() + 3600);
        assertThat(talk.google.handedOut()).hasSize(2);
    }

    @Conversation("B2 generateIdToken: e-mail only if asked for, and an audience must be")
    void idToken_body_isChecked() throws Exception {
        talk.google.serviceAccount(ACCOUNT, EVERYBODY);
        String token = federated();

        HttpReply reply = talk.iam(token, ACCOUNT, "generateIdToken", Map.of("audience", "a"));
        assertThat(reply.status()).isEqualTo(200);
        assertThat(ReceivedToken.parse(json(reply).path("token").textValue())
                        .orElseThrow()
                        .claims()
                        .has("email"))
                .isFalse();
        assertApiError(talk.iam(token, ACCOUNT, "generateIdToken", Map.of()), 400, "INVALID_ARGUMENT", "audience");
        talk.google.revoke(ACCOUNT, IamRole.WORKLOAD_IDENTITY_USER, EVERYBODY);
        assertApiError(
                talk.iam(token, ACCOUNT, "generateIdToken", Map.of("audience", "a")),
                403,
                "PERMISSION_DENIED",
                "getOpenIdToken");
    }

    @Conversation("B2 503: retry with backoff")
    void failed_apis_answerInTheirForm() throws Exception {
        talk.google.serviceAccount(ACCOUNT, EVERYBODY);
        String token = federated();
        talk.google.faults().of("generateAccessToken").next(Fault.failed(503));

        assertApiError(talk.accessToken(token, BODY), 503, "UNAVAILABLE", "");
        assertThat(talk.accessToken(token, BODY).status()).isEqualTo(200);
    }

    @Test
    void answer_unknownAddress_isNotFound() throws Exception {
        assertApiError(talk.iam(federated(), ACCOUNT, "signBlob", BODY), 404, "NOT_FOUND", "");
        assertApiError(talk.get(URI.create(talk.google.address() + "/v1/other"), ""), 404, "NOT_FOUND", "");
        assertApiError(talk.get(talk.google.tokenUrl(), ""), 404, "NOT_FOUND", "");
    }

    @Test
    void operator_mistakes_areRefused() {
        assertThatThrownBy(() -> talk.google.serviceAccount("deploy")).hasMessageContaining("it was \"deploy\"");
        assertThatThrownBy(() -> talk.google.serviceAccount(ACCOUNT, "deploy")).hasMessageContaining("A member is");
        assertThatThrownBy(() -> talk.google.grant(HUB, IamRole.TOKEN_CREATOR, EVERYBODY))
                .hasMessageContaining("no service account \"" + HUB);
        assertThatThrownBy(() -> talk.google.revoke(ACCOUNT, IamRole.TOKEN_CREATOR, EVERYBODY))
                .hasMessageContaining("has no binding");
        assertThatThrownBy(() -> talk.google.removeServiceAccount(HUB)).hasMessageContaining("no service account");
        assertThatThrownBy(() -> talk.google.policiesTakeEffectAfter(Duration.ofSeconds(-1), Duration.ZERO))
                .hasMessageContaining("before they change");
        assertThatThrownBy(() -> talk.google.disableProvider("p")).hasMessageContaining("no provider \"p\"");
        assertThatThrownBy(() -> talk.google.undeleteProvider(GoogleTalk.PROVIDER))
                .hasMessageContaining("was not deleted");
    }

    @Test
    void deletedProvider_keepsItsNameForThirtyDays() {
        talk.google.deleteProvider(GoogleTalk.PROVIDER);
        assertThatThrownBy(() -> talk.google.provider(
                        talk.provider().subjectPattern("a*").build()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Undelete it");
        assertThatThrownBy(() -> talk.google.enableProvider(GoogleTalk.PROVIDER))
                .hasMessageContaining("is deleted");

        talk.clock.advance(Duration.ofDays(30));
        assertThatThrownBy(() -> talk.google.undeleteProvider(GoogleTalk.PROVIDER))
                .hasMessageContaining("last 30 days");
        talk.google.provider(talk.provider().subjectPattern("a*").build());
    }

    @Test
    void revoke_oneOfTwoBindings_leavesTheOther() throws Exception {
        String subject = "principal://iam.googleapis.com/" + GoogleTalk.POOL + "/subject/other";
        talk.google.serviceAccount(ACCOUNT, EVERYBODY, subject);

        talk.google.revoke(ACCOUNT, IamRole.WORKLOAD_IDENTITY_USER, subject);
        assertThat(talk.accessToken(federated(), BODY).status()).isEqualTo(200);
        assertThatThrownBy(() -> talk.google.revoke(ACCOUNT, IamRole.TOKEN_CREATOR, EVERYBODY))
                .hasMessageContaining("has no binding");
        talk.google.revoke(ACCOUNT, IamRole.WORKLOAD_IDENTITY_USER, EVERYBODY);
        assertThat(talk.accessToken(federated(), BODY).status()).isEqualTo(403);
    }

    @Test
    void removedAccount_isDenied() throws Exception {
        talk.google.serviceAccount(ACCOUNT, EVERYBODY);
        String token = federated();
        talk.google.removeServiceAccount(ACCOUNT);
        assertApiError(talk.accessToken(token, BODY), 403, "PERMISSION_DENIED", DENIED);
    }

    private String federated() throws Exception {
        return talk.federated(talk.good());
    }

    private static Map<String, Object> lifetime(String lifetime) {
        Map<String, Object> body = new LinkedHashMap<>(BODY);
        body.put("lifetime", lifetime);
        return body;
    }

    private HttpReply delegated(String delegate) throws Exception {
        Map<String, Object> body = new LinkedHashMap<>(BODY);
        body.put("delegates", List.of(delegate));
        return talk.iam(federated(), TARGET, "generateAccessToken", body);
    }

    private ImpersonatedCredentials impersonated(List<String> delegates) {
        return impersonating(TARGET, delegates);
    }

    private ImpersonatedCredentials impersonating(String account, List<String> delegates) {
        GoogleCredentials source =
                talk.builder(GoogleTalk.RESOURCE, talk.good()).build();
        return ImpersonatedCredentials.newBuilder()
                .setSourceCredentials(source)
                .setTargetPrincipal(account)
                .setDelegates(delegates.stream()
                        .map(email -> "projects/-/serviceAccounts/" + email)
                        .toList())
                .setScopes(List.of(CLOUD_PLATFORM))
                .setIamEndpointOverride(
                        talk.google.address() + "/v1/projects/-/serviceAccounts/" + account + ":generateAccessToken")
                .setHttpTransportFactory(talk.transport())
                .build();
    }

    private String principal(AccessToken token) throws Exception {
        return json(talk.get(talk.google.whoAmI(), token.getTokenValue()))
                .path("principal")
                .textValue();
    }
}
