package io.dynamiccredentials.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.run.CloseReport.Outcome;
import io.dynamiccredentials.run.CloseReport.Thing;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.token.RelyingPartyRules;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.Timeouts;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VaultBackedProviderTest {
    private static final String CLIENT = "11111111-2222-3333-4444-555555555555";
    private static final String TENANT = "99999999-2222-3333-4444-555555555555";
    private static final String KEY_FILE = "{\"type\":\"service_account\",\"private_key_id\":\"k1\",\"private_key\":"
            + "\"-----BEGIN PRIVATE KEY-----\\nQUJD\\n-----END PRIVATE KEY-----\\n\","
            + "\"client_email\":\"sa@p-1.iam.gserviceaccount.com\","
            + "\"token_uri\":\"https://oauth2.googleapis.com/token\"}";
    private static final Map<String, String> DATA = Map.of(
            "/v1/aws/creds/reader",
            "{\"access_key\":\"AKIA0123456789ABCDEF\",\"secret_key\":\"aws-secret\"}",
            "/v1/cloud/aws/sts/writer",
            "{\"access_key\":\"ASIA0123456789ABCDEF\",\"secret_key\":\"aws-secret\",\"security_token\":\"session\"}",
            "/v1/gcp/roleset/reader/token",
            "{\"token\":\"ya29.token\",\"token_ttl\":600}",
            "/v1/gcp/static-account/reader/key",
            "{\"private_key_data\":\"" + Base64.getEncoder().encodeToString(KEY_FILE.getBytes(UTF_8)) + "\"}",
            "/v1/azure/creds/reader",
            "{\"client_id\":\"" + CLIENT + "\",\"client_secret\":\"azure~secret\"}");

    @TempDir
    Path directory;

    private final AtomicInteger logins = new AtomicInteger();

    private final ScriptedServer server = ScriptedServer.http(this::answer);
    private final VaultProvider vault = VaultProvider.builder(server.address()).build();
    private final Map<String, String> variables = new HashMap<>(Map.of(
            "TFC_VAULT_PROVIDER_AUTH", "true",
            "TFC_VAULT_ADDR", server.address().toString(),
            "TFC_VAULT_RUN_ROLE", "login"));

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aws_user_receivesItsKeysAndNotTheLoginToken() {
        aws("iam_user");
        RunEnvironment environment;
        String file;
        try (RunLease lease = open(Phase.PLAN)) {
            environment = lease.environment();
            assertThat(environment.variables())
                    .containsEntry("AWS_ACCESS_KEY_ID", Secret.of("AKIA0123456789ABCDEF"))
                    .containsEntry("AWS_SECRET_ACCESS_KEY", Secret.of("aws-secret"))
                    .doesNotContainKey("AWS_SESSION_TOKEN");
            file = lease.environment().files().stream()
                    .filter(path -> path.endsWith("vault-aws-credentials"))
                    .map(VaultBackedProviderTest::read)
                    .findFirst()
                    .orElseThrow();
            assertThat(input(lease, "aws")).contains("\"shared_credentials_file\":\"" + directory);
            // The Vault configuration itself gives its own token, the second one, and no other reaches the run.
            assertThat(environment.variables()).containsEntry("VAULT_TOKEN", Secret.of("hvs.login-1"));
            assertThat(everything(lease)).contains("hvs.login-1").doesNotContain("hvs.login-2");
        }
        assertThat(file)
                .isEqualTo("[default]\naws_access_key_id = AKIA0123456789ABCDEF\naws_secret_access_key = aws-secret\n");
        assertThat(server.requests())
                .filteredOn(request -> request.path().endsWith("revoke-self"))
                .extracting(request -> request.headers().get("X-Vault-Token"))
                .containsExactly("hvs.login-2", "hvs.login-1");
    }

    @Test
    void aws_assumedRole_receivesASession() {
        aws("assumed_role");
        variables.put("TFC_VAULT_BACKED_AWS_APPLY_VAULT_ROLE", "writer");
        variables.put("TFC_VAULT_BACKED_AWS_MOUNT_PATH", "cloud/aws/");
        variables.put("TFC_DEFAULT_VAULT_BACKED_AWS_RUN_ROLE_ARN", "arn:aws:iam::123456789012:role/deploy");
        try (RunLease lease = open(Phase.APPLY)) {
            assertThat(lease.environment().variables()).containsEntry("AWS_SESSION_TOKEN", Secret.of("session"));
            assertThat(everything(lease)).contains("aws_session_token = session\n");
        }
        assertThat(server.requests())
                .extracting(ScriptedServer.Request::path)
                .contains("/v1/cloud/aws/sts/writer?role_arn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdeploy");
    }

    @Test
    void gcp_token_isInVariablesAndInTheInput() {
        gcp("roleset/access_token", "ROLESET");
        try (RunLease lease = open(Phase.PLAN)) {
            assertThat(lease.environment().variables())
                    .containsEntry("GOOGLE_OAUTH_ACCESS_TOKEN", Secret.of("ya29.token"))
                    .containsEntry("CLOUDSDK_AUTH_ACCESS_TOKEN", Secret.of("ya29.token"))
                    .containsEntry("GOOGLE_APPLICATION_CREDENTIALS", Secret.of("/dev/null"))
                    .containsEntry("CLOUDSDK_CORE_CHECK_GCE_METADATA", Secret.of("false"));
            assertThat(input(lease, "gcp")).contains("\"credentials\":\"\",\"access_token\":\"ya29.token\"");
        }
    }

    @Test
    void gcp_key_isInAFile() {
        gcp("static_account/service_account_key", "STATIC_ACCOUNT");
        try (RunLease lease = open(Phase.PLAN)) {
            String file = value(lease, "GOOGLE_APPLICATION_CREDENTIALS");
            assertThat(value(lease, "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE")).isEqualTo(file);
            assertThat(read(Path.of(file))).contains("\"private_key_id\":\"k1\"");
            assertThat(input(lease, "gcp")).contains("\"credentials\":\"" + file + "\",\"access_token\":\"\"");
            assertThat(lease.environment().variables())
                    .containsEntry("CLOUDSDK_CORE_CHECK_GCE_METADATA", Secret.of("false"))
                    .doesNotContainKeys("GOOGLE_CREDENTIALS", "GOOGLE_OAUTH_ACCESS_TOKEN");
        }
    }

    @ParameterizedTest
    @CsvSource({"roleset/access_token, ROLESET", "static_account/service_account_key, STATIC_ACCOUNT"})
    void gcp_twoConfigurations_shutTheWayToTheMachinesIdentity(String type, String owner) {
        gcp(type, owner);
        variables.put("TFC_VAULT_BACKED_GCP_AUTH_TWO", "true");
        variables.put("TFC_VAULT_BACKED_GCP_AUTH_TYPE_TWO", type);
        variables.put("TFC_VAULT_BACKED_GCP_RUN_VAULT_" + owner + "_TWO", "reader");
        assertGcpOfTags();
    }

    @Test
    void gcp_taggedAlone_shutsTheWayToTheMachinesIdentity() {
        variables.put("TFC_VAULT_BACKED_GCP_AUTH_TWO", "true");
        variables.put("TFC_VAULT_BACKED_GCP_AUTH_TYPE_TWO", "static_account/service_account_key");
        variables.put("TFC_VAULT_BACKED_GCP_RUN_VAULT_STATIC_ACCOUNT_TWO", "reader");
        assertGcpOfTags();
    }

    private void assertGcpOfTags() {
        try (RunLease lease = open(Phase.PLAN)) {
            assertThat(lease.environment().variables())
                    .containsEntry("GOOGLE_APPLICATION_CREDENTIALS", Secret.of("/dev/null"))
                    .containsEntry("CLOUDSDK_CORE_CHECK_GCE_METADATA", Secret.of("false"))
                    .doesNotContainKeys(
                            "GOOGLE_OAUTH_ACCESS_TOKEN",
                            "CLOUDSDK_AUTH_ACCESS_TOKEN",
                            "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE");
            assertThat(input(lease, "gcp")).contains("\"TWO\":{");
        }
    }

    @Test
    void azure_client_isInVariablesAndFiles() {
        azure();
        variables.put("ARM_TENANT_ID", TENANT);
        try (RunLease lease = open(Phase.PLAN)) {
            assertThat(lease.environment().variables())
                    .containsEntry("ARM_CLIENT_ID", Secret.of(CLIENT))
                    .containsEntry("ARM_CLIENT_SECRET", Secret.of("azure~secret"))
                    .containsEntry("ARM_TENANT_ID", Secret.of(TENANT))
                    .containsEntry("ARM_USE_CLI", Secret.of("false"))
                    .containsEntry("ARM_USE_MSI", Secret.of("false"))
                    .containsEntry("AZURE_CLIENT_ID", Secret.of(CLIENT))
                    .containsEntry("AZURE_CLIENT_SECRET", Secret.of("azure~secret"))
                    .containsEntry("AZURE_TENANT_ID", Secret.of(TENANT));
            assertThat(lease.environment().files())
                    .filteredOn(file -> !file.endsWith("vault-token"))
                    .extracting(VaultBackedProviderTest::read)
                    .containsExactlyInAnyOrder(CLIENT, "azure~secret");
            assertThat(input(lease, "azure"))
                    .matches(".*\"client_id_file_path\":\"[^\"]+id\",\"client_secret_file_path\":\"[^\"]+secret\".*");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void azure_taggedConfiguration_shutsTheWayToTheMachinesIdentity(boolean alone) {
        if (!alone) {
            azure();
        }
        variables.put("TFC_VAULT_BACKED_AZURE_AUTH_TWO", "true");
        variables.put("TFC_VAULT_BACKED_AZURE_RUN_VAULT_ROLE_TWO", "reader");
        variables.put("ARM_TENANT_ID", TENANT);
        try (RunLease lease = open(Phase.PLAN)) {
            assertThat(lease.environment().variables())
                    .containsEntry("ARM_USE_CLI", Secret.of("false"))
                    .containsEntry("ARM_USE_MSI", Secret.of("false"))
                    .doesNotContainKeys("ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "AZURE_CLIENT_ID", "AZURE_TENANT_ID");
            assertThat(input(lease, "azure")).contains("\"TWO\":{\"client_id_file_path\":");
        }
    }

    @Test
    void azure_otherNameOfTheTenant_countsForBoth() {
        azure();
        variables.put("AZURE_TENANT_ID", TENANT);
        try (RunLease lease = open(Phase.PLAN)) {
            assertThat(value(lease, "ARM_TENANT_ID")).isEqualTo(TENANT);
        }
    }

    @Test
    void azure_noTenant_givesMicrosoftsSdksNothing() {
        azure();
        try (RunLease lease = open(Phase.PLAN)) {
            assertThat(lease.environment().variables())
                    .containsKey("ARM_CLIENT_ID")
                    .doesNotContainKeys("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "ARM_TENANT_ID");
        }
    }

    @Test
    void open_engineSlowerThanTheHostsTimeouts_isWaitedForUnlessTheWorkspaceSaysOtherwise() {
        aws("iam_user");
        Duration hasty = Duration.ofMillis(1500);
        try (ScriptedServer slow = ScriptedServer.http(request -> {
            if (request.path().contains("/aws/")) {
                LockSupport.parkNanos(hasty.plusMillis(500).toNanos());
            }
            return answer(request);
        })) {
            variables.put("TFC_VAULT_ADDR", slow.address().toString());
            VaultProvider impatient = VaultProvider.builder(slow.address())
                    .http(BoundedHttpClient.builder()
                            .timeouts(new Timeouts(hasty, hasty, hasty))
                            .build())
                    .build();
            open(Phase.PLAN, impatient).close();

            variables.put("TFC_DEFAULT_VAULT_CLIENT_TIMEOUT", "1");
            assertThatThrownBy(() -> open(Phase.PLAN, impatient))
                    .isInstanceOf(CredentialExchangeException.class)
                    .hasMessageContaining("within 1.0 s");
        }
    }

    @Test
    void open_twoConfigurations_eachIsInItsInputAndNoneInVariables() {
        aws("iam_user");
        variables.put("TFC_VAULT_BACKED_AWS_AUTH_TWO", "true");
        variables.put("TFC_VAULT_BACKED_AWS_AUTH_TYPE_TWO", "iam_user");
        variables.put("TFC_VAULT_BACKED_AWS_RUN_VAULT_ROLE_TWO", "reader");
        try (RunLease lease = open(Phase.PLAN)) {
            assertThat(lease.environment().variables())
                    .doesNotContainKeys("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
            assertThat(input(lease, "aws"))
                    .contains("\"TWO\":{\"shared_credentials_file\":", "vault-aws-credentials_TWO");
        }
    }

    @Test
    void open_vaultConfig_logsInWithThatOne() {
        aws("iam_user");
        variables.put("TFC_VAULT_BACKED_AWS_VAULT_CONFIG", "OTHER");
        variables.put("TFC_VAULT_PROVIDER_AUTH_OTHER", "true");
        variables.put("TFC_VAULT_ADDR_OTHER", server.address().toString());
        variables.put("TFC_VAULT_RUN_ROLE_OTHER", "other");
        variables.put("TFC_VAULT_NAMESPACE_OTHER", "team");
        variables.put("TFC_VAULT_AUTH_PATH_OTHER", "ci");
        variables.put("TFC_VAULT_WORKLOAD_IDENTITY_AUDIENCE_OTHER", "my-vault");
        open(Phase.PLAN).close();

        ScriptedServer.Request creds = server.requests().stream()
                .filter(request -> request.path().equals("/v1/aws/creds/reader"))
                .findFirst()
                .orElseThrow();
        ScriptedServer.Request login = server.requests().get(server.requests().indexOf(creds) - 1);
        assertThat(creds.headers()).containsEntry("X-Vault-Namespace", "team");
        assertThat(login.path()).isEqualTo("/v1/auth/ci/login");
        assertThat(login.body()).contains("\"role\":\"other\"");
        assertThat(Jws.claims(login.body().split("\"jwt\":\"", -1)[1].split("\"", -1)[0]))
                .contains("\"aud\":\"my-vault\"");
    }

    @Test
    void close_everyKind_isReportedTruthfully() {
        aws("iam_user");
        gcp("roleset/access_token", "ROLESET");
        RunLease lease = open(Phase.PLAN);
        lease.close();

        assertThat(lease.report().items())
                .filteredOn(item -> item.thing() == Thing.CREDENTIALS)
                .extracting(item -> item.what().replaceFirst(" of .*", ""), item -> item.outcome())
                .containsExactly(
                        tuple("Vault-backed GCP credentials", Outcome.LIVES_UNTIL),
                        tuple("Vault-backed AWS credentials", Outcome.ORDERED),
                        tuple("Vault credentials", Outcome.REVOKED));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1500, 1500"})
    void configure_sleepSeconds_becomeTheSettling(String seconds, long settling) {
        aws("iam_user");
        azure();
        variables.put("TFC_VAULT_BACKED_AWS_SLEEP_SECONDS", seconds);
        variables.put("TFC_DEFAULT_VAULT_BACKED_AZURE_SLEEP_SECONDS", seconds);
        List<Configuration<?>> configurations = TerraformVariables.read(
                variables,
                run(Phase.PLAN),
                List.of(vault, VaultBackedProvider.aws(vault), VaultBackedProvider.azure(vault)));

        assertThat(configurations)
                .extracting(configuration -> configuration.platform().settling())
                .containsExactly(Duration.ZERO, Duration.ofSeconds(settling), Duration.ofSeconds(settling));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            TFC_VAULT_BACKED_AWS_AUTH_TYPE       | session_token       | [assumed_role, federation_token, iam_user]
            TFC_VAULT_BACKED_AWS_PLAN_VAULT_ROLE | ../sys              | TFC_VAULT_BACKED_AWS_PLAN_VAULT_ROLE must be
            TFC_VAULT_BACKED_AWS_PLAN_VAULT_ROLE | a?role_arn=x        | TFC_VAULT_BACKED_AWS_PLAN_VAULT_ROLE must be
            TFC_VAULT_BACKED_AWS_MOUNT_PATH      | aws/../sys          | TFC_VAULT_BACKED_AWS_MOUNT_PATH must be
            TFC_VAULT_BACKED_AWS_RUN_ROLE_ARN    | arn:aws:iam::123456789012:role/x | has no effect with an
            TFC_VAULT_BACKED_AWS_APPLY_ROLE_ARN  | arn:aws:iam::123456789012:role/x | has no effect with an
            TFC_VAULT_BACKED_AWS_RUN_ROLE_ARN    | deploy              | the ARN of an IAM role
            TFC_VAULT_BACKED_AWS_SLEEP_SECONDS   | 1501                | from 0 to 1500
            TFC_VAULT_BACKED_AWS_SLEEP_SECONDS   | -1                  | from 0 to 1500
            TFC_VAULT_BACKED_AWS_SLEEP_SECONDS   | 5m                  | from 0 to 1500
            TFC_VAULT_BACKED_AWS_VAULT_CONFIG    | NONE                | the configuration tagged "NONE" of VAULT
            TFC_VAULT_BACKED_AWS_VAULT_CONFIG    | a-b                 | the tag of a Vault configuration
            TFC_VAULT_PROVIDER_AUTH              | false               | needs the untagged configuration of VAULT
            TFC_VAULT_ADDR                       | https://evil.example | that this host allows
            TFC_VAULT_BACKED_GCP_AUTH_TYPE       | impersonated/access_token | roleset/access_token
            TFC_VAULT_BACKED_GCP_SLEEP_SECONDS   | 5                   | TFC_VAULT_BACKED_GCP_SLEEP_SECONDS
            TFC_VAULT_BACKED_GCP_RUN_VAULT_STATIC_ACCOUNT | x          | has no effect with an
            TFC_VAULT_BACKED_AZURE_RUN_VAULT_ROLE | a//b               | TFC_VAULT_BACKED_AZURE_RUN_VAULT_ROLE must be
            ARM_TENANT_ID                        | a/b                 | ARM_TENANT_ID must be
            AZURE_TENANT_ID                      | a/b                 | AZURE_TENANT_ID must be
            AZURE_TENANT_ID                      | other.example       | the same tenant as ARM_TENANT_ID
            ARM_METADATA_HOSTNAME                | management.azure.com | ARM_METADATA_HOSTNAME must be removed
            ARM_METADATA_HOST                    | management.azure.com | ARM_METADATA_HOST must be removed
            GOOGLE_CLOUD_UNIVERSE_DOMAIN         | evil.example        | must be absent or "googleapis.com"
            CLOUDSDK_CORE_UNIVERSE_DOMAIN        | evil.example        | must be absent or "googleapis.com"
            """)
    void open_badSetting_isRefusedBeforeAnyRequest(String variable, String value, String text) {
        aws("iam_user");
        gcp("roleset/access_token", "ROLESET");
        azure();
        variables.put("ARM_TENANT_ID", TENANT);
        variables.put(variable, value);

        assertThatThrownBy(() -> open(Phase.PLAN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
        assertThat(server.requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "AWS, TFC_VAULT_BACKED_AWS_AUTH_TYPE",
        "AWS, TFC_VAULT_BACKED_AWS_RUN_VAULT_ROLE",
        "GCP, TFC_VAULT_BACKED_GCP_AUTH_TYPE",
        "GCP, TFC_VAULT_BACKED_GCP_RUN_VAULT_ROLESET",
        "AZURE, TFC_VAULT_BACKED_AZURE_RUN_VAULT_ROLE"
    })
    void open_missingSetting_isRefused(String platform, String variable) {
        switch (platform) {
            case "AWS" -> aws("iam_user");
            case "GCP" -> gcp("roleset/access_token", "ROLESET");
            default -> azure();
        }
        variables.remove(variable);

        assertThatThrownBy(() -> open(Phase.PLAN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(variable)
                .hasMessageContaining("is required");
    }

    @Test
    void open_assumedRoleWithoutItsArn_isRefused() {
        aws("assumed_role");

        assertThatThrownBy(() -> open(Phase.PLAN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TFC_VAULT_BACKED_AWS_RUN_ROLE_ARN")
                .hasMessageContaining("with AUTH_TYPE assumed_role");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GOOGLE_CLOUD_UNIVERSE_DOMAIN", "CLOUDSDK_CORE_UNIVERSE_DOMAIN"})
    void open_googlesOwnUniverse_doesNoHarm(String variable) {
        gcp("roleset/access_token", "ROLESET");
        variables.put(variable, "googleapis.com");
        open(Phase.PLAN).close();

        assertThat(server.requests()).extracting(ScriptedServer.Request::path).contains("/v1/gcp/roleset/reader/token");
    }

    @Test
    void open_defaultThatTheTypeHasNoUseFor_doesNoHarm() {
        aws("iam_user");
        variables.put("TFC_DEFAULT_VAULT_BACKED_AWS_RUN_ROLE_ARN", "arn:aws:iam::123456789012:role/x");
        open(Phase.PLAN).close();

        assertThat(server.requests()).extracting(ScriptedServer.Request::path).contains("/v1/aws/creds/reader");
    }

    /** Each login gives another token; leases can't be revoked, as with Vault's default policy. */
    private Answer answer(ScriptedServer.Request request) {
        String path = request.path().replaceFirst("[?].*", "");
        if (path.endsWith("/login")) {
            return Answer.json(
                    200,
                    "{\"auth\":{\"client_token\":\"hvs.login-" + logins.incrementAndGet()
                            + "\",\"accessor\":\"acc\",\"lease_duration\":1200,\"renewable\":true}}");
        }
        if (path.equals("/v1/sys/leases/revoke")) {
            return Answer.json(403, "{\"errors\":[\"permission denied\"]}");
        }
        String data = DATA.get(path);
        return data == null
                ? Answer.json(204, "")
                : Answer.json(
                        200, "{\"lease_id\":\"l\",\"renewable\":true,\"lease_duration\":3600,\"data\":" + data + "}");
    }

    private void aws(String type) {
        variables.put("TFC_VAULT_BACKED_AWS_AUTH", "true");
        variables.put("TFC_VAULT_BACKED_AWS_AUTH_TYPE", type);
        variables.put("TFC_VAULT_BACKED_AWS_RUN_VAULT_ROLE", "reader");
    }

    private void gcp(String type, String owner) {
        variables.put("TFC_VAULT_BACKED_GCP_AUTH", "true");
        variables.put("TFC_VAULT_BACKED_GCP_AUTH_TYPE", type);
        variables.put("TFC_VAULT_BACKED_GCP_RUN_VAULT_" + owner, "reader");
    }

    private void azure() {
        variables.put("TFC_VAULT_BACKED_AZURE_AUTH", "true");
        variables.put("TFC_VAULT_BACKED_AZURE_RUN_VAULT_ROLE", "reader");
    }

    private RunLease open(Phase phase) {
        return open(phase, vault);
    }

    private RunLease open(Phase phase, VaultProvider vault) {
        return DynamicCredentials.builder(JwtTokenIssuer.builder(
                                IssuerUrl.of("https://ci.example"), SigningKeys.generate(SigningAlgorithm.ES256))
                        .relyingParties(RelyingPartyRules.vault())
                        .build())
                .provider(vault)
                .provider(VaultBackedProvider.aws(vault))
                .provider(VaultBackedProvider.gcp(vault))
                .provider(VaultBackedProvider.azure(vault))
                .directory(directory)
                .build()
                .open(run(phase), variables);
    }

    private static TerraformRun run(Phase phase) {
        return TerraformRun.builder("acme", "shop", "prod", "run-1")
                .phase(phase)
                .build();
    }

    private static String value(RunLease lease, String name) {
        return lease.environment().variables().getOrDefault(name, Secret.of("")).reveal();
    }

    private static String input(RunLease lease, String platform) {
        return lease.environment()
                .terraformInputs()
                .getOrDefault("tfc_vault_backed_" + platform + "_dynamic_credentials", Secret.of(""))
                .reveal();
    }

    /** Returns all that a run could read. */
    private static String everything(RunLease lease) {
        StringBuilder all = new StringBuilder();
        lease.environment()
                .variables()
                .values()
                .forEach(value -> all.append(value.reveal()).append('\n'));
        lease.environment().files().forEach(file -> all.append(read(file)).append('\n'));
        return all.append(lease.environment().terraformInputsFile().reveal()).toString();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
