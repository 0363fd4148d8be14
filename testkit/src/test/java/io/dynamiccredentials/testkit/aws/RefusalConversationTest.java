package io.dynamiccredentials.testkit.aws;

import static io.dynamiccredentials.testkit.aws.StsTalk.NOW;
import static io.dynamiccredentials.testkit.aws.StsTalk.ROLE;
import static io.dynamiccredentials.testkit.aws.StsTalk.assertError;
import static io.dynamiccredentials.testkit.aws.StsTalk.assertRefused;
import static io.dynamiccredentials.testkit.aws.StsTalk.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.testkit.Conversation;
import io.dynamiccredentials.testkit.Fault;
import io.dynamiccredentials.wire.StrictJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsWebIdentityTokenFileCredentialsProvider;
import software.amazon.awssdk.services.sts.model.ExpiredTokenException;
import software.amazon.awssdk.services.sts.model.IdpCommunicationErrorException;
import software.amazon.awssdk.services.sts.model.IdpRejectedClaimException;
import software.amazon.awssdk.services.sts.model.InvalidIdentityTokenException;
import software.amazon.awssdk.services.sts.model.MalformedPolicyDocumentException;
import software.amazon.awssdk.services.sts.model.PackedPolicyTooLargeException;
import software.amazon.awssdk.services.sts.model.RegionDisabledException;
import software.amazon.awssdk.services.sts.model.StsException;

/** Errors, their codes and texts: section A3. */
class RefusalConversationTest {
    private static final String DENIED = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
    private static final String NO_KEY = "Couldn't retrieve verification key from your identity provider,  please "
            + "reference AssumeRoleWithWebIdentity documentation for requirements";
    private static final String NO_JWT =
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";

    private final StsTalk talk = new StsTalk();

    @TempDir
    private Path directory;

    @AfterEach
    void stop() {
        talk.close();
    }

    @Conversation("A3 envelope: Sender and the request's id")
    void envelope_ofTheSendersFault() throws Exception {
        assertError(talk.post(talk.form("WebIdentityToken", "nonsense")), 400, "InvalidIdentityToken", NO_JWT);
    }

    @Conversation("A3 envelope: Receiver for 5xx")
    void envelope_ofTheReceiversFault() throws Exception {
        talk.aws.faults().next(Fault.failed(500));

        assertError(talk.post(talk.form()), 500, "InternalFailure", "An internal error has occurred.");
    }

    @Conversation(value = "A3 InvalidIdentityToken is the SDK's own exception", sdk = true)
    void invalidIdentityToken_isTyped() {
        assertThatThrownBy(() -> talk.exchange("a.b.c")).isInstanceOf(InvalidIdentityTokenException.class);
    }

    @Conversation(value = "A3 ExpiredTokenException: Token expired", sdk = true)
    void expired_isTyped() {
        String token = token(talk.claims("exp", NOW - 300));

        assertThatThrownBy(() -> talk.exchange(token)).isInstanceOf(ExpiredTokenException.class);
        assertRefused(
                () -> talk.exchange(token),
                400,
                "ExpiredTokenException",
                "Token expired: current date/time " + (NOW - 300) + " must be before the expiration date/time "
                        + (NOW - 300));
    }

    @Conversation(value = "A3 ExpiredTokenException: Token too old", sdk = true)
    void tooOld_isExpired() {
        assertRefused(
                () -> talk.exchange(token(talk.claims("iat", NOW - 441_398))),
                400,
                "ExpiredTokenException",
                "Token too old: 441398");
        assertThat(talk.exchange(token(talk.claims("iat", NOW - 86_400))).audience())
                .isNotEmpty();
        assertRefused(
                () -> talk.exchange(token(talk.claims("iat", NOW - 86_401))),
                400,
                "ExpiredTokenException",
                "Token too old: 86401");
    }

    @Conversation(value = "A3 IDPCommunicationError is retried by the SDK's own provider", sdk = true)
    void idpCommunicationError_isRetried() throws Exception {
        talk.aws.faults().next(Fault.answered(FakeAws.error(400, "IDPCommunicationError", "Try again")));
        assertThatThrownBy(() -> talk.exchange(token(talk.claims())))
                .isInstanceOf(IdpCommunicationErrorException.class);

        Path file = Files.writeString(directory.resolve("token"), token(talk.claims()));
        talk.aws.faults().next(Fault.answered(FakeAws.error(400, "IDPCommunicationError", "Try again")));
        try (StsClient client = StsClient.builder()
                        .region(Region.EU_CENTRAL_1)
                        .endpointOverride(talk.aws.address())
                        .credentialsProvider(AnonymousCredentialsProvider.create())
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .overrideConfiguration(
                                config -> config.retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                        .retryOnException(IdpCommunicationErrorException.class)
                                        .build()))
                        .build();
                StsWebIdentityTokenFileCredentialsProvider provider =
                        StsWebIdentityTokenFileCredentialsProvider.builder()
                                .stsClient(client)
                                .roleArn(ROLE)
                                .roleSessionName("run-1")
                                .webIdentityTokenFile(file)
                                .build()) {
            assertThat(provider.resolveCredentials().accessKeyId()).startsWith("ASIA");
        }
        assertThat(talk.aws.calls().count("AssumeRoleWithWebIdentity")).isEqualTo(3);
    }

    @Conversation(value = "A3 IDPRejectedClaim 403", sdk = true)
    void idpRejectedClaim_isTyped() {
        talk.aws.faults().next(Fault.answered(FakeAws.error(403, "IDPRejectedClaim", "rejected")));

        assertThatThrownBy(() -> talk.exchange(token(talk.claims()))).isInstanceOf(IdpRejectedClaimException.class);
    }

    @Conversation(value = "A3 MalformedPolicyDocument", sdk = true)
    void malformedPolicy_isTyped() {
        assertThatThrownBy(() -> talk.exchange(token(talk.claims()), request -> request.policy("[]")))
                .isInstanceOf(MalformedPolicyDocumentException.class);
    }

    @Conversation(value = "A3 PackedPolicyTooLarge", sdk = true)
    void packedPolicyTooLarge_isTyped() {
        assertThatThrownBy(() -> talk.exchange(token(noisy()))).isInstanceOf(PackedPolicyTooLargeException.class);
    }

    @Conversation(value = "A3 RegionDisabledException 403", sdk = true)
    void regionDisabled_isTyped() {
        talk.aws.faults().next(Fault.answered(FakeAws.error(403, "RegionDisabledException", "not activated")));

        assertThatThrownBy(() -> talk.exchange(token(talk.claims()))).isInstanceOf(RegionDisabledException.class);
    }

    @Conversation(value = "A3 AccessDenied: trust policy mismatch", sdk = true)
    void mismatch_isDenied() {
        talk.aws.role(ROLE, talk.trust("\"" + talk.key("sub") + "\":\"job:*\""));

        assertRefused(() -> talk.exchange(token(talk.claims())), 403, "AccessDenied", DENIED);
    }

    @Conversation(value = "A3 AccessDenied: no such role", sdk = true)
    void unknownRole_isDenied() {
        assertRefused(
                () -> talk.exchange(token(talk.claims()), request -> request.roleArn(ROLE + "2")),
                403,
                "AccessDenied",
                DENIED);
        talk.aws.removeRole(ROLE);
        assertRefused(() -> talk.exchange(token(talk.claims())), 403, "AccessDenied", DENIED);
    }

    @Conversation(value = "A3 AccessDenied: tags without sts:TagSession", sdk = true)
    void tagsWithoutPermission_areDenied() {
        talk.aws.role(ROLE, talk.trust("\"sts:AssumeRoleWithWebIdentity\"", "\"" + talk.key("sub") + "\":\"run:1\""));
        Map<String, Object> tagged = talk.claims();
        tagged.putAll(StsTalk.tags(Map.of("Team", "x"), List.of()));

        assertThat(talk.exchange(token(talk.claims())).audience()).isNotEmpty();
        assertRefused(() -> talk.exchange(token(tagged)), 403, "AccessDenied", DENIED);
    }

    @Conversation(value = "A3 Throttling 400", sdk = true)
    void throttling_isRecognised() {
        talk.aws.faults().next(Fault.throttled());

        assertThatThrownBy(() -> talk.exchange(token(talk.claims()))).isInstanceOfSatisfying(StsException.class, e -> {
            assertThat(e.isThrottlingException()).isTrue();
            assertThat(e.statusCode()).isEqualTo(400);
            assertThat(e.awsErrorDetails().errorMessage()).isEqualTo("Rate exceeded");
        });
    }

    @Conversation(value = "A3 InternalFailure 500", sdk = true)
    void internalFailure_isAServersFault() {
        talk.aws.faults().next(Fault.failed(500));

        assertRefused(
                () -> talk.exchange(token(talk.claims())), 500, "InternalFailure", "An internal error has occurred.");
    }

    @Conversation(value = "A3 ServiceUnavailable 503", sdk = true)
    void serviceUnavailable_isAServersFault() {
        talk.aws.faults().next(Fault.failed(503));

        assertRefused(
                () -> talk.exchange(token(talk.claims())), 503, "ServiceUnavailable", "The service is unavailable.");
    }

    @Conversation(value = "A3 InvalidIdentityToken: no provider", sdk = true)
    void noProvider_isSaid() {
        talk.assertInvalid(
                token(talk.claims("iss", "https://token.actions.githubusercontent.com")),
                "No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com");
        talk.aws.removeOidcProvider(StsTalk.ACCOUNT, talk.issuer.url());
        talk.assertInvalid(
                token(talk.claims()), "No OpenIDConnect provider found in your account for " + talk.issuer.url());
    }

    @Conversation(value = "A3 InvalidIdentityToken: audience", sdk = true)
    void otherAudience_isSaid() {
        talk.assertInvalid(token(talk.claims("aud", "client-A")), "Incorrect token audience");
        talk.aws.oidcProvider(StsTalk.ACCOUNT, talk.issuer.url(), "client-A");
        talk.assertInvalid(token(talk.claims()), "Incorrect token audience");
        assertThat(talk.exchange(token(talk.claims("aud", "client-A"))).audience())
                .isEqualTo("client-A");
    }

    @Conversation(value = "A3 InvalidIdentityToken: the issuer's keys can't be had", sdk = true)
    void unreachableKeys_areSaid() {
        talk.issuer.close();

        talk.assertInvalid(token(talk.claims()), NO_KEY);
    }

    @Conversation(value = "A3 InvalidIdentityToken: unknown kid", sdk = true)
    void unknownKey_isSaid() {
        talk.assertInvalid(AnyIssuer.token("RS256", AnyIssuer.RSA, "unknown", StrictJson.write(talk.claims())), NO_KEY);
    }

    @Conversation(value = "A3 InvalidIdentityToken: no JWT, or an algorithm that STS has not", sdk = true)
    void noJwt_isSaid() {
        String[] parts = token(talk.claims()).split("\\.", -1);

        talk.assertInvalid("nonsense", NO_JWT);
        talk.assertInvalid("ya29.access-token", NO_JWT);
        talk.assertInvalid(parts[0] + "." + parts[1], NO_JWT);
        for (String algorithm : List.of("none", "HS256", "PS256", "EdDSA", "rs256", "")) {
            String header = Jws.encode(StrictJson.write(Map.of("alg", algorithm, "kid", "rsa")));
            talk.assertInvalid(header + "." + parts[1] + "." + parts[2], NO_JWT);
        }
    }

    @Conversation(value = "A3 InvalidIdentityToken: a claim is missing", sdk = true)
    void missingClaim_isSaid() {
        for (String claim : List.of("iss", "sub", "aud", "exp", "iat")) {
            Map<String, Object> claims = talk.claims();
            claims.remove(claim);
            talk.assertInvalid(token(claims), "Missing a required claim: " + claim);
        }
    }

    @Conversation(value = "A3 InvalidIdentityToken: several audiences without azp", sdk = true)
    void severalAudiences_areSaid() {
        talk.assertInvalid(
                token(talk.claims("aud", List.of("client-a", "client-b"))),
                "Token audience contains more than one audience while authorized party is not present");
    }

    @Conversation(value = "A3 InvalidIdentityToken: bad tag claim", sdk = true)
    void badTags_areSaid() {
        talk.assertInvalid(
                token(talk.claims("https://aws.amazon.com/tags", "Team=x")),
                "Session tags passed in claim are not in correct format.");
        talk.assertInvalid(
                token(talk.claims("https://aws.amazon.com/tags", Map.of("principal_tags", "Team=x"))),
                "principal_tags passed in claim is not in correct format.");
    }

    @Conversation(value = "A3 InvalidIdentityToken: signature", sdk = true)
    void otherSignature_isInvalid() {
        talk.assertInvalid(
                AnyIssuer.token("RS256", AnyIssuer.OTHER_RSA, "rsa", StrictJson.write(talk.claims())),
                "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity "
                        + "documentation for requirements.");
    }

    @Conversation(value = "A3 ValidationError: longer than MaxSessionDuration", sdk = true)
    void longerThanTheRole_isInvalid() {
        assertRefused(
                () -> talk.exchange(token(talk.claims()), request -> request.durationSeconds(3601)),
                400,
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    }

    @Conversation(value = "A3 ValidationError: chaining beyond an hour", sdk = true)
    void chainedBeyondAnHour_isInvalid() {
        talk.aws.chainedRole(ROLE + "2", Set.of(ROLE));

        assertRefused(
                () -> talk.chain(
                        talk.session(Map.of()),
                        request -> request.roleArn(ROLE + "2").durationSeconds(3601)),
                400,
                "ValidationError",
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
    }

    @Conversation(value = "A3 ValidationError: session name", sdk = true)
    void badSessionName_isInvalid() {
        assertRefused(
                () -> talk.exchange(token(talk.claims()), request -> request.roleSessionName("bad session!!")),
                400,
                "ValidationError",
                "1 validation error detected: Value 'bad session!!' at 'roleSessionName' failed to satisfy constraint: "
                        + "Member must satisfy regular expression pattern: [\\w+=,.@-]*");
    }

    @Conversation(value = "A3 ValidationError: no role", sdk = true)
    void noRole_isInvalid() {
        assertRefused(
                () -> talk.exchange(token(talk.claims()), request -> request.roleArn(null)),
                400,
                "ValidationError",
                "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not "
                        + "be null");
    }

    @Conversation(value = "A3 ValidationError: duration", sdk = true)
    void badDuration_isInvalid() {
        assertRefused(
                () -> talk.exchange(token(talk.claims()), request -> request.durationSeconds(899)),
                400,
                "ValidationError",
                "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member "
                        + "must have value greater than or equal to 900");
        assertRefused(
                () -> talk.exchange(token(talk.claims()), request -> request.durationSeconds(43_201)),
                400,
                "ValidationError",
                "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member "
                        + "must have value less than or equal to 43200");
    }

    @Conversation(value = "A3 the rest of a refused request is not done", sdk = true)
    void refused_handsOutNothing() {
        assertThatThrownBy(() -> talk.exchange("a.b.c")).isInstanceOf(StsException.class);

        assertThat(talk.aws.handedOut()).isEmpty();
        assertThat(talk.aws.calls().refused()).isEqualTo(1);
        talk.clock.advance(Duration.ofSeconds(1));
        talk.exchange(token(talk.claims()));
        assertThat(talk.aws.handedOut()).hasSize(1).isEqualTo(talk.aws.live());
        talk.aws.reset();
        assertThat(talk.aws.handedOut()).isEmpty();
        assertThat(talk.aws.live()).isEmpty();
        assertThat(talk.aws.calls().count()).isZero();
    }

    /** Returns claims with tags that no packing makes small. */
    private Map<String, Object> noisy() {
        Random random = new Random(1);
        Map<String, String> tags = new TreeMap<>();
        for (int i = 0; i < 50; i++) {
            StringBuilder value = new StringBuilder();
            random.ints(200, 'A', 'Z').forEach(c -> value.append((char) c));
            tags.put("key" + i, value.toString());
        }
        Map<String, Object> claims = talk.claims();
        claims.putAll(StsTalk.tags(tags, List.of()));
        return claims;
    }
}
