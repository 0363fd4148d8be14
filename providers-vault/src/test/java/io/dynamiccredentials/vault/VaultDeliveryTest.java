package io.dynamiccredentials.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.exchange.HandleRevoker;
import io.dynamiccredentials.exchange.RevocationHandle;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.fixtures.ScriptedServer.Request;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.token.RelyingPartyRules;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.workload.TerraformRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a run comes by its token, as the host chooses it; and what else the host can say in settings. */
class VaultDeliveryTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant END = NOW.plusSeconds(900);
    private static final IdentityToken TOKEN = new IdentityToken(
            Secret.of("eyJ.x.y"), "https://ci.example", "subject", "vault.workload.identity", "jti-1", NOW, END);

    @TempDir
    Path directory;

    private final ScriptedServer server = ScriptedServer.http(
            request -> request.path().endsWith("/login") ? Answer.json(200, login()) : Answer.json(204, ""));
    private final Map<String, String> variables = new HashMap<>(Map.of(
            "TFC_VAULT_PROVIDER_AUTH", "true",
            "TFC_VAULT_ADDR", server.address().toString(),
            "TFC_VAULT_RUN_ROLE", "ci"));

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void files_run_findsTheTokenAtHomeAndInNoVariable() throws IOException {
        try (RunLease lease = open(provider(Delivery.FILES))) {
            Map<String, Secret> given = lease.environment().variables();
            Path token = home(lease).resolve(".vault-token");

            assertThat(token).hasContent("hvs.t0ken");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token)))
                    .isEqualTo("rw-------");
            assertThat(given)
                    .containsEntry("VAULT_ADDR", Secret.of(server.address().toString()))
                    .doesNotContainKey("VAULT_TOKEN");
            assertThat(lease.environment().terraformInputsFile().reveal()).contains("/vault-token\"");
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void files_child_readsTheTokenAsToolsDo() throws Exception {
        Path work = Files.createDirectory(directory.resolve("work"));
        try (RunLease lease = open(provider(Delivery.FILES))) {
            Process cat =
                    lease.start(new ProcessBuilder("/bin/sh", "-c", "cat ~/.vault-token").directory(work.toFile()));

            assertThat(cat.getInputStream()).hasContent("hvs.t0ken");
        }
    }

    @Test
    void files_tokenIsReplaced_homeHasTheNewOne() {
        try (RunDirectory run = RunDirectory.create(directory)) {
            ConfigurationEnvironment environment =
                    RunEnvironment.builder(run).onlyConfiguration(VaultProvider.FAMILY.input());
            renderer(Delivery.FILES).render(token("hvs.old"), TOKEN, environment);

            renderer(Delivery.FILES).render(token("hvs.new"), TOKEN, environment.renewal());

            assertThat(run.home().resolve(".vault-token")).hasContent("hvs.new");
        }
    }

    @Test
    void files_taggedConfiguration_hasItsFileAndNothingAtHome() {
        variables.put("TFC_VAULT_PROVIDER_AUTH_OTHER", "true");
        variables.put("TFC_VAULT_ADDR_OTHER", server.address().toString());
        variables.put("TFC_VAULT_RUN_ROLE_OTHER", "ci");
        try (RunLease lease = open(provider(Delivery.FILES))) {
            assertThat(home(lease).resolve(".vault-token")).doesNotExist();
            assertThat(lease.environment().variables()).doesNotContainKeys("VAULT_TOKEN", "VAULT_ADDR");
            assertThat(lease.environment().files())
                    .extracting(file -> String.valueOf(file.getFileName()))
                    .containsExactlyInAnyOrder("vault-token", "vault-token_OTHER");
        }
    }

    @Test
    void variables_isTheDefault_givesTheVariableAndNothingAtHome() {
        for (VaultProvider provider :
                List.of(VaultProvider.builder(server.address()).build(), provider(Delivery.VARIABLES))) {
            try (RunLease lease = open(provider)) {
                assertThat(lease.environment().variables()).containsEntry("VAULT_TOKEN", Secret.of("hvs.t0ken"));
                assertThat(Files.exists(home(lease).resolve(".vault-token"), LinkOption.NOFOLLOW_LINKS))
                        .isFalse();
            }
        }
    }

    @Test
    void broker_isRefused() {
        assertThatThrownBy(() -> provider(Delivery.BROKER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The delivery of Vault must be one of [files, variables]; it was \"broker\"");
    }

    @Test
    void factory_delivery_reachesTheProvider() {
        try (RunLease lease = open(created(Map.of("vault.delivery", "files")))) {
            assertThat(home(lease).resolve(".vault-token")).hasContent("hvs.t0ken");
        }
    }

    @Test
    void factory_sweeper_logsInAsSaid() {
        CredentialProvider vault = created(Map.of(
                "vault.sweeper-role", "ci-sweeper",
                "vault.sweeper-auth-path", "ci/jwt",
                "vault.sweeper-audience", "my-vault"));
        HandleRevoker revoker = vault.revoker().orElseThrow();

        revoker.revoke(
                new RevocationHandle("Vault", Map.of("address", server.address().toString(), "accessor", "acc-1")),
                END,
                audience -> {
                    assertThat(audience).isEqualTo("my-vault");
                    return TOKEN;
                });

        Request login = server.requests().get(0);
        assertThat(login.path()).isEqualTo("/v1/auth/ci/jwt/login");
        assertThat(login.body()).contains("\"role\":\"ci-sweeper\"");
    }

    @Test
    void factory_noSweeper_revokesNothing() {
        assertThat(created(Map.of()).revoker()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            vault.delivery          | broker | The delivery of Vault must be one of [files, variables]
            vault.delivery          | file   | vault.delivery must be one of
            vault.sweeper-role      | a b    | The sweeper's Vault role must be
            vault.sweeper-auth-path | ci     | for the login of sweeperRole, which is not set
            vault.sweeper-auth-path | ../x   | The sweeper's Vault auth path must be
            vault.sweeper-audience  | x      | for the login of sweeperRole, which is not set
            vault.sweeper-audience  | a b    | The sweeper's Vault audience must be
            """)
    void factory_badSetting_isRefused(String setting, String value, String text) {
        assertThatThrownBy(() -> created(Map.of(setting, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
    }

    @ParameterizedTest
    @CsvSource({"vault.delivery", "vault.sweeper-role", "vault.sweeper-auth-path", "vault.sweeper-audience"})
    void factory_settingWithoutAddresses_isRefused(String setting) {
        assertThat(new VaultProviderFactory().settings()).contains(setting);
        assertThatThrownBy(() -> new VaultProviderFactory().create(Map.of(setting, "files")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(setting + " needs vault.addresses beside it");
    }

    private CredentialProvider created(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("vault.addresses", server.address().toString());
        return new VaultProviderFactory().create(all).get(0);
    }

    private VaultProvider provider(Delivery delivery) {
        return VaultProvider.builder(server.address()).delivery(delivery).build();
    }

    private VaultRenderer renderer(Delivery delivery) {
        VaultJwtExchanger exchanger = VaultJwtExchanger.builder(
                        server.address(), "ci", BoundedHttpClient.builder().build())
                .build();
        return new VaultRenderer(exchanger, delivery, Optional.empty());
    }

    private static VaultTokenCredentials token(String text) {
        return new VaultTokenCredentials(
                Secret.of(text), "acc-1", true, false, Optional.empty(), END, Optional.empty());
    }

    private RunLease open(CredentialProvider provider) {
        return DynamicCredentials.builder(JwtTokenIssuer.builder(
                                IssuerUrl.of("https://ci.example"), SigningKeys.generate(SigningAlgorithm.ES256))
                        .relyingParties(RelyingPartyRules.vault())
                        .build())
                .provider(provider)
                .directory(directory)
                .build()
                .open(TerraformRun.builder("acme", "shop", "prod", "run-1").build(), variables);
    }

    private static Path home(RunLease lease) {
        return Path.of(Objects.requireNonNull(lease.environment().variables().get("HOME"))
                .reveal());
    }

    private static String login() {
        return "{\"auth\":{\"client_token\":\"hvs.t0ken\",\"accessor\":\"acc-1\",\"lease_duration\":1200,"
                + "\"renewable\":true,\"token_type\":\"service\"}}";
    }
}
