package io.dynamiccredentials.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.run.LeaseEvent.Kind;
import io.dynamiccredentials.token.IdentityToken;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LeaseListenersTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtYXJrZXIifQ.c2lnbmF0dXJl";
    private static final IdentityToken TOKEN =
            new IdentityToken(Secret.of(JWT), "https://ci.example", "sub", "aud", "token-1", NOW, NOW.plusSeconds(600));

    private final RecordingLogger log = new RecordingLogger();

    private static LeaseEvent whole(Kind kind) {
        return LeaseEvent.of(kind, NOW, "run-1")
                .about("AWS (PROD)")
                .with(TOKEN)
                .answering(Optional.of("req-7"))
                .heldBy("arn:aws:sts::123456789012:assumed-role/deploy/run-1")
                .saying("all \"well\"");
    }

    @Test
    void event_withers_setOneEach() {
        LeaseEvent event = whole(Kind.EXCHANGED);

        assertThat(event)
                .isEqualTo(new LeaseEvent(
                        Kind.EXCHANGED,
                        NOW,
                        "run-1",
                        Optional.of("AWS (PROD)"),
                        Optional.of("token-1"),
                        Optional.of(TOKEN.compact().fingerprint()),
                        Optional.of("req-7"),
                        Optional.of("arn:aws:sts::123456789012:assumed-role/deploy/run-1"),
                        Optional.of("all \"well\"")));
        assertThat(event.toString()).doesNotContain(JWT);
    }

    @Test
    void event_tokenInPlaceOfItsFingerprint_isRefusedAndNotRepeated() {
        Optional<String> none = Optional.empty();

        assertThatThrownBy(
                        () -> new LeaseEvent(Kind.ISSUED, NOW, "run-1", none, none, Optional.of(JWT), none, none, none))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("8 hexadecimal digits")
                .hasMessageNotContaining(JWT);
    }

    @Test
    void slf4j_wholeEvent_isOneLine() {
        Slf4jLeaseListener.of(log).on(whole(Kind.EXCHANGED));

        assertThat(log.lines())
                .containsExactly(
                        "INFO lease event=EXCHANGED at=2026-03-01T12:00:00Z run=\"run-1\" configuration=\"AWS (PROD)\""
                                + " token_id=\"token-1\" token_fingerprint=\""
                                + TOKEN.compact().fingerprint() + "\" request_id=\"req-7\""
                                + " principal=\"arn:aws:sts::123456789012:assumed-role/deploy/run-1\""
                                + " detail=\"all \\\"well\\\"\"");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void slf4j_refusal_isAWarningAndAllElseInformation(Kind kind) {
        Slf4jLeaseListener.of(log).on(LeaseEvent.of(kind, NOW, "run-1"));

        assertThat(log.lines())
                .containsExactly((kind == Kind.REFUSED ? "WARN" : "INFO") + " lease event=" + kind
                        + " at=2026-03-01T12:00:00Z run=\"run-1\"");
    }

    @Test
    void slf4j_hostileText_staysOneLineWithoutTokens() {
        LeaseEvent event = LeaseEvent.of(Kind.REFUSED, NOW, "run-1\nlease event=REVOKED")
                .heldBy("\u001b[2J\" run=\"other")
                .saying("{} " + JWT + "x".repeat(1000));

        Slf4jLeaseListener.of(log).on(event);

        assertThat(log.lines())
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .contains(
                                "run=\"run-1 lease event=REVOKED\"",
                                "principal=\"\\u001b[2J\\\" run=\\\"other\"",
                                "{} [redacted")
                        .doesNotContain("\n", JWT)
                        .hasSizeLessThan(500));
    }

    @Test
    void jfr_event_isRecordedWhole(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("lease.jfr");
        JfrLeaseListener listener = JfrLeaseListener.create();
        listener.on(LeaseEvent.of(Kind.ISSUED, NOW, "before"));
        try (Recording recording = new Recording()) {
            recording.enable(JfrLeaseListener.EVENT);
            recording.start();
            listener.on(whole(Kind.EXCHANGED));
            listener.on(LeaseEvent.of(Kind.REFUSED, NOW, "run-2").saying("a\n" + JWT));
            recording.stop();
            recording.dump(file);
        }

        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(JfrLeaseListener.EVENT))
                .toList();
        assertThat(events).hasSize(2);
        RecordedEvent event = events.get(0);
        assertThat(event.getEventType().getLabel()).isEqualTo("Lease Event");
        assertThat(event.getEventType().getCategoryNames()).containsExactly("Dynamic Credentials");
        assertThat(event.getString("kind")).isEqualTo("EXCHANGED");
        assertThat(event.getString("happenedAt")).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(event.getString("run")).isEqualTo("run-1");
        assertThat(event.getString("configuration")).isEqualTo("AWS (PROD)");
        assertThat(event.getString("tokenId")).isEqualTo("token-1");
        assertThat(event.getString("tokenFingerprint"))
                .isEqualTo(TOKEN.compact().fingerprint());
        assertThat(event.getString("requestId")).isEqualTo("req-7");
        assertThat(event.getString("principal")).isEqualTo("arn:aws:sts::123456789012:assumed-role/deploy/run-1");
        assertThat(event.getString("detail")).isEqualTo("all \\\"well\\\"");
        assertThat(events.get(1).getString("detail")).isEqualTo("a [redacted]");
        assertThat(events.get(1).getString("principal")).isEmpty();
    }

    @Test
    void listeners_oneThrows_theOthersHearAndItIsLogged() {
        List<String> heard = new ArrayList<>();
        LeaseListener failing = event -> {
            throw new IllegalStateException("broken");
        };
        LeaseListener incomplete = event -> {
            throw new NoClassDefFoundError("metrics");
        };
        LeaseListeners listeners = new LeaseListeners(
                List.of(event -> heard.add("first"), failing, incomplete, event -> heard.add("last")), log);

        listeners.on(LeaseEvent.of(Kind.REVOKED, NOW, "run-1\nx"));

        assertThat(heard).containsExactly("first", "last");
        assertThat(log.lines())
                .hasSize(2)
                .allSatisfy(line ->
                        assertThat(line).startsWith("WARN The listener ").contains("event REVOKED of run \"run-1 x\""));
        assertThat(log.lines().get(0)).endsWith("java.lang.IllegalStateException: broken");
    }
}
