package io.dynamiccredentials.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.HandleRevoker;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.exchange.RevocationHandle;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VaultSweeperTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant END = NOW.plusSeconds(900);
    private static final String LOGIN = "/v1/auth/jwt/login";
    private static final String LEASE = "/v1/sys/leases/revoke";
    private static final String ACCESSOR = "/v1/auth/token/revoke-accessor";
    private static final String SELF = "/v1/auth/token/revoke-self";
    private static final String AUTH = "{\"auth\":{\"client_token\":\"hvs.MARKERsweeper\",\"accessor\":\"own\","
            + "\"lease_duration\":60,\"renewable\":false,\"token_type\":\"service\"}}";
    private static final IdentityToken TOKEN = new IdentityToken(
            Secret.of("eyJ.MARKER.jwt"), "https://ci.example", "sweeper", "vault.workload.identity", "jti-1", NOW, END);

    private final Map<String, Answer> answers = new HashMap<>(Map.of(
            LOGIN, Answer.json(200, AUTH),
            LEASE, Answer.json(204, ""),
            ACCESSOR, Answer.json(204, ""),
            SELF, Answer.json(204, "")));
    private final ScriptedServer server =
            ScriptedServer.http(request -> answers.getOrDefault(request.path(), Answer.json(404, "{\"errors\":[]}")));
    private final List<String> audiences = new ArrayList<>();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void handle_token_namesItAndHoldsNoSecret() {
        Optional<RevocationHandle> handle = exchanger().handle(token("acc-1", false));

        assertThat(handle)
                .contains(new RevocationHandle(
                        "Vault",
                        Map.of("address", server.address().toString(), "namespace", "team/a", "accessor", "acc-1")));
        assertThat(handle.toString()).doesNotContain("MARKER");
    }

    @ParameterizedTest
    @CsvSource({"acc-1, true", "[redacted], false", "'', false"})
    void handle_tokenThatNobodyCanRevoke_isAbsent(String accessor, boolean batch) {
        assertThat(exchanger().handle(token(accessor, batch))).isEmpty();
    }

    @Test
    void handle_leasedSecret_namesLeaseAndLogin() {
        VaultLease lease = new VaultLease("aws/creds/deploy/l1", true, END);

        assertThat(backed(VaultBackedCredentials.leased(keys(), lease, token("acc-1", false))))
                .containsEntry("lease", "aws/creds/deploy/l1")
                .containsEntry("accessor", "acc-1")
                .doesNotContainKey("outlives");
        assertThat(backed(VaultBackedCredentials.leased(keys(), lease, token("", true))))
                .containsEntry("lease", "aws/creds/deploy/l1")
                .doesNotContainKey("accessor");
    }

    @Test
    void handle_secretThatNobodyCanEnd_namesTheLoginAndSaysSo() {
        assertThat(backed(VaultBackedCredentials.unleased(keys(), token("acc-1", false), END)))
                .containsEntry("accessor", "acc-1")
                .containsEntry("outlives", "yes")
                .doesNotContainKey("lease");
        assertThat(exchangerOfKeys().handle(VaultBackedCredentials.unleased(keys(), token("", true), END)))
                .isEmpty();
    }

    @Test
    void revoke_token_logsInRevokesItAndThenItsOwn() {
        assertThat(revoke(handle("namespace", "team/a", "accessor", "acc-1"))).isEqualTo(new Revocation.Revoked());

        assertThat(paths()).containsExactly(LOGIN, ACCESSOR, SELF);
        assertThat(audiences).containsExactly("vault.workload.identity");
        assertThat(server.requests().get(0).body()).contains("\"role\":\"sweeper\"");
        assertThat(server.requests().get(1).body()).isEqualTo("{\"accessor\":\"acc-1\"}");
        assertThat(server.requests())
                .allSatisfy(request -> assertThat(request.headers()).containsEntry("X-Vault-Namespace", "team/a"));
        assertThat(server.requests().subList(1, 3))
                .allSatisfy(
                        request -> assertThat(request.headers()).containsEntry("X-Vault-Token", "hvs.MARKERsweeper"));
    }

    @Test
    void revoke_lease_goesBeforeItsToken() {
        assertThat(revoke(handle("accessor", "acc-1", "lease", "aws/creds/deploy/l1")))
                .isEqualTo(new Revocation.Revoked());

        assertThat(paths()).containsExactly(LOGIN, LEASE, ACCESSOR, SELF);
        assertThat(server.requests().get(1).body()).contains("\"lease_id\":\"aws/creds/deploy/l1\"", "\"sync\":true");
    }

    @ParameterizedTest
    @CsvSource({"400, invalid accessor", "403, invalid accessor", "404, 1 error occurred: * invalid accessor"})
    void revoke_accessorIsUnknown_countsAsRevoked(int status, String text) {
        answers.put(ACCESSOR, error(status, text));

        assertThat(revoke(handle("accessor", "acc-1"))).isEqualTo(new Revocation.Revoked());
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404})
    void revoke_leaseIsUnknown_countsAsRevoked(int status) {
        answers.put(LEASE, error(status, "invalid lease"));

        assertThat(revoke(handle("lease", "aws/creds/deploy/l1"))).isEqualTo(new Revocation.Revoked());
    }

    @ParameterizedTest
    @CsvSource({
        "403, permission denied, REFUSED",
        "400, missing accessor, REFUSED",
        "404, no handler for route, MISCONFIGURED",
        "500, invalid accessor, UNREACHABLE",
        "503, Vault is sealed, UNREACHABLE"
    })
    void revoke_tokenIsNotRevoked_failsAndItsOwnTokenIsRevoked(int status, String text, Kind kind) {
        answers.put(ACCESSOR, error(status, text));

        assertThatThrownBy(() -> revoke(handle("accessor", "acc-1")))
                .isInstanceOfSatisfying(
                        CredentialExchangeException.class,
                        e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining("the token of accessor \"acc-1\" by role \"sweeper\"")
                .hasMessageNotContaining("MARKER");
        assertThat(paths()).containsExactly(LOGIN, ACCESSOR, SELF);
    }

    @Test
    void revoke_page404_isNotVaultsWord() {
        answers.put(ACCESSOR, Answer.text(404, "<html>invalid accessor</html>"));

        assertThatThrownBy(() -> revoke(handle("accessor", "acc-1"))).isInstanceOf(CredentialExchangeException.class);
    }

    @Test
    void revoke_sealedAtLogin_fails() {
        answers.put(LOGIN, error(503, "Vault is sealed"));

        assertThatThrownBy(() -> revoke(handle("accessor", "acc-1")))
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContaining("Vault is sealed");
    }

    @Test
    void revoke_leaseFails_tokenIsRevokedAllTheSame() {
        answers.put(LEASE, error(500, "AWS says no"));

        assertThatThrownBy(() -> revoke(handle("accessor", "acc-1", "lease", "l1")))
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContaining("AWS says no");
        assertThat(paths()).containsExactly(LOGIN, LEASE, ACCESSOR, SELF);
    }

    @Test
    void revoke_leaseIsForbidden_isOrderedByTheTokensEnd() {
        answers.put(LEASE, error(403, "permission denied"));

        assertThat(revoke(handle("accessor", "acc-1", "lease", "l1"))).isEqualTo(new Revocation.Ordered(END));
        assertThat(paths()).containsExactly(LOGIN, LEASE, ACCESSOR, SELF);
    }

    @Test
    void revoke_leaseOfABatchTokenIsForbidden_fails() {
        answers.put(LEASE, error(403, "permission denied"));

        assertThatThrownBy(() -> revoke(handle("lease", "l1")))
                .isInstanceOfSatisfying(
                        CredentialExchangeException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED))
                .hasMessageContaining("the sweeper's role may not revoke leases");
    }

    @Test
    void revoke_leaseIsAccepted_isOrdered() {
        answers.put(LEASE, Answer.json(202, ""));

        assertThat(revoke(handle("accessor", "acc-1", "lease", "l1"))).isEqualTo(new Revocation.Ordered(END));
    }

    @Test
    void revoke_secretThatOutlivesItsToken_livesUntilItsEnd() {
        assertThat(revoke(handle("accessor", "acc-1", "outlives", "yes"))).isEqualTo(new Revocation.LivesUntil(END));
        assertThat(paths()).containsExactly(LOGIN, ACCESSOR, SELF);
    }

    @Test
    void revoke_ownTokenLivesOn_changesNothing() {
        answers.put(SELF, error(500, "internal error"));

        assertThat(revoke(handle("accessor", "acc-1"))).isEqualTo(new Revocation.Revoked());
    }

    @Test
    void revoke_addressIsNotAllowed_sendsNothing() {
        Map<String, String> members = new TreeMap<>(Map.of("address", "https://evil.example", "accessor", "acc-1"));

        assertThatThrownBy(() -> revoke(new RevocationHandle("Vault", members)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("names \"https://evil.example\"")
                .hasMessageContaining(server.address().toString());
        assertThat(audiences).isEmpty();
        assertThat(server.requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "namespace, ../sys, namespace",
        "accessor, 'a b', accessor",
        "accessor, '', accessor",
        "lease, 'a\nb', lease",
        "outlives, no, outlives",
        "token, hvs.x, other members"
    })
    void revoke_handleIsMalformed_sendsNothing(String name, String value, String told) {
        Map<String, String> members =
                new TreeMap<>(Map.of("address", server.address().toString(), "accessor", "acc-1"));
        members.put(name, value);

        assertThatThrownBy(() -> revoke(new RevocationHandle("Vault", members)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("can't be used")
                .hasMessageContaining(told);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void revoke_handleNamesNothing_sendsNothing() {
        assertThatThrownBy(() -> revoke(handle()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("neither an accessor nor a lease");
        assertThatThrownBy(() -> revoke(new RevocationHandle("Vault", Map.of("accessor", "a"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no address");
        assertThatThrownBy(() -> revoke(new RevocationHandle("Other", Map.of("accessor", "a"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another platform");
    }

    @Test
    void revoker_otherPathAndAudience_areUsed() {
        answers.put("/v1/auth/ci/jwt/login", Answer.json(200, AUTH));
        HandleRevoker revoker = builder()
                .sweeperRole("sweeper")
                .sweeperAuthPath("ci/jwt/")
                .sweeperAudience("my-vault")
                .build()
                .revoker()
                .orElseThrow();

        revoker.revoke(handle("accessor", "acc-1"), END, this::issue);

        assertThat(paths()).startsWith("/v1/auth/ci/jwt/login");
        assertThat(audiences).containsExactly("my-vault");
        assertThat(revoker.platform()).isEqualTo("Vault");
    }

    @Test
    void revoker_noRole_isAbsent() {
        assertThat(builder().build().revoker()).isEmpty();
    }

    @Test
    void build_sweeperWithoutARole_isRefused() {
        assertThatThrownBy(() -> builder().sweeperAuthPath("ci").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sweeperRole, which is not set");
        assertThatThrownBy(() -> builder().sweeperAudience("a").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sweeperRole, which is not set");
    }

    @Test
    void builder_malformedSetting_isRefused() {
        assertThatThrownBy(() -> builder().sweeperRole("../x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sweeper's Vault role");
        assertThatThrownBy(() -> builder().sweeperAuthPath("a//b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sweeper's Vault auth path");
        assertThatThrownBy(() -> builder().sweeperAudience("a b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sweeper's Vault audience");
    }

    private Revocation revoke(RevocationHandle handle) {
        return builder().sweeperRole("sweeper").build().revoker().orElseThrow().revoke(handle, END, this::issue);
    }

    private IdentityToken issue(String audience) {
        audiences.add(audience);
        return TOKEN;
    }

    private VaultProvider.Builder builder() {
        return VaultProvider.builder(server.address()).clock(Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private RevocationHandle handle(String... namesAndValues) {
        Map<String, String> members =
                new TreeMap<>(Map.of("address", server.address().toString()));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            members.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new RevocationHandle("Vault", members);
    }

    private Map<String, String> backed(VaultBackedCredentials<AwsKeys> credentials) {
        return exchangerOfKeys().handle(credentials).orElseThrow().members();
    }

    private VaultBackedExchanger<AwsKeys> exchangerOfKeys() {
        VaultJwtExchanger login = exchanger();
        AwsEngine engine = new AwsEngine("aws", "deploy", AwsEngine.Type.IAM_USER, Optional.empty());
        return new VaultBackedExchanger<>(
                "Vault-backed AWS",
                new VaultConnection(login, login.client(), Clock.fixed(NOW, ZoneOffset.UTC)),
                engine);
    }

    private VaultJwtExchanger exchanger() {
        URI address = server.address();
        return VaultJwtExchanger.builder(
                        address, "ci", BoundedHttpClient.builder().build())
                .namespace("team/a/")
                .build();
    }

    private static VaultTokenCredentials token(String accessor, boolean batch) {
        return new VaultTokenCredentials(
                Secret.of("hvs.MARKER"), accessor, !batch, batch, Optional.empty(), NOW.plusSeconds(1200));
    }

    private static AwsKeys keys() {
        return new AwsKeys("AKIA0123456789ABCDEF", Secret.of("MARKER"), Optional.empty(), Optional.empty());
    }

    private static Answer error(int status, String text) {
        return Answer.json(status, "{\"errors\":[\"" + text + "\"]}");
    }

    private List<String> paths() {
        return server.requests().stream().map(ScriptedServer.Request::path).toList();
    }
}
