package io.dynamiccredentials.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What goes wrong around a node: clocks, signers, restored stores, other policies. */
class RotationNodeFailureTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final RotationPolicy POLICY =
            RotationPolicy.builder().period(Duration.ofDays(2)).build();

    private final ManualClock clock = new ManualClock();
    private final SharedRings store = new SharedRings();
    private final MoodyFactory factory = new MoodyFactory();

    @Test
    void rotateNow_clockIsNotTrusted_isRefused() {
        RotationNode good = opened(POLICY);
        ManualClock wrong = new ManualClock();
        wrong.leap(Duration.ofDays(365));
        RotationNode bad = node(POLICY, wrong, store);
        bad.open();
        String first = activeId(good);

        assertThatThrownBy(bad::rotateNow)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("This node's clock leapt, or differs");
        assertThat(store.latest().active().keyId()).isEqualTo(first);
    }

    @Test
    void rotateNow_nextKeyCanNotBeOpened_isRefusedAndTheOldKeySigns() {
        RotationNode node = opened(POLICY);
        run(node, POLICY.publishLead().plus(MINUTE));
        String first = activeId(node);
        RotationNode restarted = opened(POLICY);
        factory.refused.add(store.latest().next().orElseThrow().keyId());

        assertThatThrownBy(restarted::rotateNow)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the KMS refuses");
        assertThat(restarted.active(clock.instant()).key().publicJwk().keyId()).isEqualTo(first);
    }

    @Test
    void maintain_nextKeyCanNotBeOpened_keepsTheOldKeyAndSaysWhy() {
        opened(POLICY);
        factory.refused.add(store.latest().next().orElseThrow().keyId());
        RotationNode node = opened(POLICY);
        String first = activeId(node);

        run(node, POLICY.period().plus(MINUTE));

        assertThat(activeId(node)).isEqualTo(first);
        assertThat(node.health().problems()).anyMatch(problem -> problem.endsWith("can't be opened: the KMS refuses"));
    }

    @Test
    void revoke_nextKeyCanNotBeOpened_makesAnotherOneThatSigns() {
        opened(POLICY);
        String broken = store.latest().next().orElseThrow().keyId();
        factory.refused.add(broken);
        RotationNode node = opened(POLICY);

        KeyRevocation revocation = node.revoke(activeId(node));

        assertThat(revocation.activeKeyId()).isNotEqualTo(broken);
        assertThat(node.active(clock.instant()).key().publicJwk().keyId()).isEqualTo(revocation.activeKeyId());
        assertThat(node.published().find(broken)).isEmpty();
    }

    @Test
    void maintain_restartWithAShorterLifetime_keepsTheKeyOfLongTokens() {
        RotationPolicy longer = RotationPolicy.builder()
                .period(Duration.ofDays(2))
                .maxTokenLifetime(Duration.ofHours(24))
                .build();
        RotationNode before = opened(longer);
        run(before, longer.period().minus(MINUTE));
        ActiveKey last = before.active(clock.instant().plus(Duration.ofHours(24)));
        run(before, MINUTE.multipliedBy(2));

        RotationNode after = opened(POLICY);
        run(after, Duration.ofHours(24));

        assertThat(after.published().find(last.key().publicJwk().keyId())).isPresent();
    }

    @Test
    void maintain_clockFarBehindForLongAndThenRight_letsTheNextKeyAgeAnew() {
        RotationNode node = opened(POLICY);
        node.maintain();
        String first = activeId(node);
        clock.leap(Duration.ofDays(-365));
        run(node, Duration.ofMinutes(70));
        clock.leap(Duration.ofDays(365));

        run(node, POLICY.publishLead().minus(Duration.ofHours(3)));

        assertThat(activeId(node)).isEqualTo(first);
        run(node, POLICY.publishLead());
        assertThat(activeId(node)).isNotEqualTo(first);
    }

    @Test
    void maintain_clockFarBehindForLongAndThenRight_keepsARetiredKey() {
        RotationNode node = opened(POLICY);
        run(node, POLICY.period().plus(MINUTE));
        RingKey retired = store.latest().in(KeyState.RETIRED).findFirst().orElseThrow();
        clock.leap(Duration.ofDays(-365));
        run(node, Duration.ofMinutes(70));
        clock.leap(Duration.ofDays(365));

        run(node, Duration.between(clock.instant(), retired.signsUntil()));

        assertThat(node.published().find(retired.keyId())).isPresent();
    }

    @Test
    void maintain_revokedKeyIsBackByAnOldCopy_isRefusedAndSaid() {
        RotationNode node = opened(POLICY);
        List<KeyRing> copy = List.copyOf(store.rings);
        String revoked = activeId(node);
        node.revoke(revoked);
        store.rings.clear();
        store.rings.addAll(copy);
        RotationNode restarted = opened(POLICY);
        for (int i = 0; i < 120; i++) {
            clock.pass(MINUTE);
            restarted.maintain();
        }
        assertThat(store.latest().version()).isGreaterThan(2);

        node.maintain();

        assertThat(activeId(node)).isNotEqualTo(revoked);
        assertThat(node.health().problems())
                .anyMatch(problem ->
                        problem.contains("brings back keys that were removed or revoked: [" + revoked + "]"));
    }

    @Test
    void maintain_storeShowsLessThanIsKnown_saysSoAtOnce() {
        RotationNode node = opened(POLICY);
        run(node, Duration.ofHours(1));
        store.rings.subList(1, store.rings.size()).clear();

        node.maintain();

        assertThat(node.health().problems())
                .anyMatch(problem -> problem.contains("a replica lags, or an old copy was restored"));
    }

    @Test
    void maintain_storeThrowsWhatItMayNot_isShown() {
        RotationNode node = opened(POLICY);
        factory.failure = new IllegalArgumentException("a bug in a factory");
        node.revoke(store.latest().next().orElseThrow().keyId());

        node.maintain();

        assertThat(node.health().problems()).contains("No next key can be made: a bug in a factory");
    }

    @Test
    void health_nobodyMaintains_isAProblem() {
        RotationNode node = opened(POLICY);
        clock.pass(POLICY.servable().plusSeconds(1));

        assertThat(node.health().problems())
                .anyMatch(problem -> problem.startsWith("The keys were last maintained 270"));
    }

    @Test
    void health_keyWasRevoked_saysUntilWhenTheNewOneIsUnknown() {
        RotationNode node = opened(POLICY);
        node.revoke(activeId(node));
        node.maintain();

        Instant knownAt = clock.instant().plus(POLICY.publishLead());
        assertThat(node.health().problems())
                .anyMatch(problem -> problem.contains("until " + knownAt + " some may refuse"));
    }

    @Test
    void published_machineSlept_isRefusedUntilTheStoreIsRead() {
        RotationNode node = opened(POLICY);
        clock.leap(Duration.ofDays(5));

        assertThatThrownBy(node::published).isInstanceOf(IllegalStateException.class);
        node.maintain();
        assertThat(node.published().keys()).hasSize(2);
    }

    @Test
    void active_manyThreadsAndAStoreThatHangs_doNotQueue() throws Exception {
        RotationNode node = opened(POLICY);
        run(node, MINUTE);
        CountDownLatch inStore = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        clock.pass(Duration.ofHours(8).plusMinutes(30));
        store.onRead = () -> {
            inStore.countDown();
            await(release);
        };
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<ActiveKey> first =
                    threads.submit(() -> node.active(clock.instant().plus(Duration.ofHours(1))));
            assertThat(inStore.await(20, TimeUnit.SECONDS)).isTrue();

            Future<ActiveKey> second =
                    threads.submit(() -> node.active(clock.instant().plus(Duration.ofHours(1))));
            assertThat(second.get(20, TimeUnit.SECONDS).latestExpiry()).isAfter(clock.instant());
            assertThat(first).isNotDone();
            release.countDown();
            assertThat(first.get(20, TimeUnit.SECONDS).latestExpiry())
                    .isEqualTo(clock.instant().plus(Duration.ofHours(1)));
        } finally {
            release.countDown();
            threads.shutdownNow();
        }
    }

    @Test
    void leave_tokensOfThisNode_areCountedByOthers() {
        RotationNode leaving = opened(POLICY);
        RotationNode staying = opened(POLICY);
        leaving.active(clock.instant().plus(MINUTE));
        leaving.leave();

        assertThat(staying.revoke(activeId(staying)).brokenTokens()).isEqualTo(1);
    }

    @Test
    void revoke_keyThatNeverSigned_breaksNothingFromNowOn() {
        RotationNode node = opened(POLICY);

        KeyRevocation revocation =
                node.revoke(store.latest().next().orElseThrow().keyId());

        assertThat(revocation.brokenTokens()).isZero();
        assertThat(revocation.brokenUntil()).isEqualTo(clock.instant());
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(RotationNode node, Duration duration) {
        for (Duration passed = Duration.ZERO; passed.compareTo(duration) < 0; passed = passed.plus(MINUTE)) {
            clock.pass(MINUTE);
            node.maintain();
        }
    }

    private static String activeId(RotationNode node) {
        return node.health().keys().get(0).publicJwk().keyId();
    }

    private RotationNode opened(RotationPolicy policy) {
        RotationNode node = node(policy, clock, store);
        node.open();
        return node;
    }

    private RotationNode node(RotationPolicy policy, ManualClock itsClock, RingStore itsStore) {
        return new RotationNode(
                policy,
                factory,
                itsStore,
                PublicAddresses.ASSUMED,
                new ProvingKeyOpener(List.of(factory)),
                new NodeTime(itsClock, itsClock::elapsed),
                event -> {});
    }

    /** Local keys, of which it refuses some. */
    private static final class MoodyFactory implements SigningKeyFactory {
        private final SigningKeyFactory local = SigningKeyFactory.local(SigningAlgorithm.EDDSA);
        private final List<String> refused = new ArrayList<>();
        private RuntimeException failure = new IllegalStateException("none");

        @Override
        public String name() {
            return "moody";
        }

        @Override
        public Made create(Set<String> knownKeyIds) {
            if (failure instanceof IllegalArgumentException) {
                throw failure;
            }
            return local.create(knownKeyIds);
        }

        @Override
        public Signer open(PublicJwk publicJwk, Secret reference) {
            if (refused.contains(publicJwk.keyId())) {
                throw new IllegalStateException("the KMS refuses");
            }
            return local.open(publicJwk, reference);
        }
    }
}
