package io.dynamiccredentials.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.Refresher;
import io.dynamiccredentials.exchange.RenewableExchanger;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.fixtures.SimulatedTime;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.run.CloseReport.Item;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import io.dynamiccredentials.workload.Workload;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several configurations in one run: what it receives of each, when it waits, and what is renewed. */
class ManyConfigurationsTest {
    private static final Instant END = Instant.parse("2026-03-01T13:00:00Z");
    private static final TokenIssuer ISSUER = JwtTokenIssuer.builder(
                    IssuerUrl.of("https://ci.example"), SigningKeys.generate(SigningAlgorithm.RS256))
            .build();

    @TempDir
    Path parent;

    @TempDir
    Path work;

    private final List<String> log = new ArrayList<>();
    private final SimulatedTime time = new SimulatedTime();
    private final AcmeProvider acme = new AcmeProvider("ACME", "ACME");
    private final AcmeProvider backed = new AcmeProvider("BACKED_ACME", "ACME");
    private Waiting waiting = millis -> log.add("waited " + millis / 1000 + " s");

    @Test
    void open_untaggedAlone_hasTheToolsVariablesAndTheInput() {
        try (RunLease lease = open(Map.of("TFC_ACME_PROVIDER_AUTH", "true"))) {
            assertThat(reveal(lease, "ACME_TOKEN")).isEqualTo("untagged");
            assertThat(reveal(lease, "TF_VAR_tfc_acme_dynamic_credentials"))
                    .isEqualTo(
                            "{\"default\":{\"file\":\"" + file(lease, "acme") + "\",\"extra\":\"\"},\"aliases\":{}}");
        }
    }

    @Test
    void open_stateBackendWithoutAConfigurationOfItsOwn_isRefused() {
        DynamicCredentials door = door(DynamicCredentials.builder(ISSUER).stateBackend("STATE"));

        assertThatThrownBy(() -> door.open(
                        run(Phase.PLAN),
                        Map.of("TFC_ACME_PROVIDER_AUTH", "true", "TFC_ACME_PROVIDER_AUTH_STAET", "true")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("One configuration must have the tag STATE")
                .hasMessageContaining("it was []");
        assertThatThrownBy(() -> door.open(
                        run(Phase.PLAN),
                        Map.of("TFC_ACME_PROVIDER_AUTH_STATE", "true", "TFC_BACKED_ACME_PROVIDER_AUTH_STATE", "true")))
                .hasMessageContaining("it was [")
                .hasMessageContaining("(STATE), ");
        assertThat(parent).isEmptyDirectory();
        door.open(run(Phase.PLAN), Map.of()).close();
    }

    @Test
    void open_tagged_isInTheInputAloneAndEachHasAToken() {
        Map<String, String> variables = Map.of(
                "TFC_ACME_PROVIDER_AUTH", "true",
                "TFC_ACME_PROVIDER_AUTH_b", "true",
                "TFC_ACME_PROVIDER_AUTH_B", "true");
        try (RunLease lease = open(variables)) {
            assertThat(lease.environment().variables()).doesNotContainKey("ACME_TOKEN");
            assertThat(reveal(lease, "TF_VAR_tfc_acme_dynamic_credentials"))
                    .isEqualTo(
                            "{\"default\":{\"file\":\"" + file(lease, "acme") + "\",\"extra\":\"\"},\"aliases\":{\"B\":"
                                    + "{\"file\":\"" + file(lease, "acme_B") + "\",\"extra\":\"\"},\"b\":{\"file\":\""
                                    + file(lease, "acme_b") + "\",\"extra\":\"\"}}}");
            assertThat(lease.environment().files())
                    .hasSize(3)
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"))
                    .allMatch(Path::isAbsolute);
        }
        assertThat(acme.tokens).doesNotHaveDuplicates().hasSize(3);
    }

    @Test
    void open_onlyTagged_hasANullDefault() {
        try (RunLease lease = open(Map.of("TFC_ACME_PROVIDER_AUTH_B", "true"))) {
            assertThat(reveal(lease, "TF_VAR_tfc_acme_dynamic_credentials"))
                    .startsWith("{\"default\":null,\"aliases\":");
            assertThat(lease.environment().variables()).doesNotContainKey("ACME_TOKEN");
        }
    }

    @Test
    void open_twoFamiliesForTheSameTools_setNoVariableOfTheTools() {
        try (RunLease lease = open(Map.of("TFC_ACME_PROVIDER_AUTH", "true", "TFC_BACKED_ACME_PROVIDER_AUTH", "true"))) {
            assertThat(lease.environment().variables())
                    .doesNotContainKey("ACME_TOKEN")
                    .containsKeys("TF_VAR_tfc_acme_dynamic_credentials", "TF_VAR_tfc_backed_acme_dynamic_credentials");
        }
    }

    @Test
    void open_planAndApplyOfOneRun_haveTheSamePaths() {
        Map<String, String> variables = Map.of("TFC_ACME_PROVIDER_AUTH_B", "true");
        List<Path> planned;
        try (RunLease lease = open(variables)) {
            planned = lease.environment().files();
        }
        try (RunLease lease = door(DynamicCredentials.builder(ISSUER)).open(run(Phase.APPLY), variables)) {
            assertThat(lease.environment().files()).isEqualTo(planned);
        }
    }

    @Test
    void open_anotherLeaseOfTheRun_isRefused() {
        try (RunLease lease = open(Map.of())) {
            assertThatThrownBy(() -> open(Map.of()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Another lease of this run is open")
                    .hasMessageContaining("delete the directory");
            assertThat(lease.environment().files()).isEmpty();
        }
    }

    @Test
    void withoutTerraformVariables_fileInTheWorkingDirectory_isGoneAtClose() throws IOException {
        DynamicCredentials door = door(DynamicCredentials.builder(ISSUER).withoutTerraformVariables());
        Path file;
        try (RunLease lease = door.open(run(Phase.PLAN), Map.of("TFC_ACME_PROVIDER_AUTH", "true"))) {
            assertThat(lease.environment().variables()).doesNotContainKey("TF_VAR_tfc_acme_dynamic_credentials");

            file = lease.writeTerraformInputs(work);

            assertThat(file)
                    .hasFileName("dynamic-credentials.auto.tfvars.json")
                    .hasContent("{\"tfc_acme_dynamic_credentials\":{\"default\":{\"file\":\"" + file(lease, "acme")
                            + "\",\"extra\":\"\"},\"aliases\":{}}}");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void writeTerraformInputs_fileOrLinkIsThere_isRefusedAndLeftAlone() throws IOException {
        Path elsewhere = Files.createFile(parent.resolve("elsewhere"));
        Path link = Files.createSymbolicLink(work.resolve("dynamic-credentials.auto.tfvars.json"), elsewhere);
        try (RunLease lease = open(Map.of("TFC_ACME_PROVIDER_AUTH", "true"))) {
            assertThatThrownBy(() -> lease.writeTerraformInputs(work)).isInstanceOf(FileAlreadyExistsException.class);
        }
        assertThat(link).isSymbolicLink();
        assertThat(elsewhere).isEmptyFile();
    }

    @Test
    void writeTerraformInputs_closedLease_isRefused() {
        RunLease lease = open(Map.of());
        lease.close();

        assertThatThrownBy(() -> lease.writeTerraformInputs(work)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void writeTerraformInputs_noInput_writesNothing() throws IOException {
        try (RunLease lease = open(Map.of())) {
            assertThat(lease.writeTerraformInputs(work)).doesNotExist();
        }
    }

    @Test
    void open_credentialsThatSettle_comeFirstAndAreWaitedForOnce() {
        Map<String, String> variables = Map.of(
                "TFC_ACME_PROVIDER_AUTH", "true",
                "TFC_ACME_PROVIDER_AUTH_A", "true",
                "TFC_ACME_SLEEP_SECONDS_A", "20",
                "TFC_BACKED_ACME_PROVIDER_AUTH", "true",
                "TFC_BACKED_ACME_SLEEP_SECONDS", "1500");
        open(variables).close();

        assertThat(log)
                .startsWith("ACME A exchanged", "BACKED_ACME exchanged", "waited 1500 s", "ACME exchanged")
                .filteredOn(line -> line.startsWith("waited"))
                .hasSize(1);
    }

    @Test
    void open_interruptedWhileItWaits_endsWhatItHas() {
        waiting = millis -> {
            throw new InterruptedException();
        };

        assertThatThrownBy(() -> open(Map.of("TFC_ACME_PROVIDER_AUTH", "true", "TFC_DEFAULT_ACME_SLEEP_SECONDS", "5")))
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContaining("interrupted while ACME handled the credentials of the run");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(log).containsExactly("ACME exchanged", "ACME revoked");
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void renewal_whileTheLeaseIsOpen_goesOnAndIsReported() {
        RunLease lease = open(Map.of("TFC_ACME_PROVIDER_AUTH", "true"));

        time.pass(Duration.ofMinutes(11));
        time.pass(Duration.ofMinutes(11));
        acme.revocation = new Revocation.LivesUntil(END);
        lease.close();

        assertThat(log).containsExactly("ACME exchanged", "ACME renewed", "ACME renewed", "ACME revoked");
        assertThat(time.waiting()).isZero();
    }

    @Test
    void renewal_leaseIsClosed_endsWithIt() {
        open(Map.of("TFC_ACME_PROVIDER_AUTH", "true")).close();

        time.pass(Duration.ofHours(1));

        assertThat(log).containsExactly("ACME exchanged", "ACME revoked");
    }

    @Test
    void renewal_platformIsDown_isTriedAgainUntilItIsBack() {
        try (RunLease lease = open(Map.of("TFC_ACME_PROVIDER_AUTH", "true"))) {
            acme.renewalFailure = failure(Kind.UNREACHABLE);
            time.pass(Duration.ofMinutes(20));
            assertThat(acme.renewals).isBetween(4, 10);
            acme.renewalFailure = null;
            time.pass(Duration.ofMinutes(3));

            assertThat(log).containsExactly("ACME exchanged", "ACME renewed");
            assertThat(lease.environment().files()).hasSize(1);
        }
    }

    @Test
    void renewal_platformRefuses_isFollowedByANewExchangeWhoseResultTheRunHas() throws IOException {
        try (RunLease lease = open(Map.of("TFC_ACME_PROVIDER_AUTH", "true"))) {
            String before = Files.readString(file(lease, "acme"));
            acme.renewalFailure = failure(Kind.REFUSED);
            time.pass(Duration.ofMinutes(11));

            assertThat(log).containsExactly("ACME exchanged", "ACME exchanged");
            assertThat(Files.readString(file(lease, "acme"))).isNotEqualTo(before);
        }
        assertThat(log).endsWith("ACME revoked", "ACME revoked");
    }

    @Test
    void renewal_openFails_isTakenBack() {
        acme.failingTag = "B";

        assertThatThrownBy(() -> open(Map.of("TFC_ACME_PROVIDER_AUTH", "true", "TFC_ACME_PROVIDER_AUTH_B", "true")))
                .isInstanceOf(CredentialExchangeException.class);
        assertThat(time.waiting()).isZero();
    }

    @Test
    void provenance_ofALease_namesConfigurationsAndVariables() {
        try (RunLease lease = open(Map.of(
                "TFC_ACME_PROVIDER_AUTH", "true",
                "TFC_ACME_PROVIDER_AUTH_B", "true",
                "TFC_DEFAULT_ACME_SLEEP_SECONDS", "0"))) {
            assertThat(lease.provenance())
                    .isEqualTo(Map.of(
                            "ACME", Map.of("SLEEP_SECONDS", "TFC_DEFAULT_ACME_SLEEP_SECONDS"),
                            "ACME (B)", Map.of("SLEEP_SECONDS", "TFC_DEFAULT_ACME_SLEEP_SECONDS")));
            assertThat(lease).hasToString("RunLease[[ACME, ACME (B)], " + lease.environment() + "]");
        }
    }

    @Test
    void open_identityOfAProvidersTools_isRefusedWithAllElseThatIsWrong() {
        assertThatThrownBy(() ->
                        open(Map.of("ACME_API_KEY", "static", "AWS_PROFILE", "x", "TFC_ACME_PROVIDER_AUTH", "TRUE")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "The workspace sets ACME_API_KEY, which carries",
                        "The workspace sets AWS_PROFILE, which carries",
                        "TFC_ACME_PROVIDER_AUTH must be exactly")
                .hasMessageNotContaining("static");
        assertThat(log).isEmpty();
        DynamicCredentials.Builder inheriting = DynamicCredentials.builder(ISSUER)
                .inherit("ACME_API_KEY")
                .provider(acme)
                .directory(parent);
        assertThatThrownBy(inheriting::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("may not inherit [ACME_API_KEY]");
    }

    @Test
    void start_callerSetsAnIdentityOfAProvidersTools_isRefused() {
        try (RunLease lease = open(Map.of())) {
            ProcessBuilder builder = new ProcessBuilder("env");
            builder.environment().put("ACME_API_KEY", "mine");

            assertThatThrownBy(() -> lease.start(builder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ACME_API_KEY");
        }
    }

    @Test
    void provider_writesTheInputOfAnother_isRefused() {
        VariableFamily family = VariableFamily.builder("OTHER")
                .input("tfc_acme_dynamic_credentials", "x")
                .build();
        CredentialProvider other = new CredentialProvider() {
            @Override
            public VariableFamily family() {
                return family;
            }

            @Override
            public ConfiguredPlatform<?> configure(PlatformSettings settings, Workload workload) {
                throw new UnsupportedOperationException();
            }
        };

        assertThatThrownBy(
                        () -> DynamicCredentials.builder(ISSUER).provider(acme).provider(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tfc_acme_dynamic_credentials");
    }

    @Test
    void close_tagged_isNamedWithItsTag() {
        RunLease lease = open(Map.of("TFC_ACME_PROVIDER_AUTH_B", "true"));
        lease.close();

        assertThat(lease.report().items())
                .extracting(Item::what)
                .anyMatch(what -> what.equals("ACME (B) credentials of holder"))
                .anyMatch(what -> what.endsWith(" for ACME (B)"));
    }

    private RunLease open(Map<String, String> variables) {
        return door(DynamicCredentials.builder(ISSUER)).open(run(Phase.PLAN), variables);
    }

    private DynamicCredentials door(DynamicCredentials.Builder builder) {
        return builder.provider(acme)
                .provider(backed)
                .directory(parent)
                .refresher(Refresher.builder()
                        .executors(time, time)
                        .clocks(time.clock(), time::nanoTime)
                        .build())
                .time(millis -> waiting.pass(millis))
                .build();
    }

    private static TerraformRun run(Phase phase) {
        return TerraformRun.builder("acme", "shop", "prod", "run-1")
                .phase(phase)
                .build();
    }

    private static String reveal(RunLease lease, String variable) {
        return Optional.ofNullable(lease.environment().variables().get(variable))
                .orElseThrow()
                .reveal();
    }

    private static Path file(RunLease lease, String name) {
        return lease.environment().files().stream()
                .filter(file -> file.endsWith(name))
                .findFirst()
                .orElseThrow();
    }

    private static CredentialExchangeException failure(Kind kind) {
        return CredentialExchangeException.builder("ACME", kind, "ACME failed", "Wait")
                .build();
    }

    private record Token(String text, Instant expiresAt) implements Credentials {
        @Override
        public List<Secret> secrets() {
            return List.of();
        }

        @Override
        public String principal() {
            return "holder";
        }
    }

    /** A platform whose credentials are renewed each ten minutes, and settle if they are told to. */
    private final class AcmeProvider implements CredentialProvider {
        private final SettingRule sleep =
                SettingRule.builder("SLEEP_SECONDS", "how long to wait").build();
        private final VariableFamily family;
        private final List<String> tokens = new ArrayList<>();
        private Revocation revocation = new Revocation.Revoked();
        private String failingTag = "";
        private int renewals;
        private @Nullable CredentialExchangeException renewalFailure;

        AcmeProvider(String word, String tools) {
            this.family = VariableFamily.builder(word)
                    .tools(tools)
                    .rules(sleep)
                    .identityVariables("ACME_API_KEY")
                    .input("tfc_" + word.toLowerCase(Locale.ROOT) + "_dynamic_credentials", "file", "extra")
                    .build();
        }

        @Override
        public VariableFamily family() {
            return family;
        }

        @Override
        public ConfiguredPlatform<?> configure(PlatformSettings settings, Workload workload) {
            String fileName = family.word().toLowerCase(Locale.ROOT).replace('_', '-');
            Duration settling = settings.optional(sleep)
                    .map(Setting::value)
                    .map(Long::parseLong)
                    .map(Duration::ofSeconds)
                    .orElse(Duration.ZERO);
            return new ConfiguredPlatform<>(
                            workload,
                            new AcmeExchanger(settings.tag().orElse("")),
                            (credentials, token, environment) -> environment
                                    .secretVariable("ACME_TOKEN", Secret.of(credentials.text()))
                                    .input(
                                            "file",
                                            environment
                                                    .file(fileName, token.compact())
                                                    .toString()))
                    .settlingFor(settling);
        }

        private final class AcmeExchanger implements RenewableExchanger<Token> {
            private final String tag;

            AcmeExchanger(String tag) {
                this.tag = tag;
            }

            private void note(String what) {
                log.add(family.word() + (tag.isEmpty() ? "" : " " + tag) + " " + what);
            }

            @Override
            public String platform() {
                return family.word();
            }

            @Override
            public String audience() {
                return "acme";
            }

            @Override
            public Token exchange(IdentityToken token) {
                if (!tag.isEmpty() && tag.equals(failingTag)) {
                    throw failure(Kind.REFUSED);
                }
                tokens.add(token.tokenId());
                note("exchanged");
                return new Token(tag.isEmpty() ? "untagged" : tag, END);
            }

            @Override
            public Optional<Duration> renewalDueIn(Token credentials) {
                return Optional.of(Duration.ofMinutes(10));
            }

            @Override
            public Token renew(Token credentials) {
                renewals++;
                if (renewalFailure != null) {
                    throw renewalFailure;
                }
                note("renewed");
                return new Token(credentials.text(), credentials.expiresAt().plusSeconds(600));
            }

            @Override
            public Revocation revoke(Token credentials) {
                note("revoked");
                return revocation;
            }
        }
    }
}
