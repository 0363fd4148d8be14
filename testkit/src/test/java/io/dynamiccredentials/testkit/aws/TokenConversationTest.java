package io.dynamiccredentials.testkit.aws;

import static io.dynamiccredentials.testkit.aws.StsTalk.ACCOUNT;
import static io.dynamiccredentials.testkit.aws.StsTalk.NOW;
import static io.dynamiccredentials.testkit.aws.StsTalk.ROLE;
import static io.dynamiccredentials.testkit.aws.StsTalk.assertRefused;
import static io.dynamiccredentials.testkit.aws.StsTalk.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.testkit.Conversation;
import io.dynamiccredentials.wire.StrictJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import software.amazon.awssdk.services.sts.model.Credentials;
import software.amazon.awssdk.services.sts.model.StsException;

/** How STS judges a token, and by which keys a trust policy does: section A4. */
class TokenConversationTest {
    private static final String DENIED = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
    private static final String NOT_VALID = "The web identity token provided could not be validated. See the "
            + "AssumeRoleWithWebIdentity documentation for requirements.";
    private static final String NO_KEY = "Couldn't retrieve verification key from your identity provider,  please "
            + "reference AssumeRoleWithWebIdentity documentation for requirements";

    private final StsTalk talk = new StsTalk();

    @AfterEach
    void stop() {
        talk.close();
    }

    @Conversation(value = "A4 order: fields before the token", sdk = true)
    void order_fieldsFirst() {
        assertThatThrownBy(() -> talk.exchange("a.b.c", request -> request.durationSeconds(1)))
                .hasMessageContaining("'durationSeconds'");
    }

    @Conversation(value = "A4 order: form of the token before the provider", sdk = true)
    void order_formBeforeProvider() {
        String header = Jws.encode("{\"alg\":\"HS256\"}");
        String claims = Jws.encode("{\"iss\":\"https://other.example\"}");

        assertThatThrownBy(() -> talk.exchange(header + "." + claims + ".AAAA"))
                .hasMessageContaining("not a valid JWT");
    }

    @Conversation(value = "A4 order: provider before the other claims", sdk = true)
    void order_providerBeforeClaims() {
        talk.assertInvalid(
                token(Map.of("iss", "https://other.example")),
                "No OpenIDConnect provider found in your account for https://other.example");
    }

    @Conversation(value = "A4 order: claims before the audience", sdk = true)
    void order_claimsBeforeAudience() {
        Map<String, Object> claims = talk.claims("aud", "other");
        claims.remove("iat");

        talk.assertInvalid(token(claims), "Missing a required claim: iat");
    }

    @Conversation(value = "A4 order: audience before keys", sdk = true)
    void order_audienceBeforeKeys() {
        talk.issuer.close();

        talk.assertInvalid(token(talk.claims("aud", "other")), "Incorrect token audience");
    }

    @Conversation(value = "A4 order: signature before times", sdk = true)
    void order_signatureBeforeTimes() {
        String claims = StrictJson.write(talk.claims("exp", NOW - 3600));

        talk.assertInvalid(AnyIssuer.token("RS256", AnyIssuer.OTHER_RSA, "rsa", claims), NOT_VALID);
    }

    @Conversation(value = "A4 order: times before the role", sdk = true)
    void order_timesBeforeRole() {
        talk.aws.removeRole(ROLE);

        assertThatThrownBy(() -> talk.exchange(token(talk.claims("exp", NOW - 3600))))
                .hasMessageContaining("Token expired");
    }

    @Conversation(value = "A4 order: role before the duration", sdk = true)
    void order_roleBeforeDuration() {
        talk.aws.removeRole(ROLE);

        assertThatThrownBy(() -> talk.exchange(token(talk.claims()), request -> request.durationSeconds(43_200)))
                .hasMessageContaining(DENIED);
    }

    @Conversation(value = "A4 order: duration before policies", sdk = true)
    void order_durationBeforePolicies() {
        assertThatThrownBy(() -> talk.exchange(
                        token(talk.claims()),
                        request -> request.durationSeconds(43_200).policy("[]")))
                .hasMessageContaining("MaxSessionDuration");
    }

    @Conversation(value = "A4 provider: iss to the letter", sdk = true)
    void provider_isFoundToTheLetter() {
        String iss = talk.issuer.url().value();

        for (String other : List.of(iss + "/", iss.replace("http", "https"), iss.replace("127.0.0.1", "localhost"))) {
            talk.assertInvalid(
                    token(talk.claims("iss", other)), "No OpenIDConnect provider found in your account for " + other);
        }
    }

    @Conversation(value = "A4 discovery: issuer must be equal", sdk = true)
    void discovery_ofAnotherIssuer_isUseless() {
        talk.issuer.discovery("issuer", "https://other.example");

        talk.assertInvalid(token(talk.claims()), NO_KEY);
    }

    @Conversation(value = "A4 discovery: three members that STS needs", sdk = true)
    void discovery_incomplete_isUseless() {
        for (String member : List.of(
                "response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported")) {
            try (StsTalk other = new StsTalk()) {
                other.issuer.discovery(member, null);
                other.assertInvalid(token(other.claims()), NO_KEY);
            }
        }
    }

    @Conversation(value = "A4 keys: at most 100 RSA and 100 EC", sdk = true)
    void keys_areLimitedByKind() {
        List<Map<String, Object>> keys = new ArrayList<>(List.of(AnyIssuer.jwk(AnyIssuer.RSA)));
        for (int i = 0; i < 100; i++) {
            Map<String, Object> key = AnyIssuer.jwk(AnyIssuer.key("ES256"));
            key.put("kid", "ec-" + i);
            keys.add(key);
        }
        keys.add(AnyIssuer.jwk(AnyIssuer.key("ES256")));
        talk.issuer.publish(keys);

        talk.assertInvalid(AnyIssuer.token("ES256", StrictJson.write(talk.claims())), NO_KEY);
        assertThat(talk.exchange(token(talk.claims())).audience()).isNotEmpty();
        talk.issuer.publish(keys.subList(1, 101));
        talk.aws.issuerKeys().forget();
        String claims = StrictJson.write(talk.claims());
        assertThat(talk.exchange(AnyIssuer.token("ES256", AnyIssuer.key("ES256"), "ec-99", claims))
                        .audience())
                .isNotEmpty();
    }

    @Conversation(value = "A4 keys: those that the issuer publishes now, unless they are held", sdk = true)
    void keys_areThoseOfNowOrHeld() {
        talk.exchange(token(talk.claims()));
        talk.aws.issuerKeys().hold();
        Map<String, Object> renamed = AnyIssuer.jwk(AnyIssuer.RSA);
        renamed.put("kid", "next");
        talk.issuer.publish(List.of(renamed));
        String token = AnyIssuer.token("RS256", AnyIssuer.RSA, "next", StrictJson.write(talk.claims()));
        talk.assertInvalid(token, NO_KEY);
        assertThat(talk.exchange(token(talk.claims())).audience()).isNotEmpty();

        talk.aws.issuerKeys().release();
        talk.assertInvalid(token(talk.claims()), NO_KEY);
        assertThat(talk.exchange(token).audience()).isNotEmpty();
    }

    @Conversation(value = "A4 keys: of another kind than the token's", sdk = true)
    void key_ofAnotherKind_isNone() {
        Map<String, Object> key = AnyIssuer.jwk(AnyIssuer.key("ES256"));
        key.put("kid", "rsa");
        talk.issuer.publish(List.of(key));
        talk.assertInvalid(token(talk.claims()), NO_KEY);

        talk.issuer.publish(List.of(AnyIssuer.jwk(AnyIssuer.key("ES384"))));
        talk.assertInvalid(
                AnyIssuer.token("ES256", AnyIssuer.key("ES256"), "ES384", StrictJson.write(talk.claims())), NO_KEY);
    }

    @Conversation(value = "A4 exp: five minutes of leeway", sdk = true)
    void exp_hasLeeway() {
        assertThat(talk.exchange(token(talk.claims("exp", NOW - 299))).audience())
                .isNotEmpty();
        assertThatThrownBy(() -> talk.exchange(token(talk.claims("exp", NOW - 300))))
                .hasMessageContaining("Token expired");
    }

    @Conversation(value = "A4 nbf: five minutes of leeway", sdk = true)
    void nbf_hasLeeway() {
        assertThat(talk.exchange(token(talk.claims("nbf", NOW + 300))).audience())
                .isNotEmpty();
        talk.assertInvalid(
                token(talk.claims("nbf", NOW + 301)),
                "Token not yet valid: current date/time " + (NOW + 300)
                        + " must be after or equal to the not-before date/time " + (NOW + 301));
    }

    @Conversation(value = "A4 iat: five minutes ahead", sdk = true)
    void iat_hasLeeway() {
        assertThat(talk.exchange(token(talk.claims("iat", NOW + 300))).audience())
                .isNotEmpty();
        talk.assertInvalid(token(talk.claims("iat", NOW + 301)), "Token issued in the future: " + (NOW + 301));
    }

    @Conversation(value = "A4 trust: the provider of another account is another", sdk = true)
    void trust_ofAnotherAccountsProvider_isDenied() {
        talk.aws.role(
                ROLE,
                talk.trust("\"" + talk.key("sub") + "\":\"*\"").replace("iam::123456789012", "iam::210987654321"));

        assertDenied(talk.claims());
    }

    @Conversation("A4 provider: the limits of IAM")
    void provider_beyondLimits_isRefused() {
        IssuerUrl fits = IssuerUrl.of("https://ci.example/" + "p".repeat(236));
        assertThat(fits.value()).hasSize(255);
        talk.aws.oidcProvider(ACCOUNT, fits, "x".repeat(255));

        assertThatThrownBy(() -> talk.aws.oidcProvider(ACCOUNT, IssuerUrl.of(fits.value() + "p"), "a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 255 characters and no port");
        assertThatThrownBy(() -> talk.aws.oidcProvider(ACCOUNT, IssuerUrl.of("https://ci.example:8443"), "a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no port");
        assertThatThrownBy(() -> talk.aws.oidcProvider("12345", fits, "a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("12 digits");
    }

    @Conversation("A4 client ids: at most 100 of 1 to 255 characters")
    void clientIds_beyondLimits_areRefused() {
        String[] hundred = IntStream.range(0, 100).mapToObj(i -> "id" + i).toArray(String[]::new);
        String[] more = IntStream.range(0, 101).mapToObj(i -> "id" + i).toArray(String[]::new);
        IssuerUrl issuer = talk.issuer.url();
        talk.aws.oidcProvider(ACCOUNT, issuer, hundred);

        for (String[] bad : List.of(more, new String[] {""}, new String[] {"x".repeat(256)})) {
            assertThatThrownBy(() -> talk.aws.oidcProvider(ACCOUNT, issuer, bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at most 100 client ids of 1 to 255");
        }
    }

    @Conversation("A4 thumbprints: at most 5 of 40 hexadecimal digits")
    void thumbprints_beyondLimits_areRefused() {
        IssuerUrl issuer = talk.issuer.url();
        String print = "0123456789abcdefABCD".repeat(2);
        talk.aws.thumbprints(ACCOUNT, issuer, print, print, print, print, print);

        assertThat(talk.aws.thumbprints(ACCOUNT, issuer)).hasSize(5).containsOnly(print);
        for (String[] bad : List.of(
                new String[] {print, print, print, print, print, print},
                new String[] {print + "0"},
                new String[] {"g".repeat(40)})) {
            assertThatThrownBy(() -> talk.aws.thumbprints(ACCOUNT, issuer, bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at most 5 thumbprints");
        }
        assertThatThrownBy(() -> talk.aws.thumbprints("210987654321", issuer, print))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("There must be a provider to change");
        assertThat(talk.aws.thumbprints("210987654321", issuer)).isEmpty();
    }

    @Conversation("A4 providers: at most 100 in an account")
    void providers_beyondTheQuota_areRefused() {
        for (int i = 0; i < 99; i++) {
            talk.aws.oidcProvider(ACCOUNT, IssuerUrl.of("https://ci.example/" + i), "a");
        }
        talk.aws.oidcProvider(ACCOUNT, IssuerUrl.of("https://ci.example/0"), "b");

        assertThatThrownBy(() -> talk.aws.oidcProvider(ACCOUNT, IssuerUrl.of("https://ci.example/x"), "a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("LimitExceeded");
        talk.aws.oidcProvider("210987654321", IssuerUrl.of("https://ci.example/x"), "a");
    }

    @Conversation("A4 trust policy: 2048 characters")
    void trustPolicy_beyondTheQuota_isRefused() {
        assertThatThrownBy(() -> talk.aws.role(ROLE, " ".repeat(2049)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("LimitExceeded");
    }

    @Conversation(value = "A4 key sub: StringEquals and StringLike", sdk = true)
    void key_sub() {
        assertKey("sub", "run:1", "run:2", talk.claims());
        assertKey("sub", "run:?", "run:", talk.claims());
        assertKey("sub", "*:*", "RUN:*", talk.claims());
    }

    @Conversation(value = "A4 key aud: the effective audience", sdk = true)
    void key_aud() {
        assertKey("aud", "client-a", "other", talk.claims());
        assertKey("aud", "client-b", "client-a", withAzp());
    }

    @Conversation(value = "A4 key oaud: aud where azp is present", sdk = true)
    void key_oaud() {
        assertKey("oaud", "client-a", "client-b", withAzp());
        talk.aws.role(ROLE, talk.trust("\"" + talk.key("oaud") + "\":\"client-a\""));
        assertDenied(talk.claims());
    }

    @Conversation(value = "A4 key azp", sdk = true)
    void key_azp() {
        assertKey("azp", "client-b", "client-a", withAzp());
    }

    @Conversation(value = "A4 key amr: several values", sdk = true)
    void key_amr() {
        Map<String, Object> claims = talk.claims("amr", List.of("pwd", "otp"));
        String policy = talk.trust("\"" + talk.key("amr") + "\":\"otp\"");

        talk.aws.role(ROLE, policy.replace("StringLike", "ForAnyValue:StringLike"));
        assertThat(talk.exchange(token(claims)).audience()).isNotEmpty();
        assertDenied(talk.claims("amr", List.of("pwd")));
        assertDenied(talk.claims());
        talk.aws.role(ROLE, policy.replace("StringLike", "ForAllValues:StringLike"));
        assertDenied(claims);
        // The trap that AWS warns of.
        assertThat(talk.exchange(token(talk.claims())).audience()).isNotEmpty();
    }

    @Conversation(value = "A4 key: a custom claim is none", sdk = true)
    void key_ofACustomClaim_isAbsent() {
        Map<String, Object> claims = talk.claims("run_phase", "apply");
        String policy = talk.trust("\"" + talk.key("run_phase") + "\":\"apply\"");

        talk.aws.role(ROLE, policy);
        assertDenied(claims);
        talk.aws.role(ROLE, policy.replace("StringLike", "StringLikeIfExists"));
        assertThat(talk.exchange(token(claims)).audience()).isNotEmpty();
    }

    @Conversation(value = "A4 key sts:RoleSessionName", sdk = true)
    void key_sessionName() {
        talk.aws.role(ROLE, talk.trust("\"sts:RoleSessionName\":\"run-*\""));

        assertThat(talk.exchange(token(talk.claims())).audience()).isNotEmpty();
        assertRefused(
                () -> talk.exchange(token(talk.claims()), request -> request.roleSessionName("job-1")),
                403,
                "AccessDenied",
                DENIED);
    }

    @Conversation(value = "A4 keys sts:SourceIdentity, aws:RequestTag and sts:TransitiveTagKeys", sdk = true)
    void keys_ofTheToken() {
        Map<String, Object> claims = talk.claims("https://aws.amazon.com/source_identity", "Admin");
        claims.putAll(StsTalk.tags(Map.of("Team", "blue"), List.of("Team")));

        for (String condition : List.of(
                "\"sts:SourceIdentity\":\"Admin\"",
                "\"aws:RequestTag/Team\":\"blue\"",
                "\"aws:RequestTag/team\":\"blue\"")) {
            talk.aws.role(ROLE, talk.trust(condition));
            assertThat(talk.exchange(token(claims)).audience()).isNotEmpty();
            assertDenied(talk.claims());
        }
        talk.aws.role(
                ROLE, talk.trust("\"sts:TransitiveTagKeys\":\"Team\"").replace("StringLike", "ForAnyValue:StringLike"));
        assertThat(talk.exchange(token(claims)).audience()).isNotEmpty();
        assertDenied(talk.claims());
    }

    @Conversation(value = "A4 key aws:SourceIp is that of loopback", sdk = true)
    void key_sourceIp() {
        String policy = talk.trust("\"aws:SourceIp\":\"127.0.0.0/8\"").replace("StringLike", "IpAddress");

        talk.aws.role(ROLE, policy);
        assertThat(talk.exchange(token(talk.claims())).audience()).isNotEmpty();
        talk.aws.role(ROLE, policy.replace("127.0.0.0", "10.0.0.0"));
        assertDenied(talk.claims());
    }

    @Conversation(value = "A4 several issuers in one account", sdk = true)
    void severalIssuers_areToldApart() {
        try (AnyIssuer other = new AnyIssuer()) {
            talk.aws.oidcProvider(ACCOUNT, other.url(), "client-a");
            Map<String, Object> claims = talk.claims("iss", other.url().value());

            assertDenied(claims);
            assertThat(talk.exchange(token(talk.claims())).audience()).isNotEmpty();
        }
    }

    @Conversation(value = "A4 a session is dead with its role", sdk = true)
    void session_ofARemovedRole_isRefused() {
        Credentials session = talk.session(Map.of());
        assertThat(talk.whoAmI(session)).endsWith("/run-1");
        talk.aws.removeRole(ROLE);

        assertThatThrownBy(() -> talk.whoAmI(session)).isInstanceOf(StsException.class);
        assertThat(talk.aws.live()).isEmpty();
        assertThat(talk.aws.handedOut()).hasSize(1);
    }

    private Map<String, Object> withAzp() {
        return new LinkedHashMap<>(talk.claims("azp", "client-b"));
    }

    /** Checks a key of conditions on both sides. */
    private void assertKey(String claim, String matching, String other, Map<String, Object> claims) {
        talk.aws.role(ROLE, talk.trust("\"" + talk.key(claim) + "\":\"" + matching + "\""));
        assertThat(talk.exchange(token(claims)).audience()).isIn(Set.of("client-a", "client-b"));
        talk.aws.role(ROLE, talk.trust("\"" + talk.key(claim) + "\":\"" + other + "\""));
        assertDenied(claims);
    }

    private void assertDenied(Map<String, Object> claims) {
        assertRefused(() -> talk.exchange(token(claims)), 403, "AccessDenied", DENIED);
    }
}
