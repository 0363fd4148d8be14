package io.dynamiccredentials.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.token.RelyingPartyRules;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VaultProviderTest {
    private static final String GOOD = "{\"auth\":{\"client_token\":\"hvs.t0ken\",\"accessor\":\"acc-1\","
            + "\"lease_duration\":1200,\"renewable\":true,\"token_type\":\"service\"}}";

    @TempDir
    Path directory;

    private final ScriptedServer server = ScriptedServer.http(
            request -> request.path().endsWith("/login") ? Answer.json(200, GOOD) : Answer.json(204, ""));
    private final Map<String, String> variables = new HashMap<>(Map.of(
            "TFC_VAULT_PROVIDER_AUTH", "true",
            "TFC_VAULT_ADDR", server.address().toString(),
            "TFC_VAULT_PLAN_ROLE", "reader",
            "TFC_VAULT_RUN_ROLE", "writer"));

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void open_run_receivesAddressTokenAndNamespace() {
        variables.put("TFC_VAULT_NAMESPACE", "team");
        try (RunLease lease = open(Phase.PLAN)) {
            assertThat(lease.environment().variables())
                    .containsEntry("VAULT_ADDR", Secret.of(server.address().toString()))
                    .containsEntry("VAULT_TOKEN", Secret.of("hvs.t0ken"))
                    .containsEntry("VAULT_NAMESPACE", Secret.of("team"));
            assertThat(lease.environment().files())
                    .singleElement()
                    .satisfies(
                            file -> assertThat(file).hasFileName("vault-token").hasContent("hvs.t0ken"));
        }
        assertThat(server.requests())
                .extracting(ScriptedServer.Request::path)
                .containsExactly("/v1/auth/jwt/login", "/v1/auth/token/revoke-self");
    }

    @Test
    void open_everyOptionalVariable_counts() {
        variables.put("TFC_VAULT_AUTH_PATH", "ci/jwt");
        variables.put("TFC_DEFAULT_VAULT_NAMESPACE", "team/");
        variables.put("TFC_VAULT_WORKLOAD_IDENTITY_AUDIENCE", "my-vault");
        open(Phase.PLAN).close();

        ScriptedServer.Request login = server.requests().get(0);
        assertThat(login.path()).isEqualTo("/v1/auth/ci/jwt/login");
        assertThat(login.headers()).containsEntry("X-Vault-Namespace", "team");
        String jwt = login.body().split("\"jwt\":\"", -1)[1].split("\"", -1)[0];
        assertThat(Jws.claims(jwt)).contains("\"aud\":\"my-vault\"");
    }

    @Test
    void open_noNamespace_setsNone() {
        try (RunLease lease = open(Phase.PLAN)) {
            assertThat(lease.environment().variables()).doesNotContainKey("VAULT_NAMESPACE");
        }
    }

    @ParameterizedTest
    @CsvSource({"PLAN, reader", "APPLY, writer"})
    void open_phase_selectsTheRole(Phase phase, String role) {
        open(phase).close();

        assertThat(server.requests().get(0).body()).contains("\"role\":\"" + role + "\"");
    }

    @ParameterizedTest
    @CsvSource({
        "TFC_VAULT_ADDR, https://evil.example, that this host allows",
        "TFC_VAULT_ADDR, https://evil.example/, that this host allows",
        "TFC_VAULT_PLAN_ROLE, ../../sys, ../../sys",
        "TFC_VAULT_NAMESPACE, a//b, a//b",
        "TFC_VAULT_AUTH_PATH, a b, TFC_VAULT_AUTH_PATH must be",
        "TFC_VAULT_WORKLOAD_IDENTITY_AUDIENCE, a b, TFC_VAULT_WORKLOAD_IDENTITY_AUDIENCE must be",
        "TFC_VAULT_ENCODED_CACERT, eA==, TFC_VAULT_ENCODED_CACERT"
    })
    void open_badSetting_isRefusedBeforeAnyRequest(String variable, String value, String text) {
        variables.put(variable, value);

        assertThatThrownBy(() -> open(Phase.PLAN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void builder_badAddress_isRefused() {
        assertThatThrownBy(() -> VaultProvider.builder(URI.create("http://vault.example")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void role_thatLetsEverybodyIn_isRefused() {
        Duration ttl = Duration.ofMinutes(20);
        for (String subject : new String[] {"", "*", "**", "a?"}) {
            assertThatThrownBy(() -> new VaultJwtRole("r", Set.of("a"), subject, ttl))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new VaultJwtRole("r", Set.of(), "s", ttl))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new VaultJwtRole("r", Set.of("a"), "s", Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private RunLease open(Phase phase) {
        return DynamicCredentials.builder(JwtTokenIssuer.builder(
                                IssuerUrl.of("https://ci.example"), SigningKeys.generate(SigningAlgorithm.ES256))
                        .relyingParties(RelyingPartyRules.vault())
                        .build())
                .provider(VaultProvider.builder(server.address()).build())
                .directory(directory)
                .build()
                .open(
                        TerraformRun.builder("acme", "shop", "prod", "run-1")
                                .phase(phase)
                                .build(),
                        variables);
    }
}
