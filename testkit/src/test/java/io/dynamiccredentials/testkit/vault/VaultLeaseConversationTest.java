package io.dynamiccredentials.testkit.vault;

import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.DENY;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.SUDO;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.testkit.Conversation;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import io.github.jopenlibs.vault.Vault;
import io.github.jopenlibs.vault.VaultException;
import io.github.jopenlibs.vault.response.LogicalResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;

/** Leases and the engines that they are of, line by line. */
class VaultLeaseConversationTest extends VaultConversation {
    private static final String ARN = "arn:aws:iam::123456789012:role/deploy";

    private final List<String> ended = new ArrayList<>();
    private final FakeVaultKv kv = FakeVaultKv.at("kv", clock);

    @BeforeEach
    void mount() {
        vault.engine(FakeVaultAws.builder()
                        .iamUser("user", Duration.ofHours(1))
                        .assumedRole("role", ARN)
                        .federationToken("federated")
                        .sessionToken("session")
                        .build())
                .engine(FakeVaultGcp.builder(clock)
                        .roleset("ci")
                        .staticAccount("sa")
                        .impersonatedAccount("imp")
                        .build())
                .engine(FakeVaultAzure.builder().role("ci", Duration.ofHours(1)).build())
                .engine(kv)
                .engine(new Database());
    }

    @Conversation(value = "D6 sys/leases/renew: increment", sdk = true)
    void renew_increment_counts() throws Exception {
        Vault driver = driver(login());
        String lease = driver.logical().read("database/creds/ci").getLeaseId();

        assertThat(driver.sys().leases().renew(lease, 120).getRestResponse().getStatus())
                .isEqualTo(200);

        assertThat(ends(lease)).isEqualTo(Runs.NOW.plusSeconds(120).toString());
        JsonNode answer = json(post("sys/leases/renew", login(), Map.of("lease_id", lease, "increment", "2m30s")));
        assertThat(answer.path("lease_id").textValue()).isEqualTo(lease);
        assertThat(answer.path("renewable").booleanValue()).isTrue();
        assertThat(answer.path("lease_duration").intValue()).isEqualTo(150);
    }

    @Conversation("D6 sys/leases/renew: capped by the engine's maximum")
    void renew_beyondTheMaximum_isCappedAndWarns() throws Exception {
        String token = login();
        String lease = lease(get("database/creds/ci", token));
        clock.advance(Duration.ofMinutes(4));

        JsonNode answer = json(post("sys/leases/renew", token, Map.of("lease_id", lease, "increment", 3600)));

        assertThat(answer.path("lease_duration").intValue()).isEqualTo(360);
        assertThat(answer.path("warnings").toString()).contains("exceeded the effective max_ttl");
    }

    @Conversation(value = "D6 sys/leases/renew: refusals", sdk = true)
    void renew_notToBe_isRefused() throws Exception {
        String token = login();
        Vault driver = driver(token);
        String session = driver.logical().read("aws/sts/role").getLeaseId();

        assertStatus(() -> driver.sys().leases().renew("nothing", 1), 400);
        assertStatus(() -> driver.sys().leases().renew(session, 1), 400);
        assertAnswer(post("sys/leases/renew", token, Map.of("lease_id", "nothing")), 400, "lease not found");
        assertAnswer(post("sys/leases/renew", token, Map.of("lease_id", session)), 400, "lease is not renewable");
        assertAnswer(post("sys/leases/renew", token, Map.of()), 400, "lease_id must be specified");
    }

    @Conversation("D6 sys/leases/renew: lease expired")
    void renew_leaseThatItsEngineCouldNotEnd_isRefused() throws Exception {
        String token = login();
        String lease = lease(get("database/creds/stubborn", token));
        clock.advance(Duration.ofMinutes(5));

        assertAnswer(post("sys/leases/renew", token, Map.of("lease_id", lease)), 400, "lease expired");
        assertThat(ended).contains("stubborn");
    }

    @Conversation("D6 sys/leases/revoke: sync 204")
    void revoke_atOnce_isDone() throws Exception {
        String token = login();
        String lease = lease(get("database/creds/ci", token));

        assertThat(post("sys/leases/revoke", token, Map.of("lease_id", lease, "sync", true))
                        .status())
                .isEqualTo(204);
        assertThat(ended).containsExactly("ci");
        assertAnswer(post("sys/leases/revoke", token, Map.of("sync", true)), 400, "lease_id must be specified");
    }

    @Conversation(value = "D9 trap: the driver takes the 202 of an ordered revocation for a failure", sdk = true)
    void revoke_byTheDriver_isDoneAndFails() throws Exception {
        Vault driver = driver(login());
        String lease = driver.logical().read("database/creds/ci").getLeaseId();

        VaultException refusal = catchThrowableOfType(
                VaultException.class, () -> driver.sys().leases().revoke(lease));

        assertThat(refusal.getHttpStatusCode()).isEqualTo(202);
        assertThat(ended).containsExactly("ci");
        assertThat(vault.leases()).isEmpty();
    }

    @Conversation("D6 sys/leases/revoke-prefix and revoke-force: for operators")
    void revokePrefix_needsSudoAndEndsAllBelow() throws Exception {
        String token = login();
        get("database/creds/ci", token);
        get("database/creds/stubborn", token);
        get("aws/creds/user", token);

        String path = "sys/leases/revoke-prefix/database/creds";
        assertAnswer(send("PUT", path, token, ""), 403, "1 error occurred:\n\t* permission denied\n\n");
        vault.permit("sys/leases/revoke-prefix/*", UPDATE, SUDO).permit("sys/leases/revoke-force/*", UPDATE, SUDO);
        assertThat(send("PUT", path, token, "").status()).isEqualTo(202);
        assertThat(vault.leases()).extracting(HandedOut::role).hasSize(2);
        HttpReply refused = send("PUT", path, token, "{\"sync\":true}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(error(refused.body())).contains("failed to revoke entry");
        assertThat(send("PUT", "sys/leases/revoke-force/database", token, "").status())
                .isEqualTo(204);
        assertThat(vault.leases())
                .singleElement()
                .satisfies(left -> assertThat(left.role()).startsWith("aws/creds/user/"));
    }

    @Conversation("D6 sys/leases/lookup: data, and invalid lease")
    void lookup_tellsAll() throws Exception {
        String token = login();
        String lease = lease(get("aws/creds/user", token));
        clock.advance(Duration.ofMinutes(1));

        JsonNode data = json(post("sys/leases/lookup", token, Map.of("lease_id", lease)))
                .path("data");

        assertThat(data.path("id").textValue()).isEqualTo(lease);
        assertThat(data.path("issue_time").textValue()).isEqualTo(Runs.NOW.toString());
        assertThat(data.path("expire_time").textValue())
                .isEqualTo(Runs.NOW.plusSeconds(3600).toString());
        assertThat(data.path("last_renewal").isNull()).isTrue();
        assertThat(data.path("renewable").booleanValue()).isTrue();
        assertThat(data.path("ttl").intValue()).isEqualTo(3540);
        assertAnswer(post("sys/leases/lookup", token, Map.of("lease_id", "nothing")), 400, "invalid lease");
    }

    @Conversation("D6 leases of a batch token never outlive it")
    void lease_ofABatchToken_endsWithIt() throws Exception {
        vault.role(role().tokens(tokens().batch().build()).build());
        String token = login();

        JsonNode answer = json(get("aws/creds/user", token));

        assertThat(answer.path("lease_duration").intValue()).isEqualTo(1200);
        clock.advance(TTL);
        assertThat(vault.leases()).isEmpty();
    }

    @Conversation(value = "D6 a lease dies with a child's parent", sdk = true)
    void lease_ofAChild_diesWithTheParent() throws Exception {
        String parent = login();
        String child = json(post("auth/token/create", parent, Map.of()))
                .path("auth")
                .path("client_token")
                .textValue();
        driver(child).logical().read("database/creds/ci");

        driver(parent).auth().revokeSelf();

        assertThat(ended).containsExactly("ci");
        assertThat(vault.leases()).isEmpty();
    }

    @Conversation(value = "D7 aws/creds: iam_user", sdk = true)
    void aws_user_hasALeaseThatCanBeRenewed() throws Exception {
        LogicalResponse answer = driver(login()).logical().read("aws/creds/user");

        assertThat(answer.getRenewable()).isTrue();
        assertThat(answer.getLeaseDuration()).isEqualTo(3600);
        assertThat(answer.getLeaseId()).startsWith("aws/creds/user/");
        assertThat(answer.getData()).containsKeys("access_key", "secret_key");
        assertThat(answer.getDataObject().get("security_token").isNull()).isTrue();
    }

    @Conversation(value = "D7 aws/sts: assumed_role, federation_token and session_token", sdk = true)
    void aws_sessions_canNotBeRenewed() throws Exception {
        for (String path : List.of("aws/sts/role", "aws/creds/role", "aws/sts/federated", "aws/sts/session")) {
            LogicalResponse answer = driver(login()).logical().read(path);
            assertThat(answer.getRenewable()).as(path).isFalse();
            assertThat(answer.getLeaseDuration()).as(path).isEqualTo(3600);
            assertThat(answer.getData().get("security_token")).as(path).isNotEmpty();
            assertThat(answer.getData().containsKey("arn")).as(path).isEqualTo(path.endsWith("/role"));
        }
    }

    @Conversation(value = "D7 aws: refusals", sdk = true)
    void aws_refusals() throws Exception {
        Vault driver = driver(login());

        assertNotRead(driver.logical().read("aws/creds/nobody"), 400, "Role \"nobody\" not found");
        assertAnswer(
                get("aws/sts/role?role_arn=arn:x", login()),
                400,
                "role_arn \"arn:x\" not in allowed role arns for Vault role \"role\"");
    }

    @Conversation("D7 aws/sts: POST with parameters in the body")
    void aws_post_isARead() throws Exception {
        assertThat(json(post("aws/sts/role", login(), Map.of("role_arn", ARN)))
                        .path("data")
                        .path("arn")
                        .textValue())
                .contains(":assumed-role/deploy/");
    }

    @Conversation(value = "D7 gcp token: of each kind, and the old path", sdk = true)
    void gcp_token_hasNoLease() throws Exception {
        for (String path : List.of(
                "gcp/roleset/ci/token",
                "gcp/static-account/sa/token",
                "gcp/impersonated-account/imp/token",
                "gcp/token/ci")) {
            LogicalResponse answer = driver(login()).logical().read(path);
            assertThat(answer.getLeaseId()).as(path).isEmpty();
            assertThat(answer.getDataObject().get("token_ttl").asInt()).as(path).isEqualTo(3600);
            assertThat(answer.getDataObject().get("expires_at_seconds").asLong())
                    .as(path)
                    .isEqualTo(Runs.NOW.plusSeconds(3600).getEpochSecond());
        }
    }

    @Conversation(value = "D7 gcp key", sdk = true)
    void gcp_key_hasALeaseAndAnImpersonatedAccountHasNone() throws Exception {
        Vault driver = driver(login());

        LogicalResponse answer = driver.logical().read("gcp/static-account/sa/key");

        assertThat(answer.getData())
                .containsEntry("key_algorithm", "KEY_ALG_RSA_2048")
                .containsEntry("key_type", "TYPE_GOOGLE_CREDENTIALS_FILE")
                .containsKey("private_key_data");
        assertThat(answer.getLeaseId()).startsWith("gcp/static-account/sa/key/");
        assertNotRead(
                driver.logical().read("gcp/impersonated-account/imp/key"),
                404,
                "1 error occurred:\n\t* unsupported path\n\n");
    }

    @Conversation(value = "D7 azure/creds", sdk = true)
    void azure_creds() throws Exception {
        Vault driver = driver(login());

        LogicalResponse answer = driver.logical().read("azure/creds/ci");

        assertThat(answer.getData()).containsOnlyKeys("client_id", "client_secret");
        assertThat(answer.getRenewable()).isTrue();
        assertNotRead(driver.logical().read("azure/creds/nobody"), 400, "role 'nobody' does not exist");
    }

    @Conversation("D7 kv: data and metadata")
    void kv_read_hasDataAndMetadata() throws Exception {
        kv.put("app/db", Map.of("password", "first-secret")).put("app/db", Map.of("password", "second-secret"));
        String token = login();

        JsonNode answer = json(get("kv/data/app/db", token));

        assertThat(answer.path("lease_id").textValue()).isEmpty();
        assertThat(answer.path("data").path("data").path("password").textValue())
                .isEqualTo("second-secret");
        JsonNode metadata = answer.path("data").path("metadata");
        assertThat(metadata.path("version").intValue()).isEqualTo(2);
        assertThat(metadata.path("created_time").textValue()).isEqualTo(Runs.NOW.toString());
        assertThat(metadata.path("deletion_time").textValue()).isEmpty();
        assertThat(metadata.path("destroyed").booleanValue()).isFalse();
        assertThat(metadata.path("custom_metadata").isNull()).isTrue();
        assertThat(json(get("kv/data/app/db?version=1", token))
                        .path("data")
                        .path("data")
                        .path("password")
                        .textValue())
                .isEqualTo("first-secret");
        assertThat(vault.secrets()).contains(Secret.of("first-secret"), Secret.of("second-secret"));
    }

    @Conversation(value = "D7 kv: a deleted or destroyed version is a 404 with its metadata", sdk = true)
    void kv_deleted_isGoneWithData() throws Exception {
        kv.put("a", Map.of("b", "secret-1"))
                .put("a", Map.of("b", "secret-2"))
                .destroy("a", 1)
                .delete("a");
        String token = login();

        for (String path : List.of("kv/data/a", "kv/data/a?version=1")) {
            HttpReply reply = get(path, token);
            assertThat(reply.status()).isEqualTo(404);
            JsonNode data = StrictJson.parseObject(reply.body()).path("data");
            assertThat(data.path("data").isNull()).isTrue();
            assertThat(data.path("metadata").path("destroyed").booleanValue()).isEqualTo(path.endsWith("=1"));
            assertThat(reply.body()).doesNotContain("secret-");
        }
        assertThat(driver(token).logical().read("kv/data/a").getRestResponse().getStatus())
                .isEqualTo(404);
    }

    @Conversation(value = "D4 404: read of nothing", sdk = true)
    void kv_absent_isNothing() throws Exception {
        String token = login();

        HttpReply reply = get("kv/data/absent", token);

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.body()).isEqualTo("{\"errors\":[]}");
        assertNotRead(driver(token).logical().read("kv/data/absent"), 404, "");
    }

    @Conversation("D6 sys/leases/revoke: default does not allow it")
    void revoke_defaultPolicy_isDenied() throws Exception {
        vault.permit("sys/leases/revoke", DENY);

        assertAnswer(
                post("sys/leases/revoke", login(), Map.of("lease_id", "x")),
                403,
                "1 error occurred:\n\t* permission denied\n\n");
    }

    private String ends(String lease) throws Exception {
        return json(post("sys/leases/lookup", login(), Map.of("lease_id", lease)))
                .path("data")
                .path("expire_time")
                .textValue();
    }

    private static String lease(HttpReply reply) {
        return json(reply).path("lease_id").textValue();
    }

    /** An engine as one of databases: users that end, after ten minutes at most. */
    private final class Database implements FakeVaultEngine {
        @Override
        public String mount() {
            return "database";
        }

        @Override
        public Optional<FakeVaultSecret> read(String path, Map<String, String> parameters) {
            String role = path.substring("creds/".length());
            Map<String, String> data = new HashMap<>(Map.of("username", role, "password", "fake-" + role));
            return Optional.of(FakeVaultSecret.of(data)
                    .leased(Duration.ofMinutes(5), () -> end(role))
                    .atMost(Duration.ofMinutes(10)));
        }

        private void end(String role) {
            ended.add(role);
            if (role.equals("stubborn")) {
                throw new IllegalStateException("the database does not answer");
            }
        }
    }
}
