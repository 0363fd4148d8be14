package io.dynamiccredentials.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.run.CloseReport.Item;
import io.dynamiccredentials.run.CloseReport.Outcome;
import io.dynamiccredentials.run.CloseReport.Thing;
import io.dynamiccredentials.token.IdentityToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TeardownTest {
    private static final Instant END = Instant.parse("2026-03-01T13:00:00Z");
    private static final IdentityToken TOKEN = new IdentityToken(
            Secret.of("e.e.e"), "https://ci.example", "sub", "one", "jti-1", END.minusSeconds(600), END);

    @TempDir
    Path parent;

    @Test
    void run_orderedRevocation_isReportedAsSuchWithItsLatestEnd() {
        CloseReport report = teardown(new Revocation.Ordered(END.plusSeconds(7)));

        assertThat(report.items())
                .filteredOn(item -> item.thing() == Thing.CREDENTIALS)
                .singleElement()
                .satisfies(item -> {
                    assertThat(item.outcome()).isEqualTo(Outcome.ORDERED);
                    assertThat(item.until()).contains(END.plusSeconds(7));
                    assertThat(item.reason()).isEmpty();
                });
    }

    @Test
    void message_orderedRevocation_tellsThatItMayLive() {
        CloseReport report = teardown(new Revocation.Ordered(END.plusSeconds(7)));

        assertThat(new LeaseNotOpenedException(report))
                .hasMessageContaining("ONE credentials of holder, until " + END.plusSeconds(7));
    }

    @Test
    void run_everyRevocation_hasAnOutcomeOfItsOwn() {
        List<Revocation> all =
                List.of(new Revocation.Revoked(), new Revocation.LivesUntil(END), new Revocation.Ordered(END));

        assertThat(all)
                .extracting(revocation -> teardown(revocation).items().get(1))
                .extracting(Item::outcome)
                .doesNotHaveDuplicates();
        assertThat(all).hasSameSizeAs(Revocation.class.getPermittedSubclasses());
    }

    @Test
    void run_processThatEndedLongAgo_doesNotEndTheChildrenOfWhoeverHasItsNumber() throws Exception {
        Process stranger = new ProcessBuilder("sleep", "60").start();
        try {
            CloseReport report = new Teardown(new LeaseEvents("run-1", event -> {}, Clock.systemUTC()))
                    .run(List.of(new EndedProcess(stranger)), List.of(), () -> {}, RunDirectory.create(parent));

            assertThat(report.items()).extracting(Item::outcome).contains(Outcome.ENDED_BEFORE);
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    /** A process that has ended, and whose number somebody with a child has. */
    private static final class EndedProcess extends Process {
        private final Process child;

        EndedProcess(Process child) {
            this.child = child;
        }

        @Override
        public Stream<ProcessHandle> descendants() {
            return Stream.of(child.toHandle());
        }

        @Override
        public ProcessHandle toHandle() {
            return child.toHandle();
        }

        @Override
        public boolean isAlive() {
            return false;
        }

        @Override
        public long pid() {
            return 4711;
        }

        @Override
        public boolean waitFor(long timeout, TimeUnit unit) {
            return true;
        }

        @Override
        public int waitFor() {
            return 0;
        }

        @Override
        public int exitValue() {
            return 0;
        }

        @Override
        public void destroy() {}

        @Override
        public OutputStream getOutputStream() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public InputStream getInputStream() {
            return InputStream.nullInputStream();
        }

        @Override
        public InputStream getErrorStream() {
            return InputStream.nullInputStream();
        }
    }

    @Test
    void run_deletionHangs_saysSoAndRevokesAllTheSame() throws Exception {
        RunDirectory directory = RunDirectory.create(parent);
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> writeUntil(over, writing, directory));
        writing.await();

        CloseReport report = teardown(new Revocation.Revoked(), directory, Duration.ofMillis(20));

        assertThat(report.items())
                .extracting(Item::thing, Item::outcome)
                .startsWith(tuple(Thing.FILES, Outcome.FAILED), tuple(Thing.CREDENTIALS, Outcome.REVOKED));
        over.countDown();
        writer.join();
        while (Files.exists(directory.path())) {
            Thread.onSpinWait();
        }
    }

    private void writeUntil(CountDownLatch over, CountDownLatch writing, RunDirectory directory) {
        try {
            directory.writeOutside(parent.resolve("inputs.json"), Secret.of("{}"), key -> {
                writing.countDown();
                await(over);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private CloseReport teardown(Revocation revocation) {
        return teardown(revocation, RunDirectory.create(parent), LimitedStep.LIMIT);
    }

    private static CloseReport teardown(Revocation revocation, RunDirectory directory, Duration fileLimit) {
        Platform platform = new Platform(revocation);
        HeldCredentials<Held> held = new HeldCredentials<>("ONE", platform, new Held());
        return new Teardown(new LeaseEvents("run-1", event -> {}, Clock.systemUTC()), fileLimit)
                .run(List.of(), List.of(Holding.of("ONE", TOKEN).with(held)), () -> {}, directory);
    }

    private record Held() implements Credentials {
        @Override
        public List<Secret> secrets() {
            return List.of();
        }

        @Override
        public Instant expiresAt() {
            return END;
        }

        @Override
        public String principal() {
            return "holder";
        }
    }

    private record Platform(Revocation revocation) implements CredentialExchanger<Held> {
        @Override
        public String platform() {
            return "ONE";
        }

        @Override
        public String audience() {
            return "one";
        }

        @Override
        public Held exchange(IdentityToken token) {
            return new Held();
        }

        @Override
        public Revocation revoke(Held credentials) {
            return revocation;
        }
    }
}
