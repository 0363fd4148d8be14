package io.dynamiccredentials.testkit.gcp;

import static io.dynamiccredentials.testkit.gcp.GoogleTalk.PROVIDER;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.RESOURCE;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.assertApiError;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.assertOauthError;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.json;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.reveal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.auth.Retryable;
import com.google.auth.oauth2.AccessToken;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.testkit.Conversation;
import io.dynamiccredentials.testkit.FakeTokenIssuer;
import io.dynamiccredentials.testkit.Fault;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.wire.HttpReply;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Conversations with STS, line by line of what is known of it. */
class StsConversationTest {
    private static final String TARGET = "The target service indicated by the \"audience\" parameters is invalid. This "
            + "might either be because the pool or provider is disabled or deleted or because it doesn't exist.";
    private static final String AUDIENCE =
            "Invalid value for \"audience\". This value should be the full resource name "
                    + "of the Identity Provider. See https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token for the"
                    + " list of possible formats.";
    private static final String CONDITION = "The given credential is rejected by the attribute condition.";
    private static final String SIGNATURE = "Unable to verify the ID Token signature.";
    private static final String CONNECTING = "Error connecting to the given credential's issuer.";

    private final GoogleTalk talk = new GoogleTalk();

    @AfterEach
    void stop() {
        talk.close();
    }

    @Conversation("B1 request as a form; 200")
    void form_good_givesTheMembersOfAnAnswer() throws Exception {
        HttpReply reply = talk.sts(talk.good());

        assertThat(reply.status()).isEqualTo(200);
        JsonNode body = json(reply);
        assertThat(body.path("access_token").textValue()).startsWith("ya29.");
        assertThat(body.path("issued_token_type").textValue())
                .isEqualTo("urn:ietf:params:oauth:token-type:access_token");
        assertThat(body.path("token_type").textValue()).isEqualTo("Bearer");
        assertThat(body.path("expires_in").isIntegralNumber()).isTrue();
        assertThat(body.size()).isEqualTo(4);
        assertThat(talk.google.calls().count("token")).isEqualTo(1);
    }

    @Conversation(value = "B4 supplier of subject tokens", sdk = true)
    void sdk_goodToken_getsAnAccessToken() throws Exception {
        AccessToken token = talk.sdk(talk.good());

        assertThat(talk.get(talk.google.whoAmI(), token.getTokenValue()).status())
                .isEqualTo(200);
    }

    @Conversation("B1 request as JSON in camel case")
    void json_good_isAccepted() throws Exception {
        Map<String, String> members = new LinkedHashMap<>();
        members.put("grantType", "urn:ietf:params:oauth:grant-type:token-exchange");
        members.put("audience", RESOURCE);
        members.put("scope", GoogleTalk.CLOUD_PLATFORM);
        members.put("requestedTokenType", "urn:ietf:params:oauth:token-type:access_token");
        members.put("subjectToken", talk.good());
        members.put("subjectTokenType", "urn:ietf:params:oauth:token-type:jwt");

        assertThat(talk.stsJson(members).status()).isEqualTo(200);
        members.put("audience", PROVIDER);
        assertOauthError(talk.stsJson(members), "invalid_request", AUDIENCE);
    }

    @Conversation("B1 required fields")
    void form_fieldAbsentOrOther_isAnInvalidRequest() throws Exception {
        for (String field : List.of("grant_type", "scope", "requested_token_type", "subject_token_type")) {
            Map<String, String> form = talk.form(talk.good());
            form.remove(field);
            assertOauthError(talk.sts(form), "invalid_request", "Invalid value for \"" + field + "\".");
            form.put(field, "other");
            assertOauthError(talk.sts(form), "invalid_request", "Invalid value for \"" + field + "\".");
        }
        assertThat(talk.google.handedOut()).isEmpty();
    }

    @Conversation("B1 subject_token_type id_token")
    void form_idTokenAsType_isAccepted() throws Exception {
        Map<String, String> form = talk.form(talk.good());
        form.put("subject_token_type", "urn:ietf:params:oauth:token-type:id_token");
        assertThat(talk.sts(form).status()).isEqualTo(200);
    }

    @Conversation("B1 options: userProject of up to 32 characters, perhaps quoted by the library for Python")
    void form_options_areLimited() throws Exception {
        assertThat(withOptions("{\"userProject\":\"" + "p".repeat(32) + "\"}").status())
                .isEqualTo(200);
        assertThat(withOptions(URLEncoder.encode("{\"userProject\":\"shop\"}", StandardCharsets.UTF_8))
                        .status())
                .isEqualTo(200);
        for (String options : List.of(
                "{\"userProject\":\"" + "p".repeat(33) + "\"}",
                "{\"accessBoundary\":{\"accessBoundaryRules\":[]}}",
                "{\"userProject\":5}",
                "%7",
                "shop")) {
            assertOauthError(withOptions(options), "invalid_request", "Invalid value for \"options\".");
        }
    }

    @Conversation(value = "B1 expires_in: what is left of the token, at most 3600, less 2", sdk = true)
    void sdk_expiresIn_followsTheToken() throws Exception {
        Instant before = Instant.now();
        assertThat(GoogleTalk.end(talk.sdk(talk.with("exp", talk.now() + 100))))
                .isCloseTo(before.plusSeconds(98), within(5, ChronoUnit.SECONDS));
        assertThat(json(talk.sts(talk.with("exp", talk.now() + 100)))
                        .path("expires_in")
                        .intValue())
                .isEqualTo(98);
        assertThat(json(talk.sts(talk.with("exp", talk.now() + 3600)))
                        .path("expires_in")
                        .intValue())
                .isEqualTo(3598);
        assertThat(json(talk.sts(talk.with("exp", talk.now() + 3601)))
                        .path("expires_in")
                        .intValue())
                .isEqualTo(3598);
    }

    @Conversation(value = "B1 exp-iat: no maximum, 11 years accepted", sdk = true)
    void sdk_tokenOfElevenYears_isAccepted() throws Exception {
        assertThat(talk.sdk(talk.with("exp", talk.now() + 11L * 365 * 86_400)).getTokenValue())
                .startsWith("ya29.");
    }

    @Conversation(value = "B1 skew: iat +60 accepted, +119 rejected", sdk = true)
    void sdk_issuedInTheFuture_isAcceptedForAMinute() throws Exception {
        assertThat(talk.sts(talk.with("iat", talk.now() + 60)).status()).isEqualTo(200);
        assertThat(talk.sdkRefusal(talk.with("iat", talk.now() + 119)))
                .isEqualTo(
                        "Error code invalid_grant: ID Token issued at " + (talk.now() + 119) + " is stale to sign-in.");
    }

    @Conversation("B1 skew: exp -59 accepted as a token, -61 rejected; of 1 s and less a 500 comes")
    void form_endedToken_isStaleAfterAMinute() throws Exception {
        long issuedAt = talk.now();
        String token = talk.with("exp", issuedAt + 100);
        talk.clock.advance(Duration.ofSeconds(159));
        assertApiError(talk.sts(token), 500, "INTERNAL", "");
        talk.clock.advance(Duration.ofSeconds(2));
        assertOauthError(talk.sts(token), "invalid_grant", "ID Token issued at " + issuedAt + " is stale to sign-in.");
    }

    @Conversation("B1 ttl of 2 s: no expires_in; of 1 s: 500 INTERNAL")
    void form_tokenOfTwoSeconds_hasNoExpiresIn() throws Exception {
        HttpReply two = talk.sts(talk.with("exp", talk.now() + 2));
        assertThat(two.status()).isEqualTo(200);
        assertThat(json(two).has("expires_in")).isFalse();
        assertThat(json(talk.sts(talk.with("exp", talk.now() + 3)))
                        .path("expires_in")
                        .intValue())
                .isEqualTo(1);
        assertApiError(talk.sts(talk.with("exp", talk.now() + 1)), 500, "INTERNAL", "");
    }

    @Conversation(value = "B1 keys: ES256 proved", sdk = true)
    void sdk_es256_isAccepted() throws Exception {
        try (TestIssuer elliptic = TestIssuer.start(SigningAlgorithm.ES256, talk.clock)) {
            talk.google.provider(WorkloadIdentityProvider.of(PROVIDER, elliptic.url(), Runs.SUBJECTS));
            assertThat(talk.sdk(reveal(elliptic.issue(Runs.plan(), RESOURCE))).getTokenValue())
                    .startsWith("ya29.");
        }
    }

    @Conversation(value = "B1 keys: Ed25519 refused", sdk = true)
    void sdk_otherAlgorithms_areRefused() {
        try (TestIssuer edwards = TestIssuer.start(SigningAlgorithm.EDDSA, talk.clock)) {
            talk.google.provider(WorkloadIdentityProvider.of(PROVIDER, edwards.url(), Runs.SUBJECTS));
            assertThat(talk.sdkRefusal(reveal(edwards.issue(Runs.plan(), RESOURCE))))
                    .isEqualTo("Error code invalid_grant: " + SIGNATURE);
        }
        assertThat(talk.google.handedOut()).isEmpty();
    }

    @Conversation(value = "B1 issuer: need not resolve if a JWKS is uploaded", sdk = true)
    void sdk_uploadedKeys_needNoIssuer() throws Exception {
        IssuerUrl nowhere = IssuerUrl.of("https://nowhere.example");
        FakeTokenIssuer issuer = FakeTokenIssuer.of(nowhere, SigningAlgorithm.RS256, talk.clock);
        talk.google.provider(uploaded(nowhere, issuer.keys()));

        assertThat(talk.sdk(reveal(issuer.issue(Runs.plan(), RESOURCE))).getTokenValue())
                .startsWith("ya29.");
        assertThat(talk.google.issuerKeys().fetches()).isZero();

        // Whatever is published now, only what was uploaded counts.
        issuer.rotate();
        assertThat(talk.sdkRefusal(reveal(issuer.issue(Runs.plan(), RESOURCE))))
                .isEqualTo("Error code invalid_grant: " + CONNECTING);
    }

    @Conversation(value = "B1 audience: allowed ones replace the default", sdk = true)
    void sdk_defaultAudience_isRefusedBesideAllowedOnes() throws Exception {
        talk.google.provider(talk.provider()
                .subjectPattern(Runs.SUBJECTS)
                .allowAudience("https://ci.example")
                .build());

        assertThat(talk.sdkRefusal(talk.good()))
                .isEqualTo("Error code invalid_grant: The audience in ID Token [" + RESOURCE
                        + "] does not match the expected audience.");
        assertThat(talk.sdk(reveal(talk.issuer.issue(Runs.plan(), "https://ci.example")))
                        .getTokenValue())
                .startsWith("ya29.");
    }

    @Conversation(value = "B1 disabled provider: no exchange, and earlier tokens work on", sdk = true)
    void sdk_disabledProvider_takesNoMoreTokens() throws Exception {
        talk.google.serviceAccount(GoogleTalk.ACCOUNT, GoogleTalk.EVERYBODY);
        String earlier = talk.federated(talk.good());
        talk.google.disableProvider(PROVIDER);

        assertThat(talk.sdkRefusal(talk.good())).isEqualTo("Error code invalid_target: " + TARGET);
        assertThat(talk.get(talk.google.whoAmI(), earlier).status()).isEqualTo(200);
        assertThat(talk.accessToken(earlier, Map.of("scope", List.of(GoogleTalk.CLOUD_PLATFORM)))
                        .status())
                .isEqualTo(200);

        talk.google.enableProvider(PROVIDER);
        assertThat(talk.sdk(talk.good()).getTokenValue()).startsWith("ya29.");
    }

    @Conversation(value = "B1 invalid_target: unknown or deleted; B6 deleted softly for 30 days", sdk = true)
    void sdk_unknownOrDeletedProvider_isAnInvalidTarget() throws Exception {
        assertThat(talk.sdkRefusal(RESOURCE + "-2", talk.good())).isEqualTo("Error code invalid_target: " + TARGET);

        talk.google.deleteProvider(PROVIDER);
        assertThat(talk.sdkRefusal(talk.good())).isEqualTo("Error code invalid_target: " + TARGET);

        talk.clock.advance(Duration.ofDays(30).minusSeconds(1));
        talk.google.undeleteProvider(PROVIDER);
        assertThat(talk.sdk(talk.good()).getTokenValue()).startsWith("ya29.");
    }

    @Conversation("B1 invalid_request: malformed audience")
    void form_malformedAudience_isAnInvalidRequest() throws Exception {
        for (String audience : List.of(
                "",
                "https:" + RESOURCE,
                PROVIDER,
                RESOURCE.replace("123456789", "shop"),
                RESOURCE + "/x",
                "https://evil.example",
                RESOURCE.toUpperCase(Locale.ROOT))) {
            Map<String, String> form = talk.form(talk.good());
            form.put("audience", audience);
            assertOauthError(talk.sts(form), "invalid_request", AUDIENCE);
        }
    }

    @Conversation("B1 audience of a workforce, of which there is none")
    void form_workforceAudience_isAnInvalidTarget() throws Exception {
        Map<String, String> form = talk.form(talk.good());
        form.put("audience", "//iam.googleapis.com/locations/global/workforcePools/staff/providers/corp");
        assertOauthError(talk.sts(form), "invalid_target", TARGET);
    }

    @Conversation(value = "B1 unauthorized_client: the condition is false", sdk = true)
    void sdk_conditionNotMet_isUnauthorized() {
        assertThat(talk.sdkRefusal(reveal(talk.issuer.issue(Runs.ofOtherProject(), RESOURCE))))
                .isEqualTo("Error code unauthorized_client: " + CONDITION);
    }

    @Conversation(value = "B1 unauthorized_client: sub missing", sdk = true)
    void sdk_noSubject_isUnauthorized() {
        assertThat(talk.sdkRefusal(talk.without("sub"))).isEqualTo("Error code unauthorized_client: " + CONDITION);
    }

    @Conversation(value = "B1 invalid_grant: audience", sdk = true)
    void sdk_otherAudience_isListed() {
        assertThat(talk.sdkRefusal(reveal(talk.issuer.issue(Runs.plan(), "other"))))
                .isEqualTo(
                        "Error code invalid_grant: The audience in ID Token [other] does not match the expected audience.");
    }

    @Conversation(value = "B1 invalid_grant: audience absent prints []", sdk = true)
    void sdk_noAudience_isListedAsNone() {
        assertThat(talk.sdkRefusal(talk.without("aud")))
                .isEqualTo(
                        "Error code invalid_grant: The audience in ID Token [] does not match the expected audience.");
    }

    @Conversation(value = "B1 invalid_grant: issuer", sdk = true)
    void sdk_otherIssuer_isNamed() {
        assertThat(talk.sdkRefusal(reveal(talk.issuer.bad().fromUnknownIssuer(Runs.plan(), RESOURCE))))
                .isEqualTo(
                        "Error code invalid_grant: The issuer in ID Token https://unknown.example does not match the "
                                + "expected one in config: " + talk.issuer.url());
    }

    @Conversation(value = "B1 invalid_grant: issuer absent prints null", sdk = true)
    void sdk_noIssuer_isNull() {
        assertThat(talk.sdkRefusal(talk.without("iss")))
                .startsWith("Error code invalid_grant: The issuer in ID Token null does not match");
    }

    @Conversation(value = "B1 invalid_grant: stale", sdk = true)
    void sdk_ended_isStale() {
        String expired = reveal(talk.issuer.bad().expired(Runs.plan(), RESOURCE));
        assertThat(talk.sdkRefusal(expired))
                .isEqualTo("Error code invalid_grant: ID Token issued at " + (talk.now() - 70 * 60)
                        + " is stale to sign-in.");
    }

    @Conversation(value = "B1 invalid_grant: iat absent prints null, exp absent is stale too", sdk = true)
    void sdk_noTimes_areStale() {
        assertThat(talk.sdkRefusal(talk.without("iat")))
                .isEqualTo("Error code invalid_grant: ID Token issued at null is stale to sign-in.");
        assertThat(talk.sdkRefusal(talk.without("exp")))
                .isEqualTo("Error code invalid_grant: ID Token issued at " + talk.now() + " is stale to sign-in.");
    }

    @Conversation(value = "B1 invalid_grant: signature", sdk = true)
    void sdk_badSignature_isNamed() {
        for (String bad : List.of(
                reveal(talk.issuer.bad().withBadSignature(Runs.plan(), RESOURCE)),
                reveal(talk.issuer.bad().tampered(Runs.ofOtherProject(), Runs.plan(), RESOURCE)),
                reveal(talk.issuer.bad().signedWithPublicKey(Runs.plan(), RESOURCE)))) {
            assertThat(talk.sdkRefusal(bad)).isEqualTo("Error code invalid_grant: " + SIGNATURE);
        }
        assertThat(talk.google.handedOut()).isEmpty();
    }

    @Test
    void form_unsignedToken_isRefused() throws Exception {
        String unsigned = reveal(talk.issuer.bad().unsigned(Runs.plan(), RESOURCE));
        assertOauthError(talk.sts(unsigned), "invalid_grant", SIGNATURE);
    }

    @Test
    void form_noKeyIdInTheToken_isRefused() throws Exception {
        String other = reveal(talk.issuer.bad().withHeader(Runs.plan(), RESOURCE, "kid", ""));
        assertOauthError(talk.sts(other), "invalid_grant", CONNECTING);
    }

    @Conversation(value = "B1 invalid_grant: key id unknown", sdk = true)
    void sdk_unpublishedKey_isAnIssuerThatCantBeReached() {
        assertThat(talk.sdkRefusal(reveal(talk.issuer.bad().withUnpublishedKey(Runs.plan(), RESOURCE))))
                .isEqualTo("Error code invalid_grant: " + CONNECTING);
    }

    @Conversation(value = "B1 invalid_grant: issuer unreachable", sdk = true)
    void sdk_issuerDown_isAnIssuerThatCantBeReached() throws Exception {
        talk.issuer.faults().always(Fault.failed(503));
        assertThat(talk.sdkRefusal(talk.good())).isEqualTo("Error code invalid_grant: " + CONNECTING);

        talk.issuer.faults().clear();
        assertThat(talk.sdk(talk.good()).getTokenValue()).startsWith("ya29.");
    }

    @Conversation(value = "B1 key rotation seen late: transient", sdk = true)
    void sdk_rotationSeenLate_isRefusedUntilItIsSeen() throws Exception {
        talk.sdk(talk.good());
        talk.google.issuerKeys().hold();
        talk.issuer.rotate();
        assertThat(talk.sdkRefusal(talk.good())).isEqualTo("Error code invalid_grant: " + CONNECTING);

        talk.google.issuerKeys().release();
        assertThat(talk.sdk(talk.good()).getTokenValue()).startsWith("ya29.");
    }

    @Conversation("B1 introspection: tokeninfo can't read federated tokens")
    void tokenInfo_federatedToken_isInvalid() throws Exception {
        String federated = talk.federated(talk.good());
        talk.google.serviceAccount(GoogleTalk.ACCOUNT, GoogleTalk.EVERYBODY);
        String account = json(talk.accessToken(federated, Map.of("scope", List.of(GoogleTalk.CLOUD_PLATFORM))))
                .path("accessToken")
                .textValue();

        assertOauthError(tokenInfo(federated), "invalid_token", "Invalid Value");
        assertOauthError(tokenInfo("made-up"), "invalid_token", "Invalid Value");
        HttpReply known = tokenInfo(account);
        assertThat(known.status()).isEqualTo(200);
        assertThat(json(known).path("email").textValue()).isEqualTo(GoogleTalk.ACCOUNT);
        assertThat(json(known).path("expires_in").textValue()).isEqualTo("3600");
    }

    @Conversation("B1 429: throttled, as the documents on troubleshooting say")
    void throttled_saysQuotaExceeded() throws Exception {
        talk.google.faults().next(Fault.throttled(Duration.ofSeconds(3)), Fault.throttled());

        HttpReply reply = talk.sts(talk.good());
        assertThat(reply.status()).isEqualTo(429);
        assertThat(reply.header("Retry-After")).hasValue("3");
        assertThat(json(reply).path("error").textValue()).isEqualTo("quota_exceeded");
        assertThat(talk.sts(talk.good()).header("Retry-After")).isEmpty();
        assertThat(talk.sts(talk.good()).status()).isEqualTo(200);
    }

    @Conversation(value = "B4 errors of STS are an OAuthException, which the library does not retry", sdk = true)
    void sdk_throttled_isToldAndNotRetried() {
        talk.google.faults().next(Fault.throttled());

        assertThatThrownBy(() -> talk.sdk(talk.good()))
                .isInstanceOfSatisfying(
                        Retryable.class, e -> assertThat(e.isRetryable()).isFalse())
                .hasMessageStartingWith("Error code quota_exceeded: The request was throttled due to rate limit");
        assertThat(talk.google.calls().count("token")).isEqualTo(1);
    }

    @Test
    void failed_isInTheFormOfTheApis() throws Exception {
        talk.google.faults().next(Fault.failed(503), Fault.failed(500));
        assertApiError(talk.sts(talk.good()), 503, "UNAVAILABLE", "");
        assertApiError(talk.sts(talk.good()), 500, "INTERNAL", "");
    }

    @Test
    void reset_forgetsWhatWasHandedOut() throws Exception {
        String token = talk.federated(talk.good());
        assertThat(talk.google.handedOut()).isEqualTo(talk.google.live()).hasSize(1);
        HandedOut handedOut = talk.google.handedOut().get(0);
        assertThat(handedOut.role()).isEqualTo(PROVIDER);
        assertThat(handedOut.subject()).isEqualTo(Runs.plan().subject());

        talk.google.reset();

        assertThat(talk.google.handedOut()).isEmpty();
        assertThat(talk.google.calls().count()).isZero();
        assertThat(talk.get(talk.google.whoAmI(), token).status()).isEqualTo(401);
        assertThat(talk.sts(talk.good()).status()).isEqualTo(200);
    }

    private HttpReply tokenInfo(String token) throws Exception {
        return talk.get(URI.create(talk.google.address() + "/oauth2/v3/tokeninfo?access_token=" + token), "");
    }

    private HttpReply withOptions(String options) throws Exception {
        Map<String, String> form = talk.form(talk.good());
        form.put("options", options);
        return talk.sts(form);
    }

    private static WorkloadIdentityProvider uploaded(IssuerUrl issuer, JwkSet keys) {
        return WorkloadIdentityProvider.builder(PROVIDER, issuer)
                .map("google.subject", "assertion.sub")
                .subjectPattern(Runs.SUBJECTS)
                .uploadKeys(keys.toJson())
                .build();
    }
}
