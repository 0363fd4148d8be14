package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What an issuer costs while nobody uses it. */
@Isolated("measures the heap and the threads of the JVM")
@Tag("slow")
class ManyIssuersTest {
    private static final int ISSUERS = 10_000;
    private static final PublicJwk KEY =
            SigningKey.generate(SigningAlgorithm.ES256).publicJwk();

    @Test
    void of_tenThousandIssuers_haveNoThreadAndFewBytes() {
        List<IssuerUrl> issuers = new ArrayList<>();
        for (int i = 0; i < ISSUERS; i++) {
            issuers.add(IssuerUrl.of("https://issuer-" + i + ".example"));
        }
        try (RemoteJwkSets sets = RemoteJwkSets.builder().build()) {
            Set<Thread> before = threads();
            long usedBefore = usedBytes();
            issuers.forEach(sets::of);
            long bytes = (usedBytes() - usedBefore) / ISSUERS;

            System.out.printf("Issuers: %d, %d bytes and no thread for each%n", ISSUERS, bytes);
            assertThat(bytes).as("bytes for each").isBetween(1L, 4096L);
            assertThat(left(before)).as("new threads").isEmpty();
            assertThat(sets.health()).hasSize(ISSUERS);
        }
    }

    @Test
    void close_afterBackgroundRenewal_leavesNoThread() throws Exception {
        Set<Thread> before = threads();
        ManualClock clock = new ManualClock();
        try (ScriptedServer server = server()) {
            RemoteJwkSets sets = RemoteJwkSets.builder()
                    .clock(clock)
                    .nanoTime(() -> clock.elapsed().toNanos())
                    .build();
            List<RemoteJwkSet> used = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                used.add(sets.of(IssuerUrl.loopback(server.address() + "/" + i)));
            }
            used.forEach(set -> assertThat(set.find(KEY.keyId())).isPresent());
            clock.pass(Duration.ofSeconds(280));
            used.forEach(set -> assertThat(set.find(KEY.keyId())).isPresent());
            assertThat(named(before, "jwk-sets-renew-"))
                    .as("threads that renew")
                    .hasSizeBetween(1, 2);

            sets.close();
        }
        for (Thread thread : left(before)) {
            // On Java 17 the client's own thread ends once it is collected.
            for (int i = 0; i < 100 && thread.isAlive(); i++) {
                System.gc();
                thread.join(100);
            }
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    private static ScriptedServer server() {
        String keys = new JwkSet(List.of(KEY)).toJson();
        AtomicReference<String> address = new AtomicReference<>("");
        ScriptedServer server = ScriptedServer.http(request -> {
            String issuer = address.get() + request.path().replaceFirst("/\\.well-known.*|/jwks$", "");
            return request.path().endsWith("/jwks")
                    ? Answer.json(200, keys)
                    : KeyServer.document(issuer, issuer + "/jwks");
        });
        address.set(server.address().toString());
        return server;
    }

    private static List<Thread> named(Set<Thread> before, String prefix) {
        return left(before).stream()
                .filter(thread -> thread.getName().startsWith(prefix))
                .toList();
    }

    private static Set<Thread> left(Set<Thread> before) {
        Set<Thread> left = threads();
        left.removeAll(before);
        return left;
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("jwk-sets-")
                        || thread.getName().startsWith("HttpClient-"))
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static long usedBytes() {
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            used = Math.min(
                    used,
                    Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return used;
    }
}
