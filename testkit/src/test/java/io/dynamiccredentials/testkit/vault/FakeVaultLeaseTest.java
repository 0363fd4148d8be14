package io.dynamiccredentials.testkit.vault;

import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.DENY;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.READ;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.vault.VaultJwtExchanger;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Namespaces, engines and leases, request by request. */
class FakeVaultLeaseTest {
    private static final String AUDIENCE = VaultJwtExchanger.STANDARD_AUDIENCE;
    private static final String ARN = "arn:aws:iam::123456789012:role/a/deploy";
    private static final String OTHER_ARN = "arn:aws:iam::123456789012:role/other";

    private final SettableClock clock = SettableClock.at(Runs.NOW);
    private final BoundedHttpClient http = BoundedHttpClient.builder().build();
    private final TestIssuer issuer = TestIssuer.start(clock);
    private final List<String> ended = new ArrayList<>();
    private final FakeVault vault = FakeVault.start(clock);

    @BeforeEach
    void configure() {
        vault.trust(issuer.url())
                .role(role())
                .engine(aws("aws"))
                .engine(FakeVaultGcp.builder(clock)
                        .roleset("ci")
                        .staticAccount("sa")
                        .build())
                .engine(FakeVaultAzure.builder()
                        .role("ci", Duration.ofHours(1))
                        .onDeletion(ended::add)
                        .build());
        vault.namespace("team").trust(issuer.url()).role(role()).engine(aws("team-aws"));
        for (String namespace : List.of("", "team")) {
            vault.namespace(namespace).permit("+/*", READ).permit("sys/leases/revoke", UPDATE);
        }
    }

    @AfterEach
    void stop() {
        vault.close();
        issuer.close();
    }

    @Test
    void read_iamUser_hasALease() {
        JsonNode answer = read(login(""), "aws/creds/user");

        assertThat(answer.path("lease_duration").intValue()).isEqualTo(3600);
        assertThat(answer.path("renewable").booleanValue()).isTrue();
        assertThat(answer.path("lease_id").textValue()).startsWith("aws/creds/user/");
        assertThat(answer.path("data").path("access_key").textValue()).matches("AKIA[A-Z0-9]{16}");
        assertThat(answer.path("data").path("security_token").isNull()).isTrue();
        assertThat(vault.leases())
                .containsExactly(new HandedOut(
                        answer.path("lease_id").textValue(),
                        "lease \"" + answer.path("lease_id").textValue() + "\"",
                        Runs.plan().subject(),
                        "",
                        Runs.NOW.plus(Duration.ofHours(1))));
    }

    @Test
    void read_assumedRole_isASessionOfTheRole() {
        JsonNode answer = read(login(""), "aws/sts/one");

        assertThat(answer.path("renewable").booleanValue()).isFalse();
        assertThat(answer.path("data").path("arn").textValue())
                .isEqualTo("arn:aws:sts::123456789012:assumed-role/deploy/vault-fake");
        assertThat(answer.path("data").path("security_token").textValue()).isNotEmpty();
        assertThat(read(login(""), "aws/sts/federated").path("data").has("arn")).isFalse();
        assertThat(read(login(""), "aws/sts/two?role_arn=" + OTHER_ARN.replace(":", "%3A"))
                        .path("data")
                        .path("arn")
                        .textValue())
                .contains("assumed-role/other/");
        assertThat(read(login(""), "aws/creds/one")
                        .path("data")
                        .path("access_key")
                        .textValue())
                .startsWith("ASIA");
    }

    @Test
    void read_googleAndAzure_haveTheirForms() {
        JsonNode token = read(login(""), "gcp/roleset/ci/token");
        assertThat(token.path("lease_id").textValue()).isEmpty();
        assertThat(token.path("data").path("token_ttl").intValue()).isEqualTo(3600);
        assertThat(token.path("data").path("expires_at_seconds").longValue())
                .isEqualTo(Runs.NOW.plusSeconds(3600).getEpochSecond());
        assertThat(read(login(""), "gcp/static-account/sa/key")
                        .path("lease_duration")
                        .intValue())
                .isEqualTo(3600);
        assertThat(read(login(""), "azure/creds/ci")
                        .path("data")
                        .path("client_secret")
                        .textValue())
                .isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            aws/creds/nobody            | 400 | Role \\"nobody\\" not found
            aws/sts/user                | 400 | through the sts path
            aws/sts/two                 | 400 | did not supply a role_arn parameter and unable to determine one
            aws/sts/two?role_arn=x      | 400 | role_arn \\"x\\" not in allowed role arns for Vault role \\"two\\"
            aws/sts/refused             | 500 | AWS says no
            aws/other                   | 404 | unsupported path
            gcp/roleset/nobody/token    | 400 | role set 'nobody' does not exist
            gcp/static-account/ci/key   | 400 | static account 'ci' does not exist
            gcp/token/nobody            | 400 | role set 'nobody' does not exist
            gcp/other                   | 404 | unsupported path
            azure/creds/nobody          | 400 | role 'nobody' does not exist
            kv/data/x                   | 404 | no handler for route \\"kv/data/x\\". route entry not found.
            """)
    void read_refused_hasVaultsStatusAndText(String path, int status, String text) {
        HttpReply reply = send("GET", path, "", login(""), "");

        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.body()).contains(text);
        assertThat(vault.leases()).isEmpty();
    }

    @Test
    void namespace_each_hasItsOwnRolesEnginesAndTokens() {
        String root = login("");
        String team = login("team");

        assertThat(send("GET", "aws/creds/user", "team/", team, "").status()).isEqualTo(404);
        assertThat(send("GET", "team-aws/creds/user", "team/", team, "").status())
                .isEqualTo(200);
        assertThat(send("GET", "team-aws/creds/user", "", root, "").status()).isEqualTo(404);
        assertThat(send("GET", "team-aws/creds/user", "team", root, "").status())
                .isEqualTo(403);
        assertThat(send("GET", "aws/creds/user", "nowhere", root, "").status()).isEqualTo(404);
        String lease = read(root, "aws/creds/user").path("lease_id").textValue();
        assertThat(send("POST", "sys/leases/lookup", "team", team, leaseBody(lease, ""))
                        .status())
                .isEqualTo(400);
        assertThat(send("POST", "sys/leases/revoke", "team", team, leaseBody(lease, ""))
                        .status())
                .isEqualTo(202);
        assertThat(vault.leases()).hasSize(2);
    }

    @Test
    void revoke_leaseAtOnce_endsTheSecret() {
        String token = login("");
        String lease = read(token, "aws/creds/user").path("lease_id").textValue();

        assertThat(send("POST", "sys/leases/revoke", "", token, leaseBody(lease, ",\"sync\":true"))
                        .status())
                .isEqualTo(204);
        assertThat(ended).hasSize(1);
        assertThat(vault.leases()).isEmpty();
        // Vault does not mind a lease that is not there.
        assertThat(send("PUT", "sys/leases/revoke", "", token, leaseBody(lease, ",\"sync\":true"))
                        .status())
                .isEqualTo(204);
        assertThat(ended).hasSize(1);
    }

    @Test
    void revoke_defaultPolicy_isForbiddenAndTheRestIsNot() {
        vault.permit("sys/leases/revoke", DENY);
        String token = login("");
        String lease = read(token, "aws/creds/user").path("lease_id").textValue();

        assertThat(send("POST", "sys/leases/revoke", "", token, leaseBody(lease, ""))
                        .status())
                .isEqualTo(403);
        assertThat(send("POST", "sys/leases/lookup", "", token, leaseBody(lease, ""))
                        .status())
                .isEqualTo(200);
        assertThat(send("POST", "sys/leases/renew", "", token, leaseBody(lease, ""))
                        .status())
                .isEqualTo(200);
        assertThat(ended).isEmpty();
        assertThat(vault.leaseRenewals()).isEqualTo(1);
    }

    @Test
    void revoke_platformRefuses_leaseLivesOnAndIsTriedAgain() {
        String token = login("");
        String lease = read(token, "aws/creds/stubborn").path("lease_id").textValue();

        HttpReply reply = send("POST", "sys/leases/revoke", "", token, leaseBody(lease, ",\"sync\":true"));

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).contains("failed to revoke entry").contains("AWS does not let go of it");
        assertThat(vault.leases()).hasSize(1);
        assertThat(send("POST", "auth/token/revoke-self", "", token, "").status())
                .isEqualTo(204);
        assertThat(vault.leases()).hasSize(1);
        assertThat(ended.size()).isGreaterThan(1);
    }

    @Test
    void token_revoked_takesItsLeasesAlong() {
        String token = login("");
        read(token, "aws/creds/user");
        read(login(""), "aws/creds/user");

        send("POST", "auth/token/revoke-self", "", token, "");

        assertThat(ended).hasSize(1);
        assertThat(vault.leases()).hasSize(1);
    }

    @Test
    void token_ended_takesItsLeasesAlong() {
        read(login(""), "aws/creds/user");
        clock.advance(Duration.ofMinutes(20));

        assertThat(vault.leases()).isEmpty();
        assertThat(ended).hasSize(1);
    }

    @Test
    void lease_timeOver_isEnded() {
        String token = login("");
        read(token, "aws/creds/short");
        clock.advance(Duration.ofMinutes(5));

        assertThat(vault.leases()).isEmpty();
        assertThat(vault.live()).hasSize(1);
    }

    @Test
    void renew_lease_movesItsEnd() {
        String token = login("");
        String lease = read(token, "aws/creds/short").path("lease_id").textValue();
        clock.advance(Duration.ofMinutes(4));
        JsonNode answer = StrictJson.parseObject(send("POST", "sys/leases/renew", "", token, leaseBody(lease, ""))
                .body());

        assertThat(answer.path("lease_id").textValue()).isEqualTo(lease);
        assertThat(answer.path("lease_duration").intValue()).isEqualTo(300);
        clock.advance(Duration.ofMinutes(4));
        assertThat(vault.leases()).hasSize(1);
        assertThat(vault.tokenRenewals()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "renew, {}, lease_id must be specified",
        "renew, {\"lease_id\":\"x\"}, lease not found",
        "lookup, {\"lease_id\":\"x\"}, invalid lease",
        "revoke, no JSON, not a JSON object"
    })
    void lease_badRequest_isRefused(String operation, String body, String text) {
        HttpReply reply = send("POST", "sys/leases/" + operation, "", login(""), body);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).contains(text);
    }

    @Test
    void renew_sessionsLease_isRefused() {
        String token = login("");
        String lease = read(token, "aws/sts/one").path("lease_id").textValue();

        assertThat(send("POST", "sys/leases/renew", "", token, leaseBody(lease, ""))
                        .body())
                .contains("lease is not renewable");
    }

    @Test
    void engine_twoInOnePlace_isRefused() {
        FakeVaultAzure second = FakeVaultAzure.builder().mount("aws").build();
        assertThatThrownBy(() -> vault.engine(second))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("engine at \"aws\"");
    }

    @Test
    void secret_printed_showsNoValue() {
        assertThat(FakeVaultSecret.of(Map.of("secret_key", "MARKER"))).hasToString("FakeVaultSecret[secret_key]");
    }

    private FakeVaultAws aws(String mount) {
        return FakeVaultAws.builder()
                .mount(mount)
                .iamUser("user", Duration.ofHours(1))
                .iamUser("short", Duration.ofMinutes(5))
                .iamUser("stubborn", Duration.ofHours(1))
                .assumedRole("one", ARN)
                .assumedRole("two", ARN, OTHER_ARN)
                .federationToken("federated")
                .federationToken("refused")
                .keys(new Keys())
                .build();
    }

    private static VaultJwtRole role() {
        return VaultJwtRole.of("ci", Set.of(AUDIENCE), Runs.SUBJECTS, Duration.ofMinutes(20));
    }

    /** An AWS that refuses one role, and does not let go of the keys of another. */
    private final class Keys implements FakeVaultAws.Keys {
        @Override
        public FakeVaultAws.Key make(FakeVaultAws.Order order) {
            if (order.role().equals("refused")) {
                throw new IllegalStateException("AWS says no");
            }
            boolean user = order.type() == FakeVaultAws.Type.IAM_USER;
            return new FakeVaultAws.Key(
                    (user ? "AKIA" : "ASIA") + "0123456789ABCDE" + (order.role().equals("stubborn") ? "X" : "F"),
                    Secret.of("secret"),
                    user ? Optional.empty() : Optional.of(Secret.of("session")));
        }

        @Override
        public void delete(FakeVaultAws.Key key) {
            ended.add(key.accessKeyId());
            if (key.accessKeyId().endsWith("X")) {
                throw new IllegalStateException("AWS does not let go of it");
            }
        }
    }

    private String login(String namespace) {
        VaultJwtExchanger.Builder builder = VaultJwtExchanger.builder(vault.address(), "ci", http);
        if (!namespace.isEmpty()) {
            builder.namespace(namespace);
        }
        return builder.build()
                .exchange(issuer.issue(Runs.plan(), AUDIENCE))
                .token()
                .reveal();
    }

    private JsonNode read(String token, String path) {
        HttpReply reply = send("GET", path, "", token, "");
        assertThat(reply.status()).isEqualTo(200);
        return StrictJson.parseObject(reply.body());
    }

    private static String leaseBody(String lease, String more) {
        return "{\"lease_id\":\"" + lease + "\"" + more + "}";
    }

    private HttpReply send(String method, String path, String namespace, String token, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(vault.address() + "/v1/" + path))
                .header("X-Vault-Token", token)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!namespace.isEmpty()) {
            request.header("X-Vault-Namespace", namespace);
        }
        try {
            return http.send(request);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
