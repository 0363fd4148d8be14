package io.dynamiccredentials.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Publishes into a directory that a web server shows, which a test may have show something else. */
class StaticPublisherTest {
    private static final String JWKS = "ci/.well-known/jwks";
    private static final String DOCUMENT = "ci/.well-known/openid-configuration";

    private final PublicJwk key = PublishedKeys.fresh(1)[0];
    private final PublishedKeys keys = PublishedKeys.of(key);
    private final ScriptedServer web = ScriptedServer.http(this::answer);
    private volatile UnaryOperator<Answer> tampering = UnaryOperator.identity();

    @TempDir
    Path root;

    @BeforeEach
    void addMoreToTheRoot() throws IOException {
        Files.writeString(root.resolve("index.html"), "hello");
    }

    @AfterEach
    void stop() {
        web.close();
    }

    @Test
    void publish_firstTime_writesTheKeysAndThenTheDocument() throws IOException {
        Publication publication = publisher().publish();

        assertThat(publication).isEqualTo(new Publication(List.of(JWKS, DOCUMENT), List.of()));
        assertThat(Files.readString(root.resolve(JWKS)))
                .isEqualTo(endpoint().answer("GET", "/" + JWKS).body());
        assertThat(Files.readString(root.resolve(DOCUMENT)))
                .isEqualTo(endpoint().answer("GET", "/" + DOCUMENT).body());
        assertThat(files()).containsExactly(JWKS, DOCUMENT, "index.html");
    }

    @Test
    void publish_secondTime_writesNothing() {
        StaticPublisher publisher = publisher();
        publisher.publish();

        assertThat(publisher.publish()).isEqualTo(new Publication(List.of(), List.of(JWKS, DOCUMENT)));
    }

    @Test
    void publish_anotherKey_writesOnlyTheKeys() {
        StaticPublisher publisher = publisher();
        publisher.publish();
        keys.publish(key, PublishedKeys.fresh(1)[0]);

        assertThat(publisher.publish()).isEqualTo(new Publication(List.of(JWKS), List.of(DOCUMENT)));
    }

    @Test
    void publish_ownTarget_getsWholeFiles() {
        List<SiteFile> files = new ArrayList<>();
        SiteTarget bucket = file -> {
            files.add(file);
            return SiteTarget.directory(root).put(file);
        };

        StaticPublisher.builder(endpoint(), bucket).build().publish();

        assertThat(files)
                .containsExactly(
                        new SiteFile(JWKS, keys.published().toJson(), "application/json", "public, max-age=300"),
                        new SiteFile(
                                DOCUMENT,
                                endpoint().answer("GET", "/" + DOCUMENT).body(),
                                "application/json",
                                "public, max-age=300"));
    }

    @Test
    void publish_keysCanNotBeStored_doesNotStoreTheDocument() {
        List<String> paths = new ArrayList<>();
        SiteTarget full = file -> {
            paths.add(file.path());
            throw new UncheckedIOException(new IOException("no space"));
        };

        assertThatThrownBy(StaticPublisher.builder(endpoint(), full).build()::publish)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("no space");
        assertThat(paths).containsExactly(JWKS);
        assertThat(web.requests()).isEmpty();
    }

    @Test
    void publish_readsBack_pastCaches() {
        publisher().publish();

        assertThat(web.requests()).extracting(ScriptedServer.Request::path).containsExactly("/" + JWKS, "/" + DOCUMENT);
        assertThat(web.requests())
                .allSatisfy(request -> assertThat(request.headers()).containsEntry("Cache-Control", "no-cache"));
    }

    @Test
    void publish_keysNotLoaded_writesNothing() throws IOException {
        DiscoveryEndpoint early = DiscoveryEndpoint.of(issuer(), PublishedKeys.notLoaded());

        assertThatThrownBy(() -> publisher(early).publish()).isInstanceOf(IllegalStateException.class);
        assertThat(files()).containsExactly("index.html");
    }

    @Test
    void publish_nineKeys_writesNothing() throws IOException {
        StaticPublisher publisher = publisher();
        keys.publish(PublishedKeys.fresh(9));

        assertThatThrownBy(publisher::publish)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it holds 9");
        assertThat(files()).containsExactly("index.html");
    }

    @Test
    void publish_foreignKeyShown_isAnAlarm() {
        PublicJwk foreign = PublishedKeys.fresh(1)[0];
        tamper("jwks", body -> new JwkSet(List.of(key, foreign)).toJson());

        SiteDiffersException alarm = catchThrowableOfType(SiteDiffersException.class, publisher()::publish);

        assertThat(alarm)
                .hasMessageContaining("\"" + web.address() + "/" + JWKS + "\" must be byte for byte")
                .hasMessageContaining("it shows keys that are not ours: " + foreign.keyId() + ".")
                .hasMessageNotContaining(key.keyId())
                .hasMessageContaining("somebody else writes there");
        assertThat(alarm.foreignKeyIds()).containsExactly(foreign.keyId());
        assertThat(alarm.address()).hasToString(web.address() + "/" + JWKS);
    }

    @Test
    void publish_foreignKeyUnderOurId_isAnAlarm() {
        String x = (String) PublishedKeys.fresh(1)[0].members().get("x");
        tamper("jwks", body -> body.replace((String) key.members().get("x"), x));

        SiteDiffersException alarm = catchThrowableOfType(SiteDiffersException.class, publisher()::publish);

        assertThat(alarm.foreignKeyIds()).containsExactly(key.keyId());
    }

    @Test
    void publish_olderKeysShown_saysWhatIsMissing() {
        PublicJwk older = PublishedKeys.fresh(1)[0];
        tamper("jwks", body -> new JwkSet(List.of(older)).toJson());

        assertThatThrownBy(publisher()::publish)
                .isInstanceOf(SiteDiffersException.class)
                .hasMessageContaining("not ours: " + older.keyId() + "; it lacks our keys: " + key.keyId())
                .hasMessageContaining("A cache may show an older state");
    }

    @Test
    void publish_manyForeignKeysWithHostileIds_areCutAndEscaped() {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 30; i++) {
            many.append("{\"kid\":\"k").append(i).append("\"},");
        }
        tamper("jwks", body -> "{\"keys\":[{\"kid\":\"a\\u001b[31m\"},{}," + many + "7]}");

        SiteDiffersException alarm = catchThrowableOfType(SiteDiffersException.class, publisher()::publish);

        assertThat(alarm)
                .hasMessageContaining("a\\u001b[31m, (without an id), k0, k1,")
                .hasMessageContaining("k7 and 22 more");
        assertThat(alarm.foreignKeyIds()).hasSize(32);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "[]", "{\"keys\":[],\"keys\":[]}", "\uFEFF{}"})
    void publish_keySetIsNoJsonObject_saysSo(String body) {
        tamper("jwks", ours -> body);

        assertThatThrownBy(publisher()::publish)
                .isInstanceOf(SiteDiffersException.class)
                .hasMessageContaining("what was published; it is ");
    }

    @Test
    void publish_sameKeysInOtherBytes_isADifference() {
        tamper("jwks", body -> body + "\n");

        assertThatThrownBy(publisher()::publish)
                .isInstanceOf(SiteDiffersException.class)
                .hasMessageContaining("it has the same keys in other bytes");
    }

    @Test
    void publish_documentPointsElsewhere_namesTheMember() {
        tamper("openid", body -> body.replace("/.well-known/jwks", "/elsewhere"));

        SiteDiffersException alarm = catchThrowableOfType(SiteDiffersException.class, publisher()::publish);

        assertThat(alarm)
                .hasMessageContaining("The discovery document at \"" + web.address() + "/" + DOCUMENT)
                .hasMessageContaining("these members are not ours: \"jwks_uri\".");
        assertThat(alarm.foreignKeyIds()).isEmpty();
    }

    @Test
    void publish_documentHasMore_namesTheMember() {
        tamper("openid", body -> body.replace("{", "{\"token_endpoint\":\"x\","));

        assertThatThrownBy(publisher()::publish).hasMessageContaining("not ours: \"token_endpoint\".");
    }

    @Test
    void publish_documentIsNoJson_saysSo() {
        tamper("openid", body -> "<html>");

        assertThatThrownBy(publisher()::publish)
                .isInstanceOf(SiteDiffersException.class)
                .hasMessageContaining("it is not a JSON object");
    }

    @Test
    void publish_sameDocumentInOtherBytes_isADifference() {
        tamper("openid", body -> body.replace("{", "{ "));

        assertThatThrownBy(publisher()::publish).hasMessageContaining("it says the same in other bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 302, 403, 404, 503})
    void publish_otherStatus_saysWhich(int status) {
        tampering = answer -> new Answer(status, answer.headers(), answer.body(), answer.manner());

        assertThatThrownBy(publisher()::publish)
                .isInstanceOf(SiteDiffersException.class)
                .hasMessageContaining("must be answered with HTTP 200; it was HTTP " + status)
                .hasMessageContaining("application/json");
    }

    @Test
    void publish_redirect_isNotFollowed() {
        tampering = answer -> Answer.redirect(301, web.address() + "/" + JWKS);

        assertThatThrownBy(publisher()::publish).hasMessageContaining("it was HTTP 301");
        assertThat(web.requests()).hasSize(1);
    }

    @Test
    void publish_nobodyAnswers_saysWhereAndWhat() {
        StaticPublisher publisher = publisher();
        web.close();

        assertThatThrownBy(publisher::publish)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("key set can't be fetched from \"" + web.address() + "/" + JWKS)
                .hasMessageContaining("Check that the address is public");
    }

    @Test
    void publish_bodyBeyondTheClientsBound_isRefused() {
        BoundedHttpClient small = BoundedHttpClient.builder().maxBodyBytes(16).build();
        StaticPublisher publisher = StaticPublisher.builder(endpoint(), SiteTarget.directory(root))
                .http(small)
                .build();

        assertThatThrownBy(publisher::publish)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("larger than 16 bytes");
    }

    @Test
    void publish_afterAFailure_succeeds() {
        StaticPublisher publisher = publisher();
        tamper("jwks", body -> "{}");
        assertThatThrownBy(publisher::publish).isInstanceOf(SiteDiffersException.class);

        tampering = UnaryOperator.identity();

        assertThat(publisher.publish().unchanged()).containsExactly(JWKS, DOCUMENT);
    }

    @Test
    void readBack_somebodyElseWroteLater_isAnAlarmAndWritesNothing() throws IOException {
        StaticPublisher publisher = publisher();
        publisher.publish();
        publisher.readBack();
        PublicJwk foreign = PublishedKeys.fresh(1)[0];
        String theirs = new JwkSet(List.of(key, foreign)).toJson();
        Files.writeString(root.resolve(JWKS), theirs);

        SiteDiffersException alarm = catchThrowableOfType(SiteDiffersException.class, publisher::readBack);

        assertThat(alarm.foreignKeyIds()).containsExactly(foreign.keyId());
        assertThat(Files.readString(root.resolve(JWKS))).isEqualTo(theirs);
    }

    @Test
    void readBack_interrupted_keepsTheInterrupt() {
        StaticPublisher publisher = publisher();
        publisher.publish();

        Thread.currentThread().interrupt();
        assertThatThrownBy(publisher::readBack)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("Interrupted");

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void publish_fromManyThreads_leavesWholeFiles() throws Exception {
        StaticPublisher publisher = publisher();
        Callable<Publication> change = () -> {
            keys.publish(key, PublishedKeys.fresh(1)[0]);
            return publisher.publish();
        };
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (Future<Publication> done :
                    threads.invokeAll(Stream.generate(() -> change).limit(40).toList())) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(Files.readString(root.resolve(JWKS)))
                .isEqualTo(keys.published().toJson());
        assertThat(files()).containsExactly(JWKS, DOCUMENT, "index.html");
    }

    private void tamper(String pathPart, UnaryOperator<String> change) {
        tampering = answer -> answer.headers().getOrDefault("X-Path", "").contains(pathPart)
                ? Answer.json(200, change.apply(answer.body()))
                : answer;
    }

    private Answer answer(ScriptedServer.Request request) {
        try {
            String content = Files.readString(root.resolve(request.path().substring(1)));
            return tampering.apply(Answer.json(200, content).header("X-Path", request.path()));
        } catch (IOException e) {
            return Answer.text(404, "");
        }
    }

    private IssuerUrl issuer() {
        return IssuerUrl.loopback(web.address() + "/ci");
    }

    private DiscoveryEndpoint endpoint() {
        return DiscoveryEndpoint.of(issuer(), keys);
    }

    private StaticPublisher publisher() {
        return publisher(endpoint());
    }

    private StaticPublisher publisher(DiscoveryEndpoint endpoint) {
        return StaticPublisher.builder(endpoint, SiteTarget.directory(root)).build();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }
}
