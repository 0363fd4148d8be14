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
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.Refresher;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.fixtures.SimulatedTime;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.run.CloseReport.Item;
import io.dynamiccredentials.run.CloseReport.Outcome;
import io.dynamiccredentials.run.CloseReport.Thing;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.workload.TerraformRun;
import io.dynamiccredentials.workload.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DynamicCredentialsTest {
    private static final Instant END = Instant.parse("2026-03-01T13:00:00Z");
    private static final TokenIssuer ISSUER = JwtTokenIssuer.builder(
                    IssuerUrl.of("https://ci.example"), SigningKeys.generate(SigningAlgorithm.RS256))
            .build();

    @TempDir
    Path parent;

    private final SimulatedTime time = new SimulatedTime();

    private final Workload run =
            TerraformRun.builder("acme", "shop", "prod", "run-1").build();
    private final List<String> log = new ArrayList<>();
    private final Platform one = new Platform("ONE", log);
    private final Platform two = new Platform("TWO", log);
    private final Platform three = new Platform("THREE", log);

    @Test
    void open_platformsInOrder_givesOneEnvironment() {
        try (RunLease lease = open(Map.of("TF_LOG", "info"))) {
            assertThat(log).containsExactly("ONE exchanged", "TWO exchanged", "THREE exchanged");
            assertThat(lease.environment().variables())
                    .containsKeys("ONE_TOKEN", "TWO_TOKEN", "THREE_TOKEN", "HOME", "TF_LOG", "PATH")
                    .doesNotContainKeys("LD_PRELOAD", "AWS_ACCESS_KEY_ID");
            assertThat(lease.environment().files()).hasSize(3).allMatch(Files::exists);
        }
    }

    @Test
    void close_everything_isEndedInReverseOrderAndReported() {
        one.revocation = new Revocation.LivesUntil(END);
        RunLease lease = open(Map.of());
        List<Path> files = lease.environment().files();
        log.clear();

        lease.close();

        assertThat(log).containsExactly("THREE revoked", "TWO revoked", "ONE revoked");
        assertThat(files).noneMatch(Files::exists);
        assertThat(parent).isEmptyDirectory();
        List<Item> items = lease.report().items();
        assertThat(items)
                .filteredOn(item -> item.thing() == Thing.CREDENTIALS)
                .extracting(Item::outcome)
                .containsExactly(Outcome.REVOKED, Outcome.REVOKED, Outcome.LIVES_UNTIL);
        assertThat(items)
                .filteredOn(item -> item.thing() == Thing.IDENTITY_TOKEN)
                .hasSize(3)
                .allMatch(item ->
                        item.outcome() == Outcome.LIVES_UNTIL && item.until().isPresent());
        assertThat(items.get(0).outcome()).isEqualTo(Outcome.DELETED);
    }

    @Test
    void close_secondCall_doesNothing() {
        RunLease lease = open(Map.of());
        lease.close();
        log.clear();

        lease.close();

        assertThat(log).isEmpty();
    }

    @Test
    void close_revocationFails_goesOnAndThrowsTheFirst() {
        three.revokeFailure = failure("THREE");
        one.revokeFailure = failure("ONE");
        RunLease lease = open(Map.of());
        log.clear();

        assertThatThrownBy(lease::close)
                .isSameAs(three.revokeFailure)
                .satisfies(e -> assertThat(e.getSuppressed()).containsExactly(one.revokeFailure));
        assertThat(log).containsExactly("TWO revoked");
        assertThat(parent).isEmptyDirectory();
        assertThat(lease.report().items())
                .filteredOn(item -> item.outcome() == Outcome.FAILED)
                .hasSize(2)
                .allMatch(item -> item.reason().isPresent() && item.until().equals(Optional.of(END)));
    }

    @Test
    void close_stepThrowsAnError_everyOtherStepRuns() {
        three.onRevoke = () -> {
            throw new NoClassDefFoundError("an SDK's class");
        };
        RunLease lease = open(Map.of());

        assertThatThrownBy(lease::close).isInstanceOf(NoClassDefFoundError.class);
        assertThat(log).contains("TWO revoked", "ONE revoked");
        assertThat(parent).isEmptyDirectory();
        assertThat(lease.report().items())
                .filteredOn(item -> item.outcome() == Outcome.FAILED)
                .hasSize(1);
    }

    @Test
    void close_credentialsCantNameTheirHolder_everyOtherStepRuns() {
        RunLease lease = open(Map.of());
        three.principal = () -> {
            throw new IllegalStateException("no holder");
        };

        assertThatThrownBy(lease::close).hasMessage("no holder");
        assertThat(log).contains("THREE revoked", "TWO revoked", "ONE revoked");
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void close_bodyFailed_itsFailureStaysPrimary() {
        three.revokeFailure = failure("THREE");

        assertThatThrownBy(() -> {
                    try (RunLease lease = open(Map.of())) {
                        throw new IOException("the run failed in " + lease);
                    }
                })
                .isInstanceOf(IOException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).containsExactly(three.revokeFailure));
    }

    @Test
    void open_thirdExchangeFails_theFirstTwoAreRevokedAndNoFileIsLeft() {
        three.exchangeFailure = failure("THREE");

        assertThatThrownBy(() -> open(Map.of()))
                .isSameAs(three.exchangeFailure)
                .isInstanceOfSatisfying(
                        CredentialExchangeException.class,
                        e -> assertThat(e.code()).contains("Code-THREE"));
        assertThat(log).containsExactly("ONE exchanged", "TWO exchanged", "TWO revoked", "ONE revoked");
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void open_thirdExchangeFails_whatLivesOnIsTold() {
        one.revocation = new Revocation.LivesUntil(END);
        three.exchangeFailure = failure("THREE");

        assertThatThrownBy(() -> open(Map.of()))
                .satisfies(e -> assertThat(e.getSuppressed())
                        .singleElement()
                        .isInstanceOfSatisfying(LeaseNotOpenedException.class, told -> {
                            assertThat(told)
                                    .hasMessageContaining("ONE credentials of holder, until " + END)
                                    .hasMessageContaining("for THREE, until")
                                    .hasMessageNotContaining("TWO credentials");
                            // The token that was refused counts too: the platform has seen it.
                            assertThat(told.report().items())
                                    .filteredOn(item -> item.thing() == Thing.IDENTITY_TOKEN)
                                    .hasSize(3);
                        }));
    }

    @Test
    void open_renderingFails_itsOwnCredentialsAreRevokedToo() {
        two.renderFailure = new IllegalStateException("disk full");

        assertThatThrownBy(() -> open(Map.of())).isSameAs(two.renderFailure);
        assertThat(log)
                .containsExactly(
                        "ONE exchanged",
                        "TWO exchanged",
                        "THREE exchanged",
                        "THREE revoked",
                        "TWO revoked",
                        "ONE revoked");
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void open_exchangeAndRevocationFail_theExchangeStaysPrimary() {
        three.exchangeFailure = failure("THREE");
        two.revokeFailure = failure("TWO");

        assertThatThrownBy(() -> open(Map.of()))
                .isSameAs(three.exchangeFailure)
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2).contains(two.revokeFailure));
        assertThat(log).contains("ONE revoked");
        assertThat(parent).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"AWS_ACCESS_KEY_ID", "GOOGLE_CREDENTIALS", "ARM_CLIENT_SECRET", "VAULT_TOKEN", "HOME"})
    void open_workspaceSetsAnIdentity_isRefusedBeforeAnyExchange(String name) {
        assertThatThrownBy(() -> open(Map.of(name, "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
        assertThat(log).isEmpty();
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void open_workspaceOpensTheMetadataService_isRefusedBeforeAnyExchange() {
        assertThatThrownBy(() -> open(Map.of("AWS_EC2_METADATA_DISABLED", "false")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("AWS_EC2_METADATA_DISABLED must be absent or \"true\"");
        assertThat(log).isEmpty();
    }

    @Test
    void open_workspaceShutsTheMetadataServiceToo_isTheSame() {
        try (RunLease lease = open(Map.of("AWS_EC2_METADATA_DISABLED", "true"))) {
            assertThat(lease.environment().given()).contains("AWS_EC2_METADATA_DISABLED");
        }
    }

    @Test
    void close_processHasEnded_isReportedAsEndedBefore() throws Exception {
        RunLease lease = open(Map.of());
        Process child = lease.start(new ProcessBuilder("true"));
        child.waitFor();

        lease.close();

        assertThat(lease.report().items().get(0))
                .isEqualTo(Item.of(Thing.PROCESS, "process " + child.pid(), Outcome.ENDED_BEFORE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A B", "1A", "X=1\nAWS_ACCESS_KEY_ID", "BASH_FUNC_aws%%", "Ä"})
    void open_badVariableName_isRefusedBeforeAnyExchange(String name) {
        assertThatThrownBy(() -> open(Map.of(name, "x"))).isInstanceOf(IllegalArgumentException.class);
        assertThat(log).isEmpty();
    }

    @Test
    void open_valueWithNul_isRefusedWithoutRepeatingIt() {
        assertThatThrownBy(() -> open(Map.of("DB_PASSWORD", "hunter2\0")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("DB_PASSWORD")
                .hasMessageNotContaining("hunter2");
        assertThat(log).isEmpty();
    }

    @Test
    void close_interruptedInTheMiddle_revokesAllTheSame() {
        RunLease lease = open(Map.of());
        AtomicInteger calls = new AtomicInteger();
        three.onRevoke = () -> {
            if (calls.incrementAndGet() == 1) {
                Thread.currentThread().interrupt();
                throw failure("interrupted");
            }
        };
        log.clear();

        lease.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(log).containsExactly("THREE revoked", "TWO revoked", "ONE revoked");
    }

    @Test
    void close_directoryWasMovedAway_isAFailureAndNotADeletion() throws Exception {
        RunLease lease = open(Map.of());
        Path run = lease.environment().files().get(0).getParent();
        Files.move(run, parent.resolve("elsewhere"));

        assertThatThrownBy(lease::close)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("moved");
        assertThat(lease.report().items())
                .filteredOn(item -> item.thing() == Thing.FILES)
                .singleElement()
                .extracting(Item::outcome)
                .isEqualTo(Outcome.FAILED);
    }

    @Test
    void open_workspaceSetsAVariableOfTheRun_isRefusedAndNothingIsLeft() {
        assertThatThrownBy(() -> open(Map.of("TWO_TOKEN", "mine")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TWO_TOKEN");
        assertThat(log).contains("ONE revoked", "TWO revoked", "THREE revoked");
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void start_child_seesTheRunAndNotTheHost() throws Exception {
        try (RunLease lease = open(Map.of("TF_LOG", "info"))) {
            Path home = parent.toRealPath();
            ProcessBuilder builder = new ProcessBuilder("env");
            builder.environment().put("MINE", "yes");
            Process child = lease.start(builder);
            String seen = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(child.waitFor()).isZero();
            assertThat(seen.lines())
                    .contains("ONE_TOKEN=secret-ONE", "TF_LOG=info", "MINE=yes", "PATH=" + System.getenv("PATH"))
                    .anyMatch(line -> line.startsWith("HOME=" + home));
            List<String> names = new ArrayList<>(lease.environment().variables().keySet());
            names.add("MINE");
            assertThat(seen.lines().map(line -> line.substring(0, line.indexOf('='))))
                    .containsExactlyInAnyOrderElementsOf(names);
        }
    }

    @Test
    void start_builder_isLeftAsItWasAndStartsAgain() throws Exception {
        try (RunLease lease = open(Map.of())) {
            ProcessBuilder builder = new ProcessBuilder("true");
            builder.environment().put("MINE", "yes");
            Map<String, String> before = new HashMap<>(builder.environment());

            assertThat(lease.start(builder).waitFor()).isZero();
            assertThat(builder.environment()).isEqualTo(before).doesNotContainKey("ONE_TOKEN");
            assertThat(lease.start(builder).waitFor()).isZero();
        }
    }

    @Test
    void start_callerSetsAnInheritedVariable_itWins() throws Exception {
        try (RunLease lease = open(Map.of())) {
            ProcessBuilder builder = new ProcessBuilder("env");
            builder.environment().put("PATH", "/opt/tool/bin:" + System.getenv("PATH"));
            Process child = lease.start(builder);

            assertThat(new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("PATH=/opt/tool/bin:");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"AWS_SECRET_ACCESS_KEY", "ONE_TOKEN", "HOME"})
    void start_callerSetsAnIdentityOrTheRunsOwn_isRefused(String name) {
        try (RunLease lease = open(Map.of())) {
            ProcessBuilder builder = new ProcessBuilder("env");
            builder.environment().put(name, "mine");

            assertThatThrownBy(() -> lease.start(builder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(name);
        }
    }

    @Test
    void start_workingDirectoryAroundTheFiles_isRefused() {
        try (RunLease lease = open(Map.of())) {
            assertThatThrownBy(() -> lease.start(new ProcessBuilder("env").directory(parent.toFile())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("contains the run's files")
                    .hasMessageContaining("Set another directory for the process");
        }
    }

    @Test
    void start_closedLease_isRefused() {
        RunLease lease = open(Map.of());
        lease.close();

        assertThatThrownBy(() -> lease.start(new ProcessBuilder("env"))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void close_processStillRuns_isEndedBeforeAnythingIsRevoked() throws Exception {
        RunLease lease = open(Map.of());
        Process child = lease.start(new ProcessBuilder("sleep", "600"));
        three.onRevoke = () -> log.add(child.isAlive() ? "alive" : "ended");
        log.clear();

        lease.close();

        assertThat(child.waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(log).startsWith("ended");
        assertThat(lease.report().items().get(0))
                .isEqualTo(Item.of(Thing.PROCESS, "process " + child.pid(), Outcome.ENDED));
    }

    @Test
    void close_interruptedThread_revokesAllTheSameAndKeepsTheFlag() {
        RunLease lease = open(Map.of());
        three.onRevoke = () -> log.add("interrupted: " + Thread.currentThread().isInterrupted());
        log.clear();
        Thread.currentThread().interrupt();

        lease.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(log).containsExactly("interrupted: false", "THREE revoked", "TWO revoked", "ONE revoked");
    }

    @Test
    void close_processIgnoresTheRequest_isEndedByForce() throws Exception {
        RunLease lease = open(Map.of());
        Process child =
                lease.start(new ProcessBuilder("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"));
        assertThat(child.inputReader().readLine()).isEqualTo("ready");

        lease.close();

        assertThat(child.waitFor(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void report_openLease_isRefused() {
        try (RunLease lease = open(Map.of())) {
            assertThatThrownBy(lease::report).isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A B", "A-B", "A=B"})
    void stateBackend_noTag_isRefused(String tag) {
        DynamicCredentials.Builder builder = DynamicCredentials.builder(ISSUER);
        assertThatThrownBy(() -> builder.stateBackend(tag)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void inherit_namedVariable_reachesTheRunAndIdentityDoesNot() {
        DynamicCredentials.Builder builder = DynamicCredentials.builder(ISSUER)
                .directory(parent)
                .hostEnvironment(Map.of("HTTPS_PROXY", "http://proxy", "PATH", "/bin", "SECRET_OF_HOST", "x"))
                .inherit("HTTPS_PROXY");
        try (RunLease lease = builder.build().open(run, Map.of())) {
            assertThat(lease.environment().variables())
                    .containsOnlyKeys(
                            "HTTPS_PROXY",
                            "PATH",
                            "HOME",
                            "AWS_EC2_METADATA_DISABLED",
                            "NO_GCE_CHECK",
                            "METADATA_SERVER_DETECTION",
                            "CLOUDSDK_CORE_CHECK_GCE_METADATA",
                            "ALIBABA_CLOUD_ECS_METADATA_DISABLED",
                            "AWS_CONFIG_FILE",
                            "AWS_SHARED_CREDENTIALS_FILE",
                            "AWS_LOGIN_CACHE_DIRECTORY",
                            "BOTO_CONFIG",
                            "AZURE_CONFIG_DIR",
                            "AZD_CONFIG_DIR",
                            "CLOUDSDK_CONFIG",
                            "KUBECONFIG");
        }
        assertThatThrownBy(() -> builder.inherit("AWS_PROFILE")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.inherit("HOME")).isInstanceOf(IllegalArgumentException.class);
        // A workspace may bring one of its own.
        assertThatThrownBy(() -> builder.inherit("GITHUB_TOKEN")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void build_absentDirectory_isRefused() {
        DynamicCredentials.Builder builder = DynamicCredentials.builder(ISSUER).directory(parent.resolve("absent"));

        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("absent");
        assertThatThrownBy(() -> builder.inherit("A=B"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"A=B\"");
    }

    @Test
    void provider_samePlatformTwice_isRefused() {
        assertThatThrownBy(
                        () -> DynamicCredentials.builder(ISSUER).provider(one).provider(one))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ONE");
    }

    private RunLease open(Map<String, String> more) {
        Map<String, String> variables = new HashMap<>(more);
        for (Platform platform : List.of(one, two, three)) {
            variables.put("TFC_" + platform.platform() + "_PROVIDER_AUTH", "true");
        }
        return DynamicCredentials.builder(ISSUER)
                .provider(one)
                .provider(two)
                .provider(three)
                .directory(parent)
                .refresher(Refresher.builder()
                        .executors(time, time)
                        .clocks(time.clock(), time::nanoTime)
                        .build())
                .build()
                .open(run, variables);
    }

    private static CredentialExchangeException failure(String platform) {
        return CredentialExchangeException.builder(platform, Kind.REFUSED, platform + " refused", "Check it")
                .code("Code-" + platform)
                .build();
    }

    private record Token(Secret secret, Instant expiresAt, Supplier<String> holder) implements Credentials {
        @Override
        public List<Secret> secrets() {
            return List.of(secret);
        }

        @Override
        public String principal() {
            return holder.get();
        }
    }

    /** A platform that writes down what it is asked and fails on command. */
    private static final class Platform implements CredentialProvider, CredentialExchanger<Token> {
        private final String name;
        private final List<String> log;
        private Revocation revocation = new Revocation.Revoked();
        private @Nullable RuntimeException exchangeFailure;
        private @Nullable RuntimeException renderFailure;
        private @Nullable RuntimeException revokeFailure;
        private Runnable onRevoke = () -> {};
        private Supplier<String> principal = () -> "holder";

        Platform(String name, List<String> log) {
            this.name = name;
            this.log = log;
        }

        @Override
        public String platform() {
            return name;
        }

        @Override
        public String audience() {
            return name + ".audience";
        }

        @Override
        public VariableFamily family() {
            return VariableFamily.builder(name)
                    .input("tfc_" + name.toLowerCase(Locale.ROOT), "token_file")
                    .build();
        }

        @Override
        public ConfiguredPlatform<Token> configure(PlatformSettings settings, Workload workload) {
            return new ConfiguredPlatform<>(workload, this, (credentials, token, environment) -> {
                if (renderFailure != null) {
                    throw renderFailure;
                }
                environment.secretVariable(name + "_TOKEN", credentials.secret());
                environment.input(
                        "token_file",
                        environment
                                .file(name.toLowerCase(Locale.ROOT), token.compact())
                                .toString());
            });
        }

        @Override
        public Token exchange(IdentityToken token) {
            if (exchangeFailure != null) {
                throw exchangeFailure;
            }
            log.add(name + " exchanged");
            return new Token(Secret.of("secret-" + name), END, () -> principal.get());
        }

        @Override
        public Revocation revoke(Token credentials) {
            onRevoke.run();
            if (revokeFailure != null) {
                throw revokeFailure;
            }
            log.add(name + " revoked");
            return revocation;
        }
    }
}
