package io.dynamiccredentials.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.aws.AwsSts;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.aws.AwsWebIdentityExchanger;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.workload.Claims;
import io.dynamiccredentials.workload.TerraformRun;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.AssumeRoleRequest;
import software.amazon.awssdk.services.sts.model.AssumeRoleResponse;
import software.amazon.awssdk.services.sts.model.Credentials;
import software.amazon.awssdk.services.sts.model.StsException;

/** Sessions of sessions, users, session policies and session tags. */
class FakeAwsChainTest {
    private static final String AUDIENCE = AwsWebIdentityExchanger.STANDARD_AUDIENCE;
    private static final String ROLE = "arn:aws:iam::123456789012:role/teams/deploy";
    private static final String UNTAGGED = "arn:aws:iam::123456789012:role/untagged";
    private static final String TARGET = "arn:aws:iam::210987654321:role/teams/target";
    private static final String GUARDED = "arn:aws:iam::210987654321:role/guarded";
    private static final String USER = "arn:aws:iam::123456789012:user/vault";
    private static final String TAGS = "https://aws.amazon.com/tags";
    private static final String DENIED = " is not authorized to perform: sts:AssumeRole on resource: ";

    private final SettableClock clock = SettableClock.at(Runs.NOW);
    private final TestIssuer issuer = TestIssuer.start(SigningAlgorithm.ES256, clock);
    private final AwsTrustPolicy policy = new AwsTrustPolicy(issuer.url(), Set.of(AUDIENCE), Runs.SUBJECTS);
    private final FakeAws aws = FakeAws.start(clock)
            .role(ROLE, policy.withSessionTags())
            .role(UNTAGGED, policy)
            .chainedRole(TARGET, Set.of(ROLE, USER))
            .chainedRole(GUARDED, Set.of(ROLE), "acme:1");

    @AfterEach
    void stop() {
        aws.close();
        issuer.close();
    }

    @Test
    void assumeRole_trustedSession_givesASessionThatWorks() {
        AwsCredentials first = keys(session(ROLE, Runs.plan()));

        AssumeRoleResponse answer = assume(first, request -> request.durationSeconds(900));

        assertThat(answer.assumedRoleUser().arn()).isEqualTo("arn:aws:sts::210987654321:assumed-role/target/run-2");
        assertThat(answer.credentials().expiration()).isEqualTo(Runs.NOW.plusSeconds(900));
        assertThat(callerIdentity(keys(answer.credentials())))
                .isEqualTo(answer.assumedRoleUser().arn());
        assertThat(aws.live())
                .contains(new HandedOut(
                        TARGET,
                        answer.assumedRoleUser().arn(),
                        Runs.plan().subject(),
                        issuer.issued().get(0).tokenId(),
                        Runs.NOW.plusSeconds(900)));
    }

    @Test
    void assumeRole_endedSession_isRefused() {
        AwsCredentials first = keys(session(ROLE, Runs.plan()));
        clock.advance(Duration.ofHours(1));

        assertRefused(first, request -> {}, 403, "ExpiredToken", "expired");
    }

    @Test
    void assumeRole_roleThatIsNotTrusted_isDenied() {
        AwsCredentials first = keys(session(UNTAGGED, Runs.plan()));

        assertRefused(
                first,
                request -> {},
                403,
                "AccessDenied",
                "User: arn:aws:sts::123456789012:assumed-role/untagged/run-1" + DENIED + TARGET);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arn:aws:iam::210987654321:role/nobody",
                // The same name under another path is another role.
                "arn:aws:iam::210987654321:role/target",
                // A role that trusts tokens alone.
                ROLE
            })
    void assumeRole_roleThatTrustsNobody_isDenied(String role) {
        AwsCredentials first = keys(session(ROLE, Runs.plan()));

        assertRefused(first, request -> request.roleArn(role), 403, "AccessDenied", DENIED + role);
    }

    @ParameterizedTest
    @CsvSource({"acme:1,true", "acme:2,false", ",false"})
    void assumeRole_externalId_mustBeTheRoles(String externalId, boolean accepted) {
        AwsCredentials first = keys(session(ROLE, Runs.plan()));
        Consumer<AssumeRoleRequest.Builder> guarded =
                request -> request.roleArn(GUARDED).externalId(externalId);

        if (accepted) {
            assertThat(assume(first, guarded).assumedRoleUser().arn()).contains("/guarded/");
        } else {
            assertRefused(first, guarded, 403, "AccessDenied", DENIED + GUARDED);
        }
    }

    @Test
    void assumeRole_bySession_livesAnHourAtMost() {
        AwsCredentials first = keys(session(ROLE, Runs.plan()));

        assertThat(assume(first, request -> request.durationSeconds(3600)).credentials())
                .isNotNull();
        assertRefused(
                first,
                request -> request.durationSeconds(3601),
                400,
                "ValidationError",
                "exceeds the 1 hour session limit for roles assumed by role chaining.");
    }

    @Test
    void assumeRole_tokenOnlyRole_cannotBeAssumedByAToken() {
        assertThatThrownBy(() -> session(TARGET, Runs.plan()))
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContaining("No OpenIDConnect provider found");
    }

    @ParameterizedTest
    @CsvSource({
        "x,ValidationError,length greater than or equal to 2",
        "two words,ValidationError,'at ''externalId'' failed to satisfy constraint: Member must satisfy regular'"
    })
    void assumeRole_badExternalId_isRefused(String externalId, String code, String words) {
        AwsCredentials first = keys(session(ROLE, Runs.plan()));

        assertRefused(first, request -> request.externalId(externalId), 400, code, words);
    }

    @Test
    void sessionPolicy_ofEachKindOfSession_isRemembered() {
        Credentials first = exchange(ROLE, Runs.plan(), "{\"Statement\":[]}");
        Credentials second =
                assume(keys(first), request -> request.policy("{}")).credentials();

        assertThat(aws.session(first.accessKeyId()).policy()).hasValue("{\"Statement\":[]}");
        assertThat(aws.session(second.accessKeyId()).policy()).hasValue("{}");
        assertThat(aws.session(session(ROLE, Runs.plan()).accessKeyId()).policy())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "{,MalformedPolicyDocument,not in valid JSON",
        "[],MalformedPolicyDocument,not in valid JSON",
        "{\"a\":\"\u0142\"},ValidationError,at 'policy' failed to satisfy"
    })
    void sessionPolicy_malformed_isRefused(String json, String code, String words) {
        AwsCredentials first = keys(session(ROLE, Runs.plan()));

        assertRefused(first, request -> request.policy(json), 400, code, words);
    }

    @Test
    void sessionPolicy_tooLong_isRefused() {
        AwsCredentials first = keys(session(ROLE, Runs.plan()));
        String longest = "{\"a\":\"" + "x".repeat(2040) + "\"}";

        assertThat(assume(first, request -> request.policy(longest)).credentials())
                .isNotNull();
        assertRefused(first, request -> request.policy(longest + " "), 400, "PackedPolicyTooLarge", "101%");
    }

    @Test
    void sessionTags_areKeptAndTheTransitiveOnesPassedOn() {
        Credentials first = session(ROLE, tagged(Map.of("Project", "shop", "Team", "blue"), List.of("Project")));
        Credentials second = assume(keys(first), request -> {}).credentials();

        assertThat(aws.session(first.accessKeyId()).tags().all()).isEqualTo(Map.of("Project", "shop", "Team", "blue"));
        assertThat(aws.session(second.accessKeyId()).tags().all()).isEqualTo(Map.of("Project", "shop"));
    }

    @Test
    void sessionTags_roleWithoutTagSession_isDenied() {
        assertThatThrownBy(() -> session(UNTAGGED, tagged(Map.of("Team", "blue"), List.of())))
                .hasMessageContaining("Not authorized to perform sts:AssumeRoleWithWebIdentity");
    }

    @Test
    void sessionTags_flattened_areKeptToo() {
        IdentityToken token = issuer.bad().withClaim(Runs.plan(), AUDIENCE, TAGS + "/principal_tags/Team", "blue");
        Credentials first = credentials(exchanger(ROLE).build().exchange(token));

        assertThat(aws.session(first.accessKeyId()).tags().all()).isEqualTo(Map.of("Team", "blue"));
        assertThatThrownBy(() -> exchanger(UNTAGGED).build().exchange(token))
                .hasMessageContaining("Not authorized to perform");
    }

    @Test
    void sessionTags_inAnotherForm_areRefused() {
        IdentityToken noObject = issuer.bad().withClaim(Runs.plan(), AUDIENCE, TAGS, "Team=blue");

        assertThatThrownBy(() -> exchanger(ROLE).build().exchange(noObject))
                .hasMessageContaining("not in correct format");
    }

    @Test
    void accessKey_unknown_isRefused() {
        assertThatThrownBy(() -> aws.session("ASIAMADEUPMADEUP0000").tags().all())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ASIAMADEUPMADEUP0000");
    }

    @Test
    void userKey_worksUntilItIsDeleted() {
        FakeAwsKey key = aws.createUserKey("123456789012", "vault", "run-1");
        AwsCredentials credentials =
                AwsBasicCredentials.create(key.accessKeyId(), key.secretKey().reveal());
        clock.advance(Duration.ofDays(365));

        assertThat(key.accessKeyId()).startsWith("AKIA");
        assertThat(callerIdentity(credentials)).isEqualTo(USER);
        assertThat(aws.live()).containsExactly(new HandedOut(USER, USER, "run-1", "", Instant.MAX));
        assertThat(key.toString()).doesNotContain(key.secretKey().reveal());

        aws.deleteUserKey(key.accessKeyId());

        assertThatThrownBy(() -> callerIdentity(credentials)).hasMessageContaining("security token included");
        assertThat(aws.live()).isEmpty();
    }

    @Test
    void userKey_withASessionToken_isRefused() {
        FakeAwsKey key = aws.createUserKey("123456789012", "vault", "run-1");
        AwsCredentials credentials =
                AwsSessionCredentials.create(key.accessKeyId(), key.secretKey().reveal(), "token");

        assertThatThrownBy(() -> callerIdentity(credentials)).hasMessageContaining("security token included");
    }

    @Test
    void userKey_assumesARoleForMoreThanAnHour() {
        FakeAwsKey key = aws.createUserKey("123456789012", "vault", "run-1");
        AwsCredentials credentials =
                AwsBasicCredentials.create(key.accessKeyId(), key.secretKey().reveal());

        assertThat(assume(credentials, request -> request.durationSeconds(43_200))
                        .credentials()
                        .expiration())
                .isEqualTo(Runs.NOW.plus(Duration.ofHours(12)));
    }

    @Test
    void assumeRole_withoutARequest_goesByTrustAndLimits() {
        Duration hour = Duration.ofHours(1);
        Optional<FakeAwsKey> session = aws.assumeRole(USER, TARGET, "vault-1", hour, "run-1");

        assertThat(callerIdentity(AwsSessionCredentials.create(
                        session.orElseThrow().accessKeyId(),
                        session.orElseThrow().secretKey().reveal(),
                        session.orElseThrow().token().orElseThrow().reveal())))
                .isEqualTo("arn:aws:sts::210987654321:assumed-role/target/vault-1");
        assertThat(aws.assumeRole("arn:aws:iam::123456789012:user/eve", TARGET, "vault-1", hour, "run-1"))
                .isEmpty();
        assertThat(aws.assumeRole(USER, GUARDED, "vault-1", hour, "run-1")).isEmpty();
        assertThat(aws.assumeRole(USER, TARGET, "vault-1", Duration.ofHours(13), "run-1"))
                .isEmpty();
        assertThat(aws.assumeRole(USER, ROLE, "vault-1", hour, "run-1")).isEmpty();
    }

    private static TerraformRun tagged(Map<String, String> tags, List<String> transitive) {
        Claims.Builder principalTags = Claims.builder();
        tags.forEach((key, value) -> principalTags.texts(key, List.of(value)));
        return TerraformRun.builder("acme", "shop", "prod", "run-1")
                .claims(Claims.builder()
                        .object(
                                TAGS,
                                Claims.builder()
                                        .object("principal_tags", principalTags.build())
                                        .texts("transitive_tag_keys", transitive)
                                        .build())
                        .build())
                .build();
    }

    private Credentials session(String role, TerraformRun run) {
        return credentials(exchanger(role).build().exchange(issuer.issue(run, AUDIENCE)));
    }

    private Credentials exchange(String role, TerraformRun run, String sessionPolicy) {
        return credentials(exchanger(role).sessionPolicy(sessionPolicy).build().exchange(issuer.issue(run, AUDIENCE)));
    }

    private static Credentials credentials(io.dynamiccredentials.aws.AwsSessionCredentials session) {
        return Credentials.builder()
                .accessKeyId(session.accessKeyId())
                .secretAccessKey(session.secretAccessKey().reveal())
                .sessionToken(session.sessionToken().reveal())
                .build();
    }

    private static AwsCredentials keys(Credentials session) {
        return AwsSessionCredentials.create(session.accessKeyId(), session.secretAccessKey(), session.sessionToken());
    }

    private AssumeRoleResponse assume(AwsCredentials caller, Consumer<AssumeRoleRequest.Builder> more) {
        try (StsClient client = client(caller)) {
            AssumeRoleRequest.Builder request =
                    AssumeRoleRequest.builder().roleArn(TARGET).roleSessionName("run-2");
            more.accept(request);
            return client.assumeRole(request.build());
        }
    }

    private void assertRefused(
            AwsCredentials caller, Consumer<AssumeRoleRequest.Builder> more, int status, String code, String words) {
        assertThatThrownBy(() -> assume(caller, more))
                .isInstanceOfSatisfying(StsException.class, e -> {
                    assertThat(e.statusCode()).isEqualTo(status);
                    assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code);
                })
                .hasMessageContaining(words);
    }

    private String callerIdentity(AwsCredentials credentials) {
        try (StsClient client = client(credentials)) {
            return client.getCallerIdentity().arn();
        }
    }

    private StsClient client(AwsCredentials credentials) {
        return StsClient.builder()
                .region(Region.EU_CENTRAL_1)
                .endpointOverride(aws.address())
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .credentialsProvider(StaticCredentialsProvider.create(credentials))
                .build();
    }

    private AwsWebIdentityExchanger.Builder exchanger(String role) {
        return AwsWebIdentityExchanger.builder(
                        role,
                        AwsSts.builder("eu-central-1").endpoint(aws.address()).build())
                .sessionName("run-1")
                .clock(clock);
    }
}
