package io.dynamiccredentials.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotationNodeTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final RotationPolicy policy =
            RotationPolicy.builder().period(Duration.ofDays(2)).build();
    private final ManualClock clock = new ManualClock();
    private final SharedRings store = new SharedRings();
    private final List<KeyEvent> events = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private @Nullable Set<String> shown;

    @Test
    void open_emptyStore_makesKeysAndSigns() {
        RotationNode node = opened();

        assertThat(node.active(clock.instant()).key().publicJwk().keyId())
                .isEqualTo(node.published().keys().get(0).keyId());
        assertThat(node.published().keys()).hasSize(2);
    }

    @Test
    void open_storeOfAnotherNode_hasItsKeys() {
        RotationNode one = opened();
        RotationNode other = opened();

        assertThat(ids(other)).isEqualTo(ids(one));
    }

    @Test
    void active_beforeOpen_hasNoKeys() {
        RotationNode node = node();

        assertThatThrownBy(() -> node.active(clock.instant()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("No keys are loaded yet");
        assertThatThrownBy(node::published).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void active_tokenThatIsTooLong_isCutToTheLongest() {
        ActiveKey active = opened().active(clock.instant().plus(Duration.ofDays(9)));

        assertThat(active.latestExpiry()).isEqualTo(clock.instant().plus(policy.maxTokenLifetime()));
    }

    @Test
    void maintain_forThreePeriods_rotatesTwice() {
        RotationNode node = opened();
        String first = activeId(node);

        run(node, policy.period().multipliedBy(3).minus(Duration.ofHours(1)));

        assertThat(events)
                .extracting(KeyEvent::kind)
                .filteredOn(KeyEvent.Kind.ACTIVATED::equals)
                .hasSize(3);
        assertThat(events)
                .extracting(KeyEvent::kind)
                .filteredOn(KeyEvent.Kind.REMOVED::equals)
                .hasSize(2);
        assertThat(ids(node)).doesNotContain(first).hasSize(2);
        assertThat(node.health().isHealthy()).isTrue();
    }

    @Test
    void maintain_keyCanNotBeSeen_keepsTheOldKeyAndSaysWhy() {
        RotationNode node = opened();
        String first = activeId(node);
        failures.add("The key set at https://ci.example/.well-known/jwks can't be read: HTTP 404 instead of 200");

        run(node, policy.period().multipliedBy(2));

        assertThat(activeId(node)).isEqualTo(first);
        assertThat(events)
                .filteredOn(event -> event.kind() == KeyEvent.Kind.HELD_BACK)
                .singleElement()
                .satisfies(event -> assertThat(event.message())
                        .contains("the old key signs on")
                        .contains("HTTP 404"));
        assertThat(node.health().isHealthy()).isFalse();
        assertThat(node.health().problems())
                .anyMatch(problem -> problem.contains("HTTP 404"))
                .anyMatch(problem -> problem.startsWith(
                        "Rotation was due at 2026-03-03T12:00:00Z, and the old key " + "signs on. The next key "));
    }

    @Test
    void maintain_foreignKeyInPublic_isAProblem() {
        RotationNode node = opened();
        shown = Set.of(activeId(node), "stranger");

        node.maintain();

        assertThat(node.health().problems())
                .anyMatch(problem -> problem.startsWith("A public address shows keys that are not ours: [stranger]"));
    }

    @Test
    void maintain_revokedKeyInPublicLongAfter_isAProblem() {
        RotationNode node = opened();
        String revoked = activeId(node);
        node.revoke(revoked);
        Set<String> withRevoked = new HashSet<>(store.latest().keyIds());
        withRevoked.add(revoked);
        shown = withRevoked;

        node.maintain();
        assertThat(node.health().problems()).noneMatch(problem -> problem.contains("removed or revoked"));
        run(node, policy.maxAge().plus(MINUTE));
        assertThat(node.health().problems())
                .anyMatch(problem -> problem.startsWith(
                        "A public address shows keys that were removed or revoked: [" + revoked + "]"));
    }

    @Test
    void maintain_activeKeyNotInPublic_isAProblem() {
        RotationNode node = opened();
        shown = Set.of();

        node.maintain();

        assertThat(node.health().problems())
                .anyMatch(problem -> problem.contains("is not shown at every public address: its tokens are refused"));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void maintain_clockLeapsByAnHour_waitsAtLeastForAllCaches(int hours) {
        RotationNode node = opened();
        failures.add("away");
        run(node, policy.period());
        failures.clear();
        node.maintain();
        String first = activeId(node);

        // The next key is seen now; caches have ended leastSeen() minus the margin later, in true time.
        clock.leap(Duration.ofHours(hours));
        run(node, policy.leastSeen().minus(policy.clockMargin()));
        assertThat(activeId(node)).isEqualTo(first);
        run(node, policy.clockMargin().plus(Duration.ofHours(1)));
        assertThat(activeId(node)).isNotEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void maintain_clockLeapsByAnHour_keepsARetiredKeyUntilItsTokensEnded(int hours) {
        RotationNode node = opened();
        run(node, policy.period().plus(MINUTE));
        RingKey retired = store.latest().in(KeyState.RETIRED).findFirst().orElseThrow();
        Duration left = Duration.between(clock.instant(), retired.signsUntil());

        clock.leap(Duration.ofHours(hours));
        run(node, left.plusMinutes(5));
        assertThat(ids(node)).contains(retired.keyId());
        run(node, policy.clockMargin().plus(Duration.ofHours(1)));
        assertThat(ids(node)).doesNotContain(retired.keyId());
    }

    @Test
    void maintain_otherNodeMadeAndSawAKeySinceTheLook_isNotMissed() {
        RotationNode node = opened();
        RotationNode late = opened();
        run(node, policy.period().plus(MINUTE));
        KeyRing rotated = store.latest();
        assertThat(rotated.next().orElseThrow().seenAt()).isPresent();

        late.maintain();

        assertThat(events).extracting(KeyEvent::kind).doesNotContain(KeyEvent.Kind.VANISHED);
        assertThat(store.latest().next()).isEqualTo(rotated.next());
        assertThat(ids(late)).isEqualTo(rotated.keyIds());
    }

    @Test
    void maintain_clockLeapsByYears_holdsStillForAnHourAndSaysSo() {
        RotationNode node = opened();
        node.maintain();
        String first = activeId(node);
        clock.leap(Duration.ofDays(3650));

        run(node, Duration.ofMinutes(59));
        assertThat(activeId(node)).isEqualTo(first);
        assertThat(node.health().problems()).anyMatch(problem -> problem.contains("This node's clock says 2036"));

        clock.leap(Duration.ofDays(-3650));
        run(node, Duration.ofMinutes(59));
        assertThat(activeId(node)).isEqualTo(first);
        run(node, Duration.ofMinutes(5));
        assertThat(activeId(node)).isEqualTo(first);
        assertThat(node.health().problems()).isEmpty();
        assertThat(store.latest().active().signsUntil())
                .isBefore(clock.instant().plus(Duration.ofDays(9)));
    }

    @Test
    void maintain_nodesWhoseClocksDisagree_allHoldStill() {
        RotationNode good = opened();
        ManualClock wrong = new ManualClock();
        wrong.leap(Duration.ofDays(400));
        RotationNode bad = node(wrong, store);
        bad.open();
        String first = activeId(good);

        for (int minutes = 0; minutes < 300; minutes++) {
            clock.pass(MINUTE);
            wrong.pass(MINUTE);
            good.maintain();
            bad.maintain();
        }

        assertThat(store.latest().active().keyId()).isEqualTo(first);
        assertThat(good.health().problems()).anyMatch(problem -> problem.contains("set the clocks of all nodes"));
        assertThat(bad.health().isHealthy()).isFalse();
    }

    @Test
    void maintain_oncePerDay_stillRotates() {
        RotationNode node = opened();
        String first = activeId(node);

        for (int day = 0; day < 5; day++) {
            clock.pass(Duration.ofDays(1));
            node.maintain();
        }

        assertThat(activeId(node)).isNotEqualTo(first);
    }

    @Test
    void maintain_afterALongDowntime_rotatesAnHourLater() {
        opened().maintain();
        clock.pass(policy.period().multipliedBy(2));
        RotationNode restarted = opened();
        String first = activeId(restarted);

        run(restarted, Duration.ofMinutes(55));
        assertThat(activeId(restarted)).isEqualTo(first);
        run(restarted, Duration.ofMinutes(10));
        assertThat(activeId(restarted)).isNotEqualTo(first);
    }

    @Test
    void active_storeIsDown_signsOnAndThenShorterAndThenNot() {
        RotationNode node = opened();
        node.maintain();
        store.down = true;

        run(node, policy.maxStaleness().dividedBy(2));
        assertThat(life(node)).isEqualTo(policy.maxTokenLifetime());

        run(node, Duration.ofHours(12));
        assertThat(life(node)).isNegative();
        assertThat(node.health().problems()).anyMatch(problem -> problem.contains("The key store can't be used now"));

        store.down = false;
        clock.pass(Duration.ofSeconds(5));
        assertThat(life(node)).isEqualTo(policy.maxTokenLifetime());
    }

    @Test
    void active_storeIsDown_isAskedOncePerPause() {
        RotationNode node = opened();
        run(node, Duration.ofMinutes(1));
        clock.pass(Duration.ofDays(1));
        store.down = true;
        int before = store.reads;

        for (int i = 0; i < 50; i++) {
            life(node);
        }

        assertThat(store.reads - before).isEqualTo(1);
    }

    @Test
    void published_storeNotReadForLong_isRefused() {
        RotationNode node = opened();
        store.down = true;
        clock.pass(policy.servable());
        assertThat(node.published().keys()).hasSize(2);

        clock.pass(Duration.ofSeconds(1));

        assertThatThrownBy(node::published)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("The key store was last read 270 minutes ago");
    }

    @Test
    void maintain_storeCanOnlyBeRead_servesAndSignsWhileAnotherWrites() {
        RotationNode writer = opened();
        RotationNode reader = node(clock, store.readOnly());
        reader.open();

        for (int minutes = 0; minutes < policy.period().toMinutes() + 10; minutes += 5) {
            clock.pass(Duration.ofMinutes(5));
            writer.maintain();
            reader.maintain();
        }

        assertThat(ids(reader)).isEqualTo(ids(writer));
        assertThat(activeId(reader)).isEqualTo(store.latest().active().keyId());
        assertThat(life(reader)).isEqualTo(policy.maxTokenLifetime());
    }

    @Test
    void maintain_storeWasEmptied_makesNoNewKeys() {
        RotationNode node = opened();
        Set<String> before = ids(node);
        store.rings.clear();

        node.maintain();

        assertThat(store.rings).isEmpty();
        assertThat(ids(node)).isEqualTo(before);
        assertThat(node.health().problems())
                .anyMatch(problem -> problem.contains("the store is empty and held version 1 before"));
    }

    @Test
    void maintain_storeShowsAnOlderVersion_keepsWhatItKnows() {
        RotationNode node = opened();
        run(node, Duration.ofHours(1));
        long known = store.latest().version();
        List<KeyRing> newer = new ArrayList<>(store.rings.subList(1, store.rings.size()));
        store.rings.removeAll(newer);

        node.maintain();

        assertThat(known).isGreaterThan(1);
        assertThat(store.rings).hasSize(1);
        assertThat(node.health().keys().get(0).signsUntil())
                .hasValue(newer.get(newer.size() - 1).active().signsUntil());
    }

    @Test
    void rotateNow_agedNextKey_takesEffectAtOnce() {
        RotationNode node = opened();
        run(node, policy.publishLead().plus(MINUTE));
        String next = store.latest().next().orElseThrow().keyId();

        assertThat(node.rotateNow().keyId()).isEqualTo(next);
        assertThat(activeId(node)).isEqualTo(next);
    }

    @Test
    void rotateNow_twice_isRefusedTheSecondTime() {
        RotationNode node = opened();
        run(node, policy.publishLead().plus(MINUTE));
        String first = node.rotateNow().keyId();

        assertThatThrownBy(node::rotateNow)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("The keys can't rotate now without breaking tokens")
                .hasMessageContaining("is not known to every verifier before 2026-03-0")
                .hasMessageContaining("revoke it");
        assertThat(activeId(node)).isEqualTo(first);
    }

    @Test
    void revoke_activeKey_tellsHowManyTokensOfAllNodesItBreaks() {
        RotationNode node = opened();
        RotationNode other = opened();
        String compromised = activeId(node);
        sign(node, 3);
        sign(other, 4);
        other.maintain();

        KeyRevocation revocation = node.revoke(compromised);

        assertThat(revocation.revokedKeyId()).isEqualTo(compromised);
        assertThat(revocation.brokenTokens()).isEqualTo(7);
        assertThat(revocation.brokenUntil()).isAfter(clock.instant());
        assertThat(revocation.activeKeyId()).isEqualTo(activeId(node));
        assertThat(revocation.knownAt()).isEqualTo(clock.instant().plus(policy.publishLead()));
        assertThat(ids(node)).doesNotContain(compromised);
        other.maintain();
        assertThat(ids(other)).doesNotContain(compromised);
    }

    @Test
    void revoke_tokensThatHaveEnded_areNotCounted() {
        RotationNode node = opened();
        sign(node, 5);
        clock.pass(policy.maxTokenLifetime().plus(Duration.ofHours(1)));

        assertThat(node.revoke(activeId(node)).brokenTokens()).isZero();
    }

    @Test
    void revoke_unknownKey_isRefusedByName() {
        RotationNode node = opened();

        assertThatThrownBy(() -> node.revoke("nobody\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The key to revoke must be one of [")
                .hasMessageContaining("it was \"nobody \"");
    }

    @Test
    void health_tellsTheKeysTheActiveOneFirst() {
        RotationNode node = opened();
        node.maintain();

        KeyHealth health = node.health();

        assertThat(health.keys()).extracting(KeyHealth.Key::state).containsExactly(KeyState.ACTIVE, KeyState.NEXT);
        assertThat(health.keys().get(1).signsUntil()).isEmpty();
        assertThat(health.keys().get(1).seenAt()).contains(ManualClock.START);
        assertThat(health.nextRotationAt()).isEqualTo(ManualClock.START.plus(policy.period()));
        assertThat(health.checkedAt()).isEqualTo(ManualClock.START);
    }

    private void run(RotationNode node, Duration duration) {
        for (Duration passed = Duration.ZERO; passed.compareTo(duration) < 0; passed = passed.plus(MINUTE)) {
            clock.pass(MINUTE);
            node.maintain();
        }
    }

    private void sign(RotationNode node, int tokens) {
        for (int i = 0; i < tokens; i++) {
            node.active(clock.instant().plus(Duration.ofMinutes(10)));
        }
    }

    private Duration life(RotationNode node) {
        Instant now = clock.instant();
        return Duration.between(now, node.active(now.plus(Duration.ofDays(1))).latestExpiry());
    }

    private static String activeId(RotationNode node) {
        return node.health().keys().get(0).publicJwk().keyId();
    }

    private static Set<String> ids(RotationNode node) {
        Set<String> ids = new HashSet<>();
        node.published().keys().forEach(key -> ids.add(key.keyId()));
        return ids;
    }

    private RotationNode opened() {
        RotationNode node = node();
        node.open();
        return node;
    }

    private RotationNode node() {
        return node(clock, store);
    }

    private RotationNode node(ManualClock itsClock, RingStore itsStore) {
        SigningKeyFactory factory = SigningKeyFactory.local(SigningAlgorithm.EDDSA);
        PublicAddresses addresses = expected -> {
            Set<String> keyIds = shown == null ? expected : shown;
            return new Sighting(expected, failures.isEmpty() ? keyIds : Set.of(), keyIds, failures);
        };
        return new RotationNode(
                policy,
                factory,
                itsStore,
                addresses,
                new ProvingKeyOpener(List.of(factory)),
                new NodeTime(itsClock, itsClock::elapsed),
                events::add);
    }
}
