package io.dynamiccredentials.testkit.vault;

import static io.dynamiccredentials.jwk.SigningAlgorithm.ES256;
import static io.dynamiccredentials.jwk.SigningAlgorithm.RS256;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.testkit.Conversation;
import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.Fault;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.vault.VaultJwtExchanger;
import io.dynamiccredentials.vault.VaultJwtMethod;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultTokenCredentials;
import io.dynamiccredentials.wire.HttpReply;
import io.github.jopenlibs.vault.response.AuthResponse;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jose4j.jws.JsonWebSignature;

/** Logins, line by line: the configuration of the method, its check order and its texts. */
class VaultLoginConversationTest extends VaultConversation {
    private static final String UNVERIFIED =
            "error validating token: error verifying token signature: failed to verify id token signature";

    @Conversation(value = "D1 oidc_discovery_url: the issuer in the document must be the configured one", sdk = true)
    void discovery_ofAnotherIssuer_isRefused() {
        issuer.faults()
                .of("discovery")
                .always(Fault.answered(FakeAnswer.json(200, Map.of("issuer", "https://other.example"))));

        assertLoginRefused(
                jwt(),
                "error configuring token validator: keyset configuration error: issuer did not match the returned "
                        + "issuer, expected \"" + issuer.url().value() + "\" got \"https://other.example\"");
    }

    @Conversation(value = "D1 jwks_url: keys without a document", sdk = true)
    void jwksUrl_itsKeys_verify() throws Exception {
        vault.method("jwt", VaultJwtMethod.fetching(issuer.url().keySet()).build());

        assertThat(login("ci", jwt())).startsWith("hvs.");
        issuer.rotate();
        assertThat(login("ci", jwt())).startsWith("hvs.");
        assertLoginRefused(compact(issuer.bad().withUnpublishedKey(Runs.plan(), AUDIENCE)), UNVERIFIED);
        assertThat(issuer.calls().count("discovery")).isZero();
    }

    @Conversation(value = "D1 jwt_validation_pubkeys: keys of the method's own", sdk = true)
    void validationKeys_verify() throws Exception {
        vault.method(
                "jwt",
                VaultJwtMethod.withKeys(List.of(stranger(), issuer.publicJwk().publicKey()))
                        .build());

        assertThat(login("ci", jwt())).startsWith("hvs.");
        assertThat(issuer.calls().count()).isZero();
    }

    @Conversation(value = "D1 bound_issuer: without one any iss will do", sdk = true)
    void boundIssuer_absent_issuerIsNotChecked() throws Exception {
        String foreign = jwtWith("iss", "https://other.example");
        assertLoginRefused(foreign, "error validating token: invalid issuer (iss) claim");

        vault.method("jwt", VaultJwtMethod.discovering(issuer.url()).build());

        assertThat(login("ci", foreign)).startsWith("hvs.");
    }

    @Conversation(value = "D1 jwt_supported_algs: fewer than all", sdk = true)
    void algorithms_others_areRefused() throws Exception {
        vault.method(
                "jwt",
                VaultJwtMethod.discovering(issuer.url())
                        .algorithms(Set.of(RS256))
                        .build());
        assertLoginRefused(
                jwt(),
                "error validating token: invalid algorithm (alg) header parameter: token signed with unexpected "
                        + "algorithm");

        vault.method(
                "jwt",
                VaultJwtMethod.discovering(issuer.url())
                        .algorithms(Set.of(ES256, RS256))
                        .build());
        assertThat(login()).startsWith("hvs.");
    }

    @Conversation("D1 default_role: that of a login without one")
    void defaultRole_isTakenForNone() throws Exception {
        vault.method(
                "jwt",
                VaultJwtMethod.discovering(issuer.url()).defaultRole("CI").build());

        JsonNode auth = json(post("auth/jwt/login", "", Map.of("jwt", jwt()))).path("auth");

        assertThat(auth.path("metadata").path("role").textValue()).isEqualTo("ci");
    }

    @Conversation("D3 200: all members of an answer")
    void login_answer_hasAllMembers() throws Exception {
        HttpReply reply = post("auth/jwt/login", "", Map.of("role", "CI", "jwt", jwt()));

        JsonNode answer = json(reply);
        assertThat(reply.header("Content-Type")).contains("application/json");
        assertThat(reply.header("Cache-Control")).contains("no-store");
        assertThat(answer.path("request_id").textValue()).matches("[0-9a-f-]{36}");
        assertThat(answer.path("lease_id").textValue()).isEmpty();
        assertThat(answer.path("lease_duration").intValue()).isZero();
        assertThat(answer.path("renewable").booleanValue()).isFalse();
        for (String member : List.of("data", "wrap_info", "warnings")) {
            assertThat(answer.path(member).isNull()).as(member).isTrue();
        }
        assertThat(answer.path("mount_type").textValue()).isEqualTo("jwt");
        JsonNode auth = answer.path("auth");
        assertThat(auth.path("policies").toString()).isEqualTo("[\"default\"]");
        assertThat(auth.path("token_policies")).isEqualTo(auth.path("policies"));
        assertThat(auth.path("metadata").toString()).isEqualTo("{\"role\":\"ci\"}");
        assertThat(auth.path("lease_duration").intValue()).isEqualTo(1200);
        assertThat(auth.path("renewable").booleanValue()).isTrue();
        assertThat(auth.path("entity_id").textValue()).matches("[0-9a-f-]{36}");
        assertThat(auth.path("token_type").textValue()).isEqualTo("service");
        assertThat(auth.path("orphan").booleanValue()).isTrue();
        assertThat(auth.path("mfa_requirement").isNull()).isTrue();
        assertThat(auth.path("num_uses").intValue()).isZero();
        assertThat(auth.has("identity_policies")).isFalse();
    }

    @Conversation(value = "D3 200: what the driver reads of it", sdk = true)
    void login_goodToken_isAToken() throws Exception {
        vault.role(role().tokens(tokens().policies("Deploy", "ci").build()).build());

        AuthResponse answer = driver("").auth().loginByJwt("jwt", "ci", jwt());

        assertThat(answer.getAuthClientToken()).matches("hvs\\.[A-Za-z0-9]{24,}");
        assertThat(answer.getAuthPolicies()).containsExactly("ci", "default", "deploy");
        assertThat(answer.getAuthLeaseDuration()).isEqualTo(1200);
        assertThat(answer.isAuthRenewable()).isTrue();
        assertThat(answer.getTokenAccessor()).isNotEmpty();
    }

    @Conversation(value = "D3 200: token prefixes of OpenBao, which has no mount_type", sdk = true)
    void login_openBao_hasItsOwnTokens() throws Exception {
        vault.openBao();

        assertThat(login()).matches("s\\.[a-zA-Z0-9]{24,}");
        assertThat(json(post("auth/jwt/login", "", Map.of("role", "ci", "jwt", jwt())))
                        .has("mount_type"))
                .isFalse();
    }

    @Conversation(value = "D3 200: expiry is now and auth.lease_duration", sdk = true)
    void login_byOurExchanger_hasTheEndThatVaultSays() {
        VaultTokenCredentials token = exchanger("ci").exchange(issuer.issue(Runs.plan(), AUDIENCE));

        assertThat(token.expiresAt()).isEqualTo(Runs.NOW.plus(TTL));
        assertThat(vault.live()).singleElement().satisfies(handed -> {
            assertThat(handed.role()).isEqualTo("ci");
            assertThat(handed.subject()).isEqualTo(Runs.plan().subject());
            assertThat(handed.tokenId()).isEqualTo(issuer.issued().get(0).tokenId());
            assertThat(handed.expiresAt()).isEqualTo(token.expiresAt());
        });
    }

    @Conversation(value = "D3 1 mount configured", sdk = true)
    void login_unconfiguredMethod_isRefused() {
        vault.namespace("").unconfiguredMethod("fresh");

        assertRefused(() -> driver("").auth().loginByJwt("fresh", "ci", jwt()), 400, "could not load configuration");
    }

    @Conversation(value = "D3 2 role given", sdk = true)
    void login_noRole_isRefused() {
        assertRefused(() -> login("", jwt()), 400, "missing role");
    }

    @Conversation(value = "D3 3 role exists", sdk = true)
    void login_unknownRole_isMisconfigured() {
        assertRefused(() -> login("nobody", jwt()), 400, "role \"nobody\" could not be found");
        assertThatThrownBy(() -> exchanger("nobody").exchange(issuer.issue(Runs.plan(), AUDIENCE)))
                .isInstanceOfSatisfying(
                        CredentialExchangeException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.MISCONFIGURED));
    }

    @Conversation(value = "D3 4 role_type", sdk = true)
    void login_roleForBrowsers_isRefused() {
        vault.role(role().oidc(Set.of("https://vault.example/callback")).build());

        assertLoginRefused(jwt(), "role with oidc role_type is not allowed");
    }

    @Conversation(value = "D3 5 jwt given", sdk = true)
    void login_noToken_isRefused() {
        assertLoginRefused("", "missing token");
    }

    @Conversation(value = "D3 6 token_bound_cidrs", sdk = true)
    void login_fromElsewhere_isForbidden() throws Exception {
        vault.role(role().tokens(tokens().boundCidrs("10.0.0.0/8").build()).build());
        assertRefused(() -> login("ci", "no.token.either"), 403, "permission denied");

        vault.role(role().tokens(tokens().boundCidrs("127.0.0.0/8").build()).build());
        assertThat(login()).startsWith("hvs.");
    }

    @Conversation(value = "D3 7 validator: discovery down", sdk = true)
    void login_noDocument_isMisconfigured() throws Exception {
        issuer.faults().of("discovery").next(Fault.failed(503));

        assertRefused(
                () -> login("ci", "not even a token"),
                400,
                "error configuring token validator: keyset configuration error: 503");
        assertThat(login()).as("it is asked again").startsWith("hvs.");
    }

    @Conversation(value = "D3 8 signature: of a stranger, under a published id", sdk = true)
    void login_badSignature_isRefused() {
        assertLoginRefused(compact(issuer.bad().withBadSignature(Runs.plan(), AUDIENCE)), UNVERIFIED);
        assertLoginRefused(compact(issuer.bad().tampered(Runs.ofOtherProject(), Runs.plan(), AUDIENCE)), UNVERIFIED);
    }

    @Conversation(value = "D3 8 signature: unknown kid, after keys were fetched again", sdk = true)
    void login_unknownKey_isRefused() throws Exception {
        login();
        int before = vault.issuerKeys().fetches();

        assertLoginRefused(compact(issuer.bad().withUnpublishedKey(Runs.plan(), AUDIENCE)), UNVERIFIED);

        assertThat(vault.issuerKeys().fetches()).isEqualTo(before + 1);
        issuer.rotate();
        assertThat(login()).as("a rotation is seen").startsWith("hvs.");
    }

    @Conversation(value = "D3 8 signature: static keys", sdk = true)
    void login_noStaticKeyFits_isRefused() {
        vault.method("jwt", VaultJwtMethod.withKeys(List.of(stranger())).build());

        assertLoginRefused(
                jwt(),
                "error validating token: error verifying token signature: no known key successfully validated the "
                        + "token signature");
    }

    @Conversation(value = "D3 8 signature: JWKS down", sdk = true)
    void login_noKeys_isRefused() {
        issuer.faults().of("keys").always(Fault.failed(500));

        assertLoginRefused(
                jwt(),
                "error validating token: error verifying token signature: fetching keys oidc: get keys failed: 500");
    }

    @Conversation(value = "D3 8 signature: malformed", sdk = true)
    void login_malformedToken_isRefused() {
        String start = "error validating token: error verifying token signature: oidc: malformed jwt: ";
        assertLoginRefused("a.b", start + "go-jose/go-jose: compact JWS format must have three parts");
        assertLoginRefused(
                compact(issuer.bad().unsigned(Runs.plan(), AUDIENCE)),
                start + "unexpected signature algorithm \"none\"");
        assertLoginRefused(
                compact(issuer.bad().signedWithPublicKey(Runs.plan(), AUDIENCE)),
                start + "unexpected signature algorithm \"HS256\"");
    }

    @Conversation(value = "D3 9 case-folded duplicates", sdk = true)
    void login_claimThatLooksLikeARegisteredOne_isRefused() {
        assertLoginRefused(
                jwtWith("SUB", "x"),
                "error validating token: ambiguous claim: key \"SUB\" collides with registered claim \"sub\" under "
                        + "case folding");
    }

    @Conversation(value = "D3 10 alg", sdk = true)
    void login_unsupportedAlgorithm_isRefusedAfterTheSignature() {
        vault.method(
                "jwt",
                VaultJwtMethod.discovering(issuer.url())
                        .algorithms(Set.of(RS256))
                        .build());

        assertLoginRefused(compact(issuer.bad().withBadSignature(Runs.plan(), AUDIENCE)), UNVERIFIED);
        assertLoginRefused(
                jwt(),
                "error validating token: invalid algorithm (alg) header parameter: token signed with unexpected "
                        + "algorithm");
    }

    @Conversation(value = "D3 11 iss", sdk = true)
    void login_otherIssuer_isRefused() {
        assertLoginRefused(
                jwtWith("iss", issuer.url().value() + "/"), "error validating token: invalid issuer (iss) claim");
    }

    @Conversation(value = "D3 12 sub", sdk = true)
    void login_otherSubject_isRefused() {
        vault.role(role().boundSubject("somebody else").build());

        assertLoginRefused(jwt(), "error validating token: invalid subject (sub) claim");
    }

    @Conversation(value = "D3 13 aud", sdk = true)
    void login_otherAudience_isRefused() {
        assertLoginRefused(
                compact(issuer.issue(Runs.plan(), "aws.workload.identity")),
                "error validating token: invalid audience (aud) claim: audience claim does not match any expected "
                        + "audience");
    }

    @Conversation(value = "D3 14 none of iat, nbf and exp", sdk = true)
    void login_noTimes_isRefused() throws Exception {
        KeyPair pair = pair();
        vault.method("jwt", VaultJwtMethod.withKeys(List.of(pair.getPublic())).build());

        assertLoginRefused(
                signed(pair, "{\"sub\":\"x\",\"aud\":\"" + AUDIENCE + "\"}"),
                "error validating token: no issued at (iat), not before (nbf), or expiration time (exp) claims in "
                        + "token");
    }

    @Conversation(value = "D3 15 nbf", sdk = true)
    void login_notYetValid_isRefusedUntilTheSkew() throws Exception {
        long now = Runs.NOW.getEpochSecond();
        assertLoginRefused(
                jwtWith("nbf", now + 61),
                "error validating token: invalid not before (nbf) claim: token not yet valid");
        assertThat(login("ci", jwtWith("nbf", now + 60))).startsWith("hvs.");
    }

    @Conversation(value = "D3 15 exp", sdk = true)
    void login_expired_isRefusedAfterTheSkewAndWorthAnotherToken() throws Exception {
        long now = Runs.NOW.getEpochSecond();
        assertThat(login("ci", jwtWith("exp", now - 60))).startsWith("hvs.");
        assertLoginRefused(
                jwtWith("exp", now - 61),
                "error validating token: invalid expiration time (exp) claim: token is expired");
        assertThatThrownBy(() -> exchanger("ci").exchange(issuer.bad().expired(Runs.plan(), AUDIENCE)))
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContaining("Issue a new token");
    }

    @Conversation(value = "D3 15 iat", sdk = true)
    void login_issuedInTheFuture_isRefusedAfterTheSkew() throws Exception {
        long now = Runs.NOW.getEpochSecond();
        assertLoginRefused(
                jwtWith("iat", now + 61),
                "error validating token: invalid issued at (iat) claim: token issued in the future");
        assertThat(login("ci", jwtWith("iat", now + 60))).startsWith("hvs.");
    }

    @Conversation(value = "D3 16 audience that nobody bound", sdk = true)
    void login_unboundAudience_isRefusedByVaultAndOverlookedByOpenBao() throws Exception {
        vault.role(VaultJwtRole.builder("ci", "sub")
                .boundSubject(Runs.plan().subject())
                .build());
        String text = "audience claim found in JWT but no audiences bound to the role";

        assertLoginRefused(jwt(), text);
        assertLoginRefused(jwtWith("aud", List.of(AUDIENCE)), text);
        vault.openBao();
        assertLoginRefused(jwtWith("aud", List.of(AUDIENCE)), text);
        assertThat(login()).startsWith("s.");
    }

    @Conversation(value = "D3 17 user_claim", sdk = true)
    void login_userThatIsNone_isRefused() {
        vault.role(VaultJwtRole.builder("ci", "user")
                .boundAudiences(Set.of(AUDIENCE))
                .build());

        assertLoginRefused(jwt(), "claim \"user\" not found in token");
        assertLoginRefused(jwtWith("user", 7), "claim \"user\" could not be converted to string");
    }

    @Conversation(value = "D3 18 claim_mappings", sdk = true)
    void login_mappedClaimThatIsNoText_isRefused() throws Exception {
        vault.role(role().claimMapping("ref", "git_ref").build());

        assertLoginRefused(jwtWith("ref", 7), "error converting claim 'ref' to string");
        JsonNode auth = json(post("auth/jwt/login", "", Map.of("role", "ci", "jwt", jwtWith("ref", "main"))))
                .path("auth");
        assertThat(auth.path("metadata").path("git_ref").textValue()).isEqualTo("main");
    }

    @Conversation(value = "D3 19 groups_claim", sdk = true)
    void login_groupsThatAreNone_isRefused() {
        vault.role(role().groupsClaim("groups").build());

        assertLoginRefused(jwt(), "failed to fetch groups: \"groups\" claim not found in token");
        assertLoginRefused(jwtWith("groups", Map.of("a", 1)), "\"groups\" claim could not be converted to string list");
    }

    @Conversation(value = "D3 20 bound_claims", sdk = true)
    void login_claimThatIsBoundOtherwise_isRefused() throws Exception {
        vault.role(role().boundClaim("env", "prod", "test").build());

        assertLoginRefused(jwt(), "error validating claims: claim \"env\" is missing");
        assertLoginRefused(
                jwtWith("env", "dev"),
                "error validating claims: claim \"env\" does not match any associated bound claim values");
        assertThat(login("ci", jwtWith("env", "test"))).startsWith("hvs.");
    }

    @Conversation("D2 token_policies: root is given by no auth method")
    void login_rootPolicy_isRefused() throws Exception {
        vault.role(role().tokens(tokens().policies("root").build()).build());

        assertAnswer(
                post("auth/jwt/login", "", Map.of("role", "ci", "jwt", jwt())),
                400,
                "auth methods cannot create root tokens");
    }

    @Conversation(value = "D3 login where nothing is mounted", sdk = true)
    void login_unmountedPath_isForbiddenAndSaysWhatToCheck() {
        assertRefused(() -> driver("").auth().loginByJwt("other", "ci", jwt()), 403, "permission denied");
        assertThatThrownBy(() -> VaultJwtExchanger.builder(vault.address(), "ci", http)
                        .authPath("other")
                        .build()
                        .exchange(issuer.issue(Runs.plan(), AUDIENCE)))
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContaining("at which the JWT auth method is mounted");
    }

    @Conversation(value = "D3 several mounts in several namespaces", sdk = true)
    void login_eachMount_hasItsOwnIssuerAndRoles() throws Exception {
        vault.namespace("team/a")
                .method("ci/jwt", VaultJwtMethod.trusting(issuer.url()))
                .role("ci/jwt", role().build());
        VaultJwtExchanger team = VaultJwtExchanger.builder(vault.address(), "ci", http)
                .namespace("team/a")
                .authPath("ci/jwt")
                .clock(clock)
                .build();

        assertThat(team.exchange(issuer.issue(Runs.plan(), AUDIENCE)).expiresAt())
                .isEqualTo(Runs.NOW.plus(TTL));
        vault.namespace("team/a").method("ci/jwt", VaultJwtMethod.trusting(IssuerUrl.of("https://other.example")));
        assertThatThrownBy(() -> team.exchange(issuer.issue(Runs.plan(), AUDIENCE)))
                .isInstanceOf(CredentialExchangeException.class);
        assertThat(login()).as("the root's own method").startsWith("hvs.");
        vault.namespace("").removeRole("jwt", "CI");
        assertLoginRefused(jwt(), "role \"ci\" could not be found");
    }

    @Conversation(value = "D3 8 signature: a token without kid is tried with every key", sdk = true)
    void login_noKeyId_isTriedWithEveryKey() throws Exception {
        String own = compact(issuer.bad().withHeader(Runs.plan(), AUDIENCE, "kid", ""));
        String foreign = signed(pair(), "{\"sub\":\"x\"}");

        assertThat(login("ci", own)).startsWith("hvs.");
        assertLoginRefused(foreign, UNVERIFIED);
        vault.method("jwt", VaultJwtMethod.fetching(issuer.url().keySet()).build());
        assertThat(login("ci", own)).startsWith("hvs.");
        assertLoginRefused(foreign, UNVERIFIED);
    }

    @Conversation(value = "D3 8 signature: a static key of another kind", sdk = true)
    void login_staticKeyOfAnotherKind_isPassedOver() throws Exception {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2048);
        PublicKey other = rsa.generateKeyPair().getPublic();
        vault.method("jwt", VaultJwtMethod.withKeys(List.of(other)).build());

        assertLoginRefused(
                jwt(),
                "error validating token: error verifying token signature: no known key successfully validated the "
                        + "token signature");
        assertLoginRefused(
                "a.b",
                "error validating token: error verifying token signature: go-jose/go-jose: compact JWS format must "
                        + "have three parts");
        vault.method(
                "jwt",
                VaultJwtMethod.withKeys(List.of(other, issuer.publicJwk().publicKey()))
                        .build());
        assertThat(login()).startsWith("hvs.");
    }

    @Conversation(value = "D3 8 signature: keys at jwks_url down, or none", sdk = true)
    void login_noKeysAtTheAddress_isRefused() {
        vault.method("jwt", VaultJwtMethod.fetching(issuer.url().keySet()).build());
        issuer.faults().of("keys").next(Fault.failed(500), Fault.malformed()).always(Fault.reset());
        String start = "error validating token: error verifying token signature: fetching keys oidc: ";

        assertLoginRefused(jwt(), start + "get keys failed: 500");
        assertLoginRefused(jwt(), start + "failed to decode keys");
        assertLoginRefused(jwt(), start + "get keys failed");
    }

    @Conversation(value = "D3 7 validator: a document that is none", sdk = true)
    void login_brokenDocument_isMisconfigured() throws Exception {
        issuer.faults().of("discovery").next(Fault.malformed()).always(Fault.reset());
        String start = "error configuring token validator: keyset configuration error: ";

        assertLoginRefused(jwt(), start + "failed to decode OIDC discovery document");
        assertLoginRefused(jwt(), start + "connection failed");
        issuer.faults().clear();
        login();
        issuer.faults().of("discovery").always(Fault.failed(500));
        assertThat(login()).as("what is known is known").startsWith("hvs.");
        vault.reset();
        assertLoginRefused(jwt(), start + "500");
    }

    private VaultJwtExchanger exchanger(String role) {
        return VaultJwtExchanger.builder(vault.address(), role, http)
                .clock(clock)
                .build();
    }

    private static String compact(IdentityToken token) {
        return token.compact().reveal();
    }

    private static PublicKey stranger() {
        return pair().getPublic();
    }

    private static KeyPair pair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String signed(KeyPair pair, String claims) throws Exception {
        JsonWebSignature token = new JsonWebSignature();
        token.setAlgorithmHeaderValue("ES256");
        token.setKey(pair.getPrivate());
        token.setPayload(claims);
        return token.getCompactSerialization();
    }
}
