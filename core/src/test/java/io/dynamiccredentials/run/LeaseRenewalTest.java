package io.dynamiccredentials.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.environment.LoopbackAnswer;
import io.dynamiccredentials.environment.LoopbackEndpoint;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.HandleRevoker;
import io.dynamiccredentials.exchange.Refresher;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.exchange.RevocationHandle;
import io.dynamiccredentials.exchange.TokenHandover;
import io.dynamiccredentials.fixtures.SimulatedTime;
import io.dynamiccredentials.handover.KubernetesProvider;
import io.dynamiccredentials.journal.FileLeaseJournal;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import io.dynamiccredentials.workload.Workload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run has is renewed while its lease is open, told to whom it concerns before, and ended with it. */
class LeaseRenewalTest {
    private static final Duration TOKEN_LIFE = Duration.ofMinutes(10);
    private static final Duration SESSION_LIFE = Duration.ofMinutes(30);
    private static final Map<String, String> ON = Map.of("TFC_ACME_PROVIDER_AUTH", "true");

    @TempDir
    Path parent;

    @TempDir
    Path journals;

    private final SimulatedTime time = new SimulatedTime();
    private final AcmeProvider acme = new AcmeProvider();
    private final List<LeaseEvent> events = new CopyOnWriteArrayList<>();
    private final List<Set<Secret>> masked = new ArrayList<>();
    private int issued;

    @Test
    void renewal_ofTheToken_replacesItsFileAndBuysNothing() throws IOException {
        acme.handsOnToken = true;
        try (RunLease lease = door().open(run(), ON)) {
            Path file = file(lease, "token");
            for (int minute = 0; minute < 50; minute++) {
                time.pass(Duration.ofMinutes(1));
                assertThat(end(Files.readString(file)))
                        .isAfter(time.clock().instant().plusSeconds(4 * 60));
            }
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(acme.sessions).isEqualTo(1);
            assertThat(issued).isBetween(9, 13);
        }
    }

    @Test
    void renewal_ofTheToken_isToldWithoutTheFirstExchange() {
        acme.handsOnToken = true;
        RunLease lease = door().open(run(), ON);
        time.pass(Duration.ofMinutes(12));
        lease.close();

        assertThat(events)
                .filteredOn(event -> event.kind() == LeaseEvent.Kind.REFRESHED)
                .isNotEmpty()
                .allSatisfy(event -> {
                    assertThat(event.tokenId()).isPresent();
                    assertThat(event.principal()).isEmpty();
                    assertThat(event.requestId()).isEmpty();
                });
    }

    @Test
    void renewal_ofTheToken_ofACluster_replacesItAtHalfOfItsLife() {
        DynamicCredentials door =
                builder().provider(KubernetesProvider.create()).build();
        Map<String, String> variables = Map.of(
                "TFC_KUBERNETES_PROVIDER_AUTH", "true", "TFC_KUBERNETES_WORKLOAD_IDENTITY_AUDIENCE", "kubernetes");
        try (RunLease lease = door.open(run(), variables)) {
            assertTokenAlwaysFresh(lease, "KUBE_TOKEN");
        }
    }

    @Test
    void renewal_ofTheToken_rendererUsesItAsCredentials_replacesIt() {
        DynamicCredentials door = builder().provider(new HandingOnProvider()).build();
        try (RunLease lease = door.open(run(), Map.of("TFC_HANDED_PROVIDER_AUTH", "true"))) {
            assertTokenAlwaysFresh(lease, "HANDED_TOKEN");
        }
    }

    private void assertTokenAlwaysFresh(RunLease lease, String variable) {
        for (int minute = 0; minute < 50; minute++) {
            time.pass(Duration.ofMinutes(1));
            Secret token =
                    Objects.requireNonNull(lease.environment().variables().get(variable));
            assertThat(end(token.reveal())).isAfter(time.clock().instant().plusSeconds(4 * 60));
        }
    }

    @Test
    void renewal_ofCredentials_replacesTheirFileAndWhatLaterProcessesGet() throws IOException {
        try (RunLease lease = door().open(run(), ON)) {
            Map<String, Secret> before = lease.environment().variables();
            time.pass(Duration.ofMinutes(26));

            assertThat(file(lease, "session")).hasContent("session-2-secret");
            assertThat(lease.environment().variables()).containsEntry("ACME_SESSION", Secret.of("session-2-secret"));
            assertThat(before).containsEntry("ACME_SESSION", Secret.of("session-1-secret"));
        }
        assertThat(acme.revoked).containsExactly("session-2", "session-1");
    }

    @Test
    void renewal_ofCredentials_isWhatTheEndpointServesUntilTheLeaseIsClosed() throws IOException {
        LoopbackEndpoint endpoint;
        try (RunLease lease = door().open(run(), ON)) {
            endpoint = acme.lastEndpoint();
            assertThat(get(endpoint)).isEqualTo("session-1-secret");
            time.pass(Duration.ofMinutes(26));
            assertThat(get(endpoint)).isEqualTo("session-2-secret");
            assertThat(lease.toString()).doesNotContain(endpoint.bearer().reveal());
        }
        assertThatThrownBy(() -> get(endpoint)).isInstanceOf(IOException.class);
        assertThat(kinds()).contains(LeaseEvent.Kind.SERVED);
    }

    @Test
    void renewal_platformIsDownForGood_theOldOnesStayAndTheLeaseStillEnds() {
        RunLease lease = door().open(run(), ON);
        acme.failure = CredentialExchangeException.builder("Acme", Kind.UNREACHABLE, "Acme is down", "Wait")
                .build();
        time.pass(Duration.ofMinutes(60));

        assertThat(file(lease, "session")).hasContent("session-1-secret");
        lease.close();
        assertThat(acme.revoked).containsExactly("session-1");
        assertThat(kinds()).contains(LeaseEvent.Kind.REFUSED);
        assertThat(time.waiting()).isZero();
    }

    @Test
    void renewal_sinkRefuses_theRunGetsNothingOfIt() {
        List<RunLease> leases = new ArrayList<>();
        DynamicCredentials door = builder()
                .secretSink((runId, forms) -> {
                    if (!leases.isEmpty()) {
                        throw new IllegalStateException("no mask");
                    }
                })
                .build();
        leases.add(door.open(run(), ON));
        time.pass(Duration.ofMinutes(26));

        assertThat(file(leases.get(0), "session")).hasContent("session-1-secret");
        leases.get(0).close();
    }

    @Test
    void open_sinkRefuses_failsAndNothingIsLeft() {
        DynamicCredentials door = builder()
                .secretSink((runId, forms) -> {
                    throw new IllegalStateException("no mask");
                })
                .build();

        assertThatThrownBy(() -> door.open(run(), ON)).hasMessage("no mask");
        assertThat(acme.sessions).isZero();
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void open_eachSecret_isMaskedBeforeItIsRendered() {
        try (RunLease lease = door().open(run(), ON)) {
            List<Secret> all = masked.stream().flatMap(Set::stream).toList();
            assertThat(all)
                    .contains(Secret.of("session-1-secret"), acme.lastEndpoint().bearer())
                    .anyMatch(secret -> secret.reveal().startsWith("token-1."));
            assertThat(acme.maskedAtRendering).isGreaterThan(0);
            assertThat(lease.environment().files()).hasSize(2);
        }
    }

    @Test
    void mask_streamOpenedBefore_masksWhatIsRenewed() throws IOException {
        try (RunLease lease = door().open(run(), ON)) {
            ByteArrayOutputStream log = new ByteArrayOutputStream();
            try (OutputStream masking = lease.mask(log)) {
                masking.write("a session-1-secret b ".getBytes(StandardCharsets.UTF_8));
                time.pass(Duration.ofMinutes(26));
                masking.write("c session-2-secret d".getBytes(StandardCharsets.UTF_8));
            }
            assertThat(log).hasToString("a *** b c *** d");
        }
    }

    @Test
    void events_ofALease_tellWhatHappenedInOrder() {
        door().open(run(), ON).close();

        assertThat(kinds()).containsExactly(LeaseEvent.Kind.ISSUED, LeaseEvent.Kind.EXCHANGED, LeaseEvent.Kind.REVOKED);
        assertThat(events).allSatisfy(event -> {
            assertThat(event.runId()).isEqualTo("run-1");
            assertThat(event.configuration()).contains("Acme");
            assertThat(event.toString()).doesNotContain("secret");
        });
        assertThat(events.get(1).tokenId()).contains("token-1");
        assertThat(events.get(1).principal()).contains("holder of session-1");
    }

    @Test
    void sweep_hostThatDied_itsFilesAreDeletedAndTheReportTellsTheRest() throws IOException {
        FileLeaseJournal dying = FileLeaseJournal.open(journals);
        RunLease lost = builder().journal(dying).build().open(run(), ON);
        assertThat(file(lost, "session")).exists();
        // As if the process died: its journal lets go of the lock, and nobody closes the lease.
        dying.close();

        try (FileLeaseJournal next = FileLeaseJournal.open(journals)) {
            DynamicCredentials door = builder().journal(next).build();
            SweeperReport report = door.sweep();

            assertThat(parent).isEmptyDirectory();
            assertThat(report.leases()).singleElement().satisfies(swept -> {
                assertThat(swept.lease().runId()).isEqualTo("run-1");
                // Nobody here can end sessions of Acme, so the next sweep tries again.
                assertThat(swept.settled()).isFalse();
                assertThat(swept.report().items())
                        .extracting(CloseReport.Item::outcome)
                        .contains(
                                CloseReport.Outcome.DELETED,
                                CloseReport.Outcome.FAILED,
                                CloseReport.Outcome.LIVES_UNTIL);
            });
            acme.revokes = true;
            assertThat(builder().journal(next).sweepAs(run()).build().sweep().leases())
                    .singleElement()
                    .satisfies(swept -> assertThat(swept.settled()).isTrue());
            assertThat(acme.revoked).containsExactly("session-1");
            assertThat(door.sweep().leases()).isEmpty();
        }
        // Its threads and port would have died with the process.
        assertThatThrownBy(lost::close).hasMessageContaining("is not there any more");
    }

    @Test
    void sweep_tokenThatWasHandedOn_boughtNothingThatNobodyKnowsOf() throws IOException {
        acme.handsOnToken = true;
        FileLeaseJournal dying = FileLeaseJournal.open(journals);
        RunLease lost = builder().journal(dying).build().open(run(), ON);
        time.pass(Duration.ofMinutes(26));
        dying.close();

        try (FileLeaseJournal next = FileLeaseJournal.open(journals)) {
            assertThat(builder().journal(next).build().sweep().leases())
                    .singleElement()
                    .satisfies(swept -> assertThat(swept.report().items())
                            .filteredOn(item -> item.thing() == CloseReport.Thing.CREDENTIALS)
                            .hasSizeGreaterThan(1)
                            .extracting(CloseReport.Item::outcome)
                            .doesNotContain(CloseReport.Outcome.UNKNOWN));
        }
        assertThatThrownBy(lost::close).hasMessageContaining("is not there any more");
    }

    @Test
    void sweep_doorWithoutAJournal_saysSo() {
        assertThatThrownBy(door()::sweep)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("DynamicCredentials.Builder.journal");
    }

    @Test
    void build_sweepAsWithoutAJournal_isRefused() {
        DynamicCredentials.Builder builder = builder().sweepAs(run());
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Set journal too");
    }

    @Test
    void build_sweepAsAndNobodyWhoRevokes_isRefused() {
        try (FileLeaseJournal journal = FileLeaseJournal.open(journals)) {
            DynamicCredentials.Builder builder = builder().journal(journal).sweepAs(run());
            assertThatThrownBy(builder::build)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("VaultProvider.Builder.sweeperRole");
        }
    }

    @Test
    void toString_ofWhatASweepFound_isALineOfEachThing() {
        FileLeaseJournal dying = FileLeaseJournal.open(journals);
        RunLease lost = builder().journal(dying).build().open(run(), ON);
        dying.close();

        try (FileLeaseJournal next = FileLeaseJournal.open(journals)) {
            assertThat(builder().journal(next).build().sweep().leases())
                    .singleElement()
                    .satisfies(swept -> assertThat(swept.toString().lines().toList())
                            .satisfiesExactly(
                                    line -> assertThat(line)
                                            .matches("Lease \\w{32} of run run-1, opened at \\S+: a later sweep.*"),
                                    line -> assertThat(line).matches("  files in \\S+: deleted"),
                                    line -> assertThat(line).matches("  .+ of holder.+: failed, until \\S+, .+"),
                                    line -> assertThat(line)
                                            .matches("  identity token token-1 for .+: lives until \\S+")));
        }
        assertThatThrownBy(lost::close).hasMessageContaining("is not there any more");
    }

    @Test
    void build_journalAndARevokerButNobodyToSweepAs_isRefused() {
        acme.revokes = true;
        try (FileLeaseJournal journal = FileLeaseJournal.open(journals)) {
            DynamicCredentials.Builder builder = builder().journal(journal);
            assertThatThrownBy(builder::build)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Set sweepAs too");
        }
    }

    @Test
    void close_lease_leavesNothingForTheSweeper() throws IOException {
        FileLeaseJournal journal = FileLeaseJournal.open(journals);
        builder().journal(journal).build().open(run(), ON).close();
        journal.close();

        try (FileLeaseJournal next = FileLeaseJournal.open(journals)) {
            assertThat(builder().journal(next).build().sweep().leases()).isEmpty();
        }
    }

    private DynamicCredentials door() {
        return builder().build();
    }

    private DynamicCredentials.Builder builder() {
        TokenIssuer issuer = (workload, audience) -> token(audience);
        return DynamicCredentials.builder(issuer)
                .provider(acme)
                .directory(parent)
                .listener(events::add)
                .secretSink((runId, forms) -> masked.add(forms))
                .refresher(Refresher.builder()
                        .executors(time, time)
                        .clocks(time.clock(), time::nanoTime)
                        .build());
    }

    private IdentityToken token(String audience) {
        String id = "token-" + ++issued;
        Instant end = time.clock().instant().plus(TOKEN_LIFE);
        return new IdentityToken(
                Secret.of(id + "." + end.toEpochMilli() + ".e"),
                "https://ci.example",
                "sub",
                audience,
                id,
                time.clock().instant(),
                end);
    }

    private static Instant end(String token) {
        return Instant.ofEpochMilli(Long.parseLong(token.split("[.]", -1)[1]));
    }

    private List<LeaseEvent.Kind> kinds() {
        return events.stream().map(LeaseEvent::kind).toList();
    }

    private static TerraformRun run() {
        return TerraformRun.builder("acme", "shop", "prod", "run-1")
                .phase(Phase.PLAN)
                .build();
    }

    private static Path file(RunLease lease, String name) {
        return lease.environment().files().stream()
                .filter(file -> file.endsWith(name))
                .findFirst()
                .orElseThrow();
    }

    private static String get(LoopbackEndpoint endpoint) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) endpoint.url().toURL().openConnection(Proxy.NO_PROXY);
        connection.setRequestProperty(
                "Authorization", "Bearer " + endpoint.bearer().reveal());
        return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private record Session(String name, Instant expiresAt) implements Credentials {
        @Override
        public String principal() {
            return "holder of " + name;
        }

        @Override
        public List<Secret> secrets() {
            return List.of(Secret.of(name + "-secret"));
        }
    }

    /** A platform whose sessions live half an hour and can't be prolonged. */
    private final class AcmeProvider implements CredentialProvider, CredentialExchanger<Session> {
        private final List<String> revoked = new ArrayList<>();
        private boolean handsOnToken;
        private boolean revokes;
        private int sessions;
        private int maskedAtRendering;
        private @Nullable CredentialExchangeException failure;
        private @Nullable LoopbackEndpoint endpoint;

        LoopbackEndpoint lastEndpoint() {
            return Objects.requireNonNull(endpoint);
        }

        @Override
        public VariableFamily family() {
            return VariableFamily.builder("ACME").build();
        }

        @Override
        public ConfiguredPlatform<?> configure(PlatformSettings settings, Workload workload) {
            ConfiguredPlatform<Session> platform =
                    new ConfiguredPlatform<>(workload, this, (session, token, environment) -> {
                        maskedAtRendering = masked.size();
                        Secret secret = session.secrets().get(0);
                        environment.file("token", token.compact());
                        environment.file("session", secret);
                        environment.secretVariable("ACME_SESSION", secret);
                        endpoint = environment.endpoint("session", LoopbackAnswer.json(secret, Instant.MAX));
                    });
            return handsOnToken ? platform.handingOnToken() : platform;
        }

        @Override
        public Optional<HandleRevoker> revoker() {
            return revokes ? Optional.of(new AcmeRevoker()) : Optional.empty();
        }

        @Override
        public String platform() {
            return "Acme";
        }

        @Override
        public String audience() {
            return "acme";
        }

        @Override
        public Session exchange(IdentityToken token) {
            if (failure != null) {
                throw failure;
            }
            return new Session("session-" + ++sessions, time.clock().instant().plus(SESSION_LIFE));
        }

        @Override
        public Optional<RevocationHandle> handle(Session session) {
            return Optional.of(new RevocationHandle("Acme", Map.of("name", session.name())));
        }

        @Override
        public Revocation revoke(Session session) {
            revoked.add(session.name());
            return new Revocation.Revoked();
        }
    }

    /** A platform of another module, which renders the token as the credentials that it is. */
    private static final class HandingOnProvider implements CredentialProvider {
        @Override
        public VariableFamily family() {
            return VariableFamily.builder("HANDED").build();
        }

        @Override
        public ConfiguredPlatform<?> configure(PlatformSettings settings, Workload workload) {
            return new ConfiguredPlatform<>(
                            workload,
                            new TokenHandover("Handed", "handed"),
                            (credentials, token, environment) -> environment.secretVariable(
                                    "HANDED_TOKEN", credentials.token().compact()))
                    .handingOnToken();
        }
    }

    /** Ends sessions of hosts that died. */
    private final class AcmeRevoker implements HandleRevoker {
        @Override
        public String platform() {
            return "Acme";
        }

        @Override
        public Revocation revoke(RevocationHandle handle, Instant expiresAt, Function<String, IdentityToken> tokens) {
            assertThat(tokens.apply("acme").audience()).isEqualTo("acme");
            acme.revoked.add(Objects.requireNonNull(handle.members().get("name")));
            return new Revocation.Revoked();
        }
    }
}
