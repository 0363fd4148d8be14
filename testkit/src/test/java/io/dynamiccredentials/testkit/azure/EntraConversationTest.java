package io.dynamiccredentials.testkit.azure;

import static io.dynamiccredentials.testkit.azure.EntraTalk.AUDIENCE;
import static io.dynamiccredentials.testkit.azure.EntraTalk.CLIENT;
import static io.dynamiccredentials.testkit.azure.EntraTalk.OTHER;
import static io.dynamiccredentials.testkit.azure.EntraTalk.SCOPE;
import static io.dynamiccredentials.testkit.azure.EntraTalk.TENANT;
import static io.dynamiccredentials.testkit.azure.EntraTalk.assertRefused;
import static io.dynamiccredentials.testkit.azure.EntraTalk.json;
import static io.dynamiccredentials.testkit.azure.EntraTalk.reveal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.azure.AzureCloud;
import io.dynamiccredentials.azure.FederatedIdentityCredential;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.testkit.Conversation;
import io.dynamiccredentials.testkit.Fault;
import io.dynamiccredentials.testkit.ReceivedToken;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.wire.HttpReply;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Conversations with Entra's token endpoint, line by line of what is known of it. */
class EntraConversationTest {
    private static final String MATCH = "No matching federated identity record found for presented assertion ";
    private static final String CHECK = "Please check your federated identity credential Subject, Audience and Issuer "
            + "against the presented assertion.";

    private final EntraTalk talk = new EntraTalk();

    @AfterEach
    void stop() {
        talk.close();
    }

    @Conversation("C1 request as a form; 200")
    void form_good_givesTheMembersOfAnAnswer() throws Exception {
        HttpReply reply = talk.post(talk.form(talk.good()));

        assertThat(reply.status()).isEqualTo(200);
        JsonNode body = json(reply);
        assertThat(body.path("token_type").textValue()).isEqualTo("Bearer");
        assertThat(body.path("expires_in").intValue()).isEqualTo(3599);
        assertThat(body.path("ext_expires_in").intValue()).isEqualTo(3599);
        assertThat(body.path("access_token").textValue()).startsWith("eyJ");
        assertThat(body.size()).isEqualTo(4);
        assertThat(talk.entra.calls().count("token")).isEqualTo(1);
    }

    @Conversation(value = "C1 MSAL's extra scopes and fields are ignored; C4 client assertion", sdk = true)
    void sdk_goodAssertion_getsAnAccessToken() throws Exception {
        String token = talk.sdk(talk.good());

        HttpReply whoAmI = talk.get(talk.entra.whoAmI(), token);
        assertThat(whoAmI.status()).isEqualTo(200);
        assertThat(json(whoAmI).path("client_id").textValue()).isEqualTo(CLIENT);
        assertThat(json(whoAmI).path("resource").textValue()).isEqualTo("https://management.azure.com");
    }

    @Conversation(value = "C1 the tenant by its domain", sdk = true)
    void sdk_tenantByDomain_isTheSame() throws Exception {
        String token = EntraTalk.sdk(talk.entra, EntraTalk.DOMAIN.toUpperCase(Locale.ROOT), CLIENT, SCOPE, talk.good());
        assertThat(json(talk.get(talk.entra.whoAmI(), token)).path("tenant").textValue())
                .isEqualTo(TENANT);
    }

    @Conversation("C2 error body")
    void error_body_hasItsMembers() throws Exception {
        String id = "12345678-1234-1234-1234-123456789abc";
        HttpReply reply =
                talk.post(talk.entra, TENANT, talk.form(talk.with("sub", "x")), Map.of("client-request-id", id));
        JsonNode body = json(reply);

        assertThat(body.path("timestamp").textValue()).isEqualTo("2026-03-01 12:00:00Z");
        assertThat(body.path("correlation_id").textValue()).isEqualTo(id);
        assertThat(body.path("trace_id").textValue()).hasSize(36);
        assertThat(body.path("error_uri").textValue()).isEqualTo("https://login.microsoftonline.com/error?code=700213");
        assertThat(body.path("error_description").textValue())
                .endsWith(" Trace ID: " + body.path("trace_id").textValue() + " Correlation ID: " + id
                        + " Timestamp: 2026-03-01 12:00:00Z");
        HttpReply strange = talk.post(talk.entra, TENANT, talk.form("x"), Map.of("client-request-id", "<script>"));
        assertThat(strange.body()).doesNotContain("<script");
    }

    @Conversation(value = "C2 90002 tenant not found", sdk = true)
    void sdk_unknownTenant_isNamed() {
        talk.assertSdkRefused(
                OTHER,
                CLIENT,
                SCOPE,
                talk.good(),
                400,
                "invalid_request",
                90002,
                "Tenant '" + OTHER
                        + "' not found. Check to make sure you have the correct tenant ID and are signing into "
                        + "the correct cloud.");
    }

    @Conversation("C2 90002 from the discovery document too")
    void discovery_ofTenants_knowsTheSame() throws Exception {
        assertThat(discovery(TENANT).status()).isEqualTo(200);
        assertThat(json(discovery(TENANT)).path("token_endpoint").textValue())
                .isEqualTo(talk.entra.address() + "/" + TENANT + "/oauth2/v2.0/token");
        assertRefused(discovery(OTHER), 400, "invalid_request", 90002, OTHER);
    }

    @Conversation(value = "C2 900023 malformed tenant", sdk = true)
    void sdk_malformedTenant_isNamed() {
        talk.assertSdkRefused(
                "contoso",
                CLIENT,
                SCOPE,
                talk.good(),
                400,
                "invalid_request",
                900023,
                "Specified tenant identifier 'contoso' is neither a valid DNS name, nor a valid external domain.");
    }

    @Conversation(value = "C2 700016 application not found", sdk = true)
    void sdk_unknownClient_isNamed() {
        talk.assertSdkRefused(
                TENANT,
                OTHER,
                SCOPE,
                talk.good(),
                400,
                "unauthorized_client",
                700016,
                "Application with identifier '" + OTHER + "' was not found in the directory '" + TENANT + "'.");
    }

    @Conversation(value = "C2 70021 for a while after a credential was added", sdk = true)
    void sdk_freshCredential_isNotKnownYet() {
        talk.entra
                .credentialsTakeEffectAfter(Duration.ofMinutes(3))
                .application(
                        TENANT,
                        CLIENT,
                        FederatedIdentityCredential.exact(
                                "apply", talk.issuer.url(), Runs.apply().subject(), AUDIENCE));
        String apply = reveal(talk.issuer.issue(Runs.apply(), AUDIENCE));
        talk.clock.advance(Duration.ofSeconds(179));
        talk.assertSdkRefused(
                apply,
                401,
                "invalid_client",
                70021,
                "No matching federated identity record found for presented assertion. Assertion Issuer: '"
                        + talk.issuer.url() + "'. Assertion Subject: '"
                        + Runs.apply().subject()
                        + "'. Assertion Audience: '" + AUDIENCE + "'.");

        talk.clock.advance(Duration.ofSeconds(1));
        assertThat(talk.sdk(apply)).startsWith("eyJ");
        assertThat(talk.sdk(talk.good())).startsWith("eyJ");
    }

    @Conversation(value = "C2 70021 of an application without credentials", sdk = true)
    void sdk_noCredential_namesNoPart() {
        talk.entra.removeCredential(TENANT, CLIENT, "plan");
        talk.assertSdkRefused(talk.good(), 401, "invalid_client", 70021, "presented assertion. Assertion Issuer: '");
    }

    @Conversation(value = "C2 700211 issuer", sdk = true)
    void sdk_otherIssuer_isNamed() {
        talk.assertSdkRefused(
                reveal(talk.issuer.bad().fromUnknownIssuer(Runs.plan(), AUDIENCE)),
                401,
                "invalid_client",
                700211,
                MATCH + "issuer 'https://unknown.example'. " + CHECK);
    }

    @Conversation(value = "C2 700212 audience", sdk = true)
    void sdk_otherAudience_isNamed() {
        talk.assertSdkRefused(
                reveal(talk.issuer.issue(Runs.plan(), "other")),
                401,
                "invalid_client",
                700212,
                MATCH + "audience 'other'. " + CHECK);
    }

    @Conversation(value = "C2 700213 subject", sdk = true)
    void sdk_otherSubject_isNamed() {
        talk.assertSdkRefused(
                reveal(talk.issuer.issue(Runs.apply(), AUDIENCE)),
                401,
                "invalid_client",
                700213,
                MATCH + "subject '" + Runs.apply().subject() + "'. " + CHECK);
    }

    @Conversation(value = "C2 7002138 subject but for letter case", sdk = true)
    void sdk_subjectByCase_isNamed() {
        talk.assertSdkRefused(
                talk.with("sub", Runs.plan().subject().toUpperCase(Locale.ROOT)),
                401,
                "invalid_client",
                7002138,
                "The subject matches with case-insensitive comparison, but not with case-sensitive comparison.");
    }

    @Conversation(value = "C2 700024 not within its time", sdk = true)
    void sdk_expired_tellsTheTimes() {
        String token = talk.good();
        talk.clock.advance(Duration.ofMillis(24 * 3_600_000 + 123));
        talk.assertSdkRefused(
                token,
                401,
                "invalid_client",
                700024,
                "Client assertion is not within its valid time range. Current time: 2026-03-02T12:00:00.1230000Z, "
                        + "assertion valid from 2026-03-01T");
    }

    @Conversation(value = "C2 700024 not valid yet", sdk = true)
    void sdk_notYetValid_tellsTheTimes() {
        talk.assertSdkRefused(
                reveal(talk.issuer.bad().issuedInFuture(Runs.plan(), AUDIENCE)),
                401,
                "invalid_client",
                700024,
                "Current time: 2026-03-01T12:00:00.0000000Z, assertion valid from 2026-03-01T");
    }

    // UNVERIFIED: the leeway. The test holds that there is one boundary on each side.
    @Test
    void form_aroundTheLeeway_changesTheAnswer() throws Exception {
        assertThat(post(talk.with("nbf", talk.now() + 300)).status()).isEqualTo(200);
        assertRefused(post(talk.with("nbf", talk.now() + 301)), 401, "invalid_client", 700024, "");
        assertThat(post(talk.with("exp", talk.now() - 299)).status()).isEqualTo(200);
        assertRefused(post(talk.with("exp", talk.now() - 300)), 401, "invalid_client", 700024, "");
    }

    @Test
    void form_timesAbsentOrNoNumbers_areMalformed() throws Exception {
        String withoutEnd = reveal(talk.issuer.bad().withoutClaim(Runs.plan(), AUDIENCE, "exp"));
        assertRefused(post(withoutEnd), 400, "invalid_request", 50027, "malformed");
        assertRefused(post(talk.with("exp", "soon")), 400, "invalid_request", 50027, "malformed");
        assertRefused(post(talk.with("nbf", "soon")), 400, "invalid_request", 50027, "malformed");
    }

    @Test
    void form_tokenOfMoreThan25Hours_isRefused() throws Exception {
        long from = claim(talk.with("x", "y"), "nbf");
        assertThat(post(talk.with("exp", from + 25 * 3600)).status()).isEqualTo(200);
        assertRefused(post(talk.with("exp", from + 25 * 3600 + 1)), 400, "invalid_request", 70023, "'1.01:00:00'");
    }

    @Conversation(value = "C2 7000272 key unknown", sdk = true)
    void sdk_unpublishedKey_isNamed() {
        String token = reveal(talk.issuer.bad().withUnpublishedKey(Runs.plan(), AUDIENCE));
        talk.assertSdkRefused(
                token,
                401,
                "invalid_client",
                7000272,
                "used to sign the federated credential could not be found in the metadata of identity provider "
                        + talk.issuer.url() + ".");
    }

    @Conversation(value = "C2 7000272 rotation seen late: transient", sdk = true)
    void sdk_rotationSeenLate_isRefusedUntilItIsSeen() {
        talk.sdk(talk.good());
        talk.entra.reset();
        talk.sdk(talk.good());
        talk.entra.issuerKeys().hold();
        talk.issuer.rotate();
        assertThatThrownBy(() -> talk.sdk(talk.good())).hasMessageContaining("AADSTS7000272");

        talk.entra.issuerKeys().release();
        assertThat(talk.sdk(talk.good())).startsWith("eyJ");
    }

    // UNVERIFIED: number and status for a federated credential.
    @Test
    void form_badSignature_isRefused() throws Exception {
        for (String token : List.of(
                reveal(talk.issuer.bad().withBadSignature(Runs.plan(), AUDIENCE)),
                reveal(talk.issuer.bad().tampered(Runs.ofOtherProject(), Runs.plan(), AUDIENCE)),
                reveal(talk.issuer.bad().signedWithPublicKey(Runs.plan(), AUDIENCE)))) {
            assertRefused(post(token), 401, "invalid_client", 700027, "failed signature validation");
        }
        assertThat(talk.entra.handedOut()).isEmpty();
    }

    @Conversation(value = "C2 90061 issuer can't be reached", sdk = true)
    void sdk_issuerDown_isAFailedRequest() {
        talk.issuer.faults().always(Fault.failed(503));
        talk.assertSdkRefused(talk.good(), 400, "invalid_request", 90061, "Request to External OIDC endpoint failed.");
    }

    @Conversation(value = "C2 5002727 typ must be JWT", sdk = true)
    void sdk_otherType_isNamed() {
        talk.assertSdkRefused(
                reveal(talk.issuer.bad().withHeader(Runs.plan(), AUDIENCE, "typ", "at+jwt")),
                400,
                "invalid_request",
                5002727,
                "Invalid JWT header type specified, must be 'JWT' or 'http://openid.net/specs/jwt/1.0'.");
    }

    @Test
    void form_otherNameOfTheType_isAccepted() throws Exception {
        String token =
                reveal(talk.issuer.bad().withHeader(Runs.plan(), AUDIENCE, "typ", "http://openid.net/specs/jwt/1.0"));
        assertThat(post(token).status()).isEqualTo(200);
    }

    @Conversation(value = "C2 5002738 algorithm; C3 only RS256", sdk = true)
    void sdk_otherAlgorithm_isNamed() {
        try (TestIssuer elliptic = TestIssuer.start(SigningAlgorithm.ES256, talk.clock)) {
            talk.entra.application(
                    TENANT,
                    CLIENT,
                    FederatedIdentityCredential.exact(
                            "elliptic", elliptic.url(), Runs.plan().subject(), AUDIENCE));
            talk.assertSdkRefused(
                    reveal(elliptic.issue(Runs.plan(), AUDIENCE)),
                    400,
                    "invalid_request",
                    5002738,
                    "Invalid JWT token. 'ES256' is not a supported signature algorithm. Supported signing algorithms are: "
                            + "'RS256, HS256'");
        }
    }

    @Test
    void form_unsigned_isRefused() throws Exception {
        assertRefused(
                post(reveal(talk.issuer.bad().unsigned(Runs.plan(), AUDIENCE))),
                400,
                "invalid_request",
                5002738,
                "'none'");
    }

    @Conversation("C2 50027 malformed")
    void form_noJsonWebToken_isMalformed() throws Exception {
        for (String token : List.of("x", "e30.e30", "e30.!.e30", "e30.W10.e30")) {
            assertRefused(post(token), 400, "invalid_request", 50027, "JWT token is invalid or malformed.");
        }
    }

    @Conversation("C2 700222 Entra's own tokens")
    void form_tokenOfEntra_isRefused() throws Exception {
        String token = talk.with("iss", "https://login.microsoftonline.com/" + TENANT + "/v2.0");
        assertRefused(post(token), 401, "invalid_client", 700222, "");
        assertRefused(
                post(talk.with("iss", "https://sts.windows.net/" + TENANT + "/")), 401, "invalid_client", 700222, "");
    }

    @Conversation(value = "C2 70011 scope must end in /.default", sdk = true)
    void sdk_otherScope_isInvalid() {
        talk.assertSdkRefused(
                TENANT,
                CLIENT,
                "https://management.azure.com/user_impersonation",
                talk.good(),
                400,
                "invalid_scope",
                70011,
                "is not valid");
    }

    @Conversation("C1 exactly one resource")
    void form_scopes_haveOneResource() throws Exception {
        for (String scope : List.of("openid", SCOPE + " https://vault.azure.net/.default", "/.default")) {
            Map<String, String> form = talk.form(talk.good());
            form.put("scope", scope);
            assertRefused(talk.post(form), 400, "invalid_scope", 70011, scope);
        }
        Map<String, String> form = talk.form(talk.good());
        form.put("scope", "openid profile offline_access " + SCOPE);
        assertThat(talk.post(form).status()).isEqualTo(200);
    }

    @Conversation("C2 7000218 no assertion")
    void form_noAssertion_isRefused() throws Exception {
        for (String field : List.of("client_assertion", "client_assertion_type")) {
            Map<String, String> form = talk.form(talk.good());
            form.remove(field);
            assertRefused(talk.post(form), 401, "invalid_client", 7000218, "client_assertion");
        }
    }

    @Conversation("C2 900144 missing parameter")
    void form_missingParameter_isNamed() throws Exception {
        for (String field : List.of("grant_type", "client_id", "scope")) {
            Map<String, String> form = talk.form(talk.good());
            form.remove(field);
            assertRefused(
                    talk.post(form),
                    400,
                    "invalid_request",
                    900144,
                    "The request body must contain the following parameter: '" + field + "'.");
        }
    }

    @Conversation(value = "C2 500011 resource not in the tenant", sdk = true)
    void sdk_unknownResource_isNamed() {
        String vault = "https://vault.azure.net/.default";
        talk.assertSdkRefused(
                TENANT, CLIENT, vault, talk.good(), 400, "invalid_resource", 500011, "https://vault.azure.net");

        talk.entra.resource(TENANT, "https://vault.azure.net");
        assertThat(EntraTalk.sdk(talk.entra, TENANT, CLIENT, vault, talk.good()))
                .startsWith("eyJ");
    }

    @Conversation("C2 429 in plain text with Retry-After")
    void throttled_isPlainText() throws Exception {
        talk.entra.faults().next(Fault.throttled(Duration.ofSeconds(60)), Fault.throttled());

        HttpReply reply = talk.post(talk.form(talk.good()));
        assertThat(reply.status()).isEqualTo(429);
        assertThat(reply.body()).isEqualTo("Too Many Requests");
        assertThat(reply.header("Content-Type")).hasValue("text/plain");
        assertThat(reply.header("Retry-After")).hasValue("60");
        assertThat(talk.post(talk.form(talk.good())).header("Retry-After")).isEmpty();
    }

    @Conversation(value = "C4 the library sends once more after a failure of the server", sdk = true)
    void sdk_failedOnce_triesAgain() {
        talk.entra.faults().next(Fault.failed(503));

        assertThat(talk.sdk(talk.good())).startsWith("eyJ");
        assertThat(talk.entra.calls().count("token")).isEqualTo(2);
        assertThat(talk.entra.calls().refused()).isEqualTo(1);
    }

    @Conversation("C2 503 temporarily_unavailable")
    void failed_isTemporarilyUnavailable() throws Exception {
        talk.entra.faults().next(Fault.failed(503), Fault.failed(500));
        assertRefused(talk.post(talk.form(talk.good())), 503, "temporarily_unavailable", 90033, "transient");
        assertRefused(talk.post(talk.form(talk.good())), 500, "server_error", 90033, "transient");
    }

    @Conversation("C2 order: tenant, client, form of the token, credential, keys, signature, time")
    void form_severalFaults_tellTheFirst() throws Exception {
        Map<String, String> form = talk.form("x");
        form.put("client_id", OTHER);
        assertRefused(talk.post(talk.entra, OTHER, form, Map.of()), 400, "invalid_request", 90002, "");
        assertRefused(talk.post(form), 400, "unauthorized_client", 700016, "");
        form.put("client_id", CLIENT);
        assertRefused(talk.post(form), 400, "invalid_request", 50027, "");
        assertRefused(
                post(reveal(talk.issuer.bad().withUnpublishedKey(Runs.apply(), AUDIENCE))),
                401,
                "invalid_client",
                700213,
                "");
        String badAndOld = reveal(talk.issuer.bad().withBadSignature(Runs.plan(), AUDIENCE));
        talk.clock.advance(Duration.ofDays(1));
        assertRefused(post(badAndOld), 401, "invalid_client", 700027, "");
    }

    @Conversation(value = "C3 flexible credential", sdk = true)
    void sdk_flexibleCredential_takesWhatMatches() {
        talk.entra.application(
                TENANT,
                CLIENT,
                FederatedIdentityCredential.flexible(
                        "phases", talk.issuer.url(), "claims['sub'] matches '" + Runs.SUBJECTS + "'", AUDIENCE));
        assertThat(talk.sdk(reveal(talk.issuer.issue(Runs.apply(), AUDIENCE)))).startsWith("eyJ");
        talk.entra.reset();
        talk.assertSdkRefused(
                reveal(talk.issuer.issue(Runs.ofOtherProject(), AUDIENCE)), 401, "invalid_client", 700213, MATCH);
    }

    @Conversation("C3 at most 20 credentials, each issuer and subject once")
    void application_credentials_areLimited() throws Exception {
        for (int i = 0; i < 19; i++) {
            talk.entra.application(TENANT, CLIENT, numbered(i));
        }
        assertThatThrownBy(() -> talk.entra.application(TENANT, CLIENT, numbered(19)))
                .hasMessageContaining("at most 20");
        talk.entra.removeCredential(TENANT, CLIENT, "ci-0").application(TENANT, CLIENT, numbered(19));
        assertThatThrownBy(() -> talk.entra.application(
                        TENANT,
                        CLIENT,
                        FederatedIdentityCredential.exact(
                                "ci-1", talk.issuer.url(), Runs.plan().subject(), AUDIENCE)))
                .hasMessageContaining("of its own");
        assertThat(post(talk.good()).status()).isEqualTo(200);
        assertRefused(post(talk.with("sub", "subject-0")), 401, "invalid_client", 700213, "subject-0");
    }

    @Conversation(value = "C3, C5 sovereign clouds: their own audience and Resource Manager", sdk = true)
    void sdk_sovereignCloud_hasItsOwn() {
        AzureCloud cloud = AzureCloud.US_GOVERNMENT;
        try (FakeEntra gov = FakeEntra.start(cloud, talk.clock, EntraTalk.TLS)
                .tenant(OTHER)
                .application(
                        OTHER,
                        CLIENT,
                        FederatedIdentityCredential.exact(
                                "plan", talk.issuer.url(), Runs.plan().subject(), cloud.audience()))) {
            String token = reveal(talk.issuer.issue(Runs.plan(), cloud.audience()));
            assertThat(EntraTalk.sdk(gov, OTHER, CLIENT, cloud.scope(), token)).startsWith("eyJ");
            assertThat(EntraTalk.sdk(gov, OTHER, CLIENT, "https://management.core.usgovcloudapi.net//.default", token))
                    .startsWith("eyJ");
            assertThatThrownBy(() -> EntraTalk.sdk(gov, OTHER, CLIENT, SCOPE, token))
                    .hasMessageContaining("AADSTS500011");
            assertThatThrownBy(() -> EntraTalk.sdk(gov, OTHER, CLIENT, cloud.scope(), talk.good()))
                    .hasMessageContaining("AADSTS700212");
            assertThatThrownBy(() -> EntraTalk.sdk(gov, TENANT, CLIENT, cloud.scope(), token))
                    .hasMessageContaining("AADSTS90002");
            assertThatThrownBy(() -> gov.application(OTHER, CLIENT, talk.plan()))
                    .hasMessageContaining("The audience in cloud usgovernment is \"api://AzureADTokenExchangeUSGov\"");
        }
    }

    @Test
    void resource_ofTenant_checksTenantAudienceAndEnd() throws Exception {
        talk.entra.tenant(OTHER);
        String token = talk.sdk(talk.good());
        URI manager = talk.entra.whoAmI(TENANT, "https://management.azure.com");

        assertThat(talk.get(manager, token).status()).isEqualTo(200);
        assertThat(talk.get(manager, "").body()).contains("InvalidAuthenticationToken\"");
        assertThat(talk.get(manager, token + "x").status()).isEqualTo(401);
        assertThat(talk.get(talk.entra.whoAmI(OTHER, "https://management.azure.com"), token)
                        .body())
                .contains("InvalidAuthenticationTokenTenant");
        assertThat(talk.get(talk.entra.whoAmI(TENANT, "https://vault.azure.net"), token)
                        .body())
                .contains("InvalidAuthenticationTokenAudience");
        talk.clock.advance(Duration.ofSeconds(3599));
        assertThat(talk.get(manager, token).body()).contains("ExpiredAuthenticationToken");
    }

    @Test
    void tenants_areApart() throws Exception {
        talk.entra.tenant(OTHER).application(OTHER, CLIENT);
        assertRefused(talk.post(talk.entra, OTHER, talk.form(talk.good()), Map.of()), 401, "invalid_client", 70021, "");

        talk.entra.application(OTHER, CLIENT, talk.plan());
        HttpReply reply = talk.post(talk.entra, OTHER, talk.form(talk.good()), Map.of());
        String token = json(reply).path("access_token").textValue();
        assertThat(json(talk.get(talk.entra.whoAmI(), token)).path("tenant").textValue())
                .isEqualTo(OTHER);

        talk.entra.removeTenant(OTHER).removeApplication(TENANT, CLIENT);
        assertRefused(
                talk.post(talk.entra, OTHER, talk.form(talk.good()), Map.of()), 400, "invalid_request", 90002, "");
        assertRefused(post(talk.good()), 400, "unauthorized_client", 700016, "");
        assertThat(talk.get(talk.entra.whoAmI(), token).status()).isEqualTo(200);
    }

    @Test
    void reset_forgetsWhatWasHandedOut() throws Exception {
        String token = talk.sdk(talk.good());
        assertThat(talk.entra.handedOut()).isEqualTo(talk.entra.live()).hasSize(1);
        assertThat(talk.entra.handedOut().get(0).role()).isEqualTo(CLIENT);

        talk.entra.reset();

        assertThat(talk.entra.handedOut()).isEmpty();
        assertThat(talk.entra.calls().count()).isZero();
        assertThat(talk.get(talk.entra.whoAmI(), token).status()).isEqualTo(401);
    }

    @Test
    void operator_mistakes_areRefused() {
        assertThatThrownBy(() -> talk.entra.tenant("contoso")).hasMessageContaining("A tenant has an id");
        assertThatThrownBy(() -> talk.entra.tenant(OTHER, "contoso")).hasMessageContaining("[contoso]");
        assertThatThrownBy(() -> talk.entra.application(OTHER, CLIENT)).hasMessageContaining("no tenant \"" + OTHER);
        assertThatThrownBy(() -> talk.entra.application(TENANT, "ci")).hasMessageContaining("A client id is");
        assertThatThrownBy(() -> talk.entra.removeApplication(TENANT, OTHER)).hasMessageContaining("no application");
        assertThatThrownBy(() -> talk.entra.removeCredential(TENANT, CLIENT, "x"))
                .hasMessageContaining("no federated identity credential \"x\"");
        assertThatThrownBy(() -> talk.entra.resource(TENANT, " ")).hasMessageContaining("A resource is");
        assertThatThrownBy(() -> talk.entra.credentialsTakeEffectAfter(Duration.ofSeconds(-1)))
                .hasMessageContaining("before it is added");
    }

    private FederatedIdentityCredential numbered(int i) {
        return FederatedIdentityCredential.exact("ci-" + i, talk.issuer.url(), "subject-" + i, AUDIENCE);
    }

    private HttpReply discovery(String tenant) throws Exception {
        return talk.get(URI.create(talk.entra.address() + "/" + tenant + "/v2.0/.well-known/openid-configuration"), "");
    }

    private HttpReply post(String assertion) throws Exception {
        return talk.post(talk.form(assertion));
    }

    private static long claim(String token, String claim) {
        return ReceivedToken.parse(token).orElseThrow().claims().path(claim).longValue();
    }
}
