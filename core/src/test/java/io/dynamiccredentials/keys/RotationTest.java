package io.dynamiccredentials.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RotationTest {
    private static final Instant START = ManualClock.START;
    private static final List<PublicJwk> POOL = IntStream.range(0, 12)
            .mapToObj(i -> SigningKey.generate(SigningAlgorithm.ES256).publicJwk())
            .toList();

    private final RotationPolicy policy = RotationPolicy.standard();
    private final PooledFactory factory = new PooledFactory();
    private final Rotation rotation = new Rotation(policy, factory);

    @Test
    void first_ring_hasAKeyThatSignsAndTheNextOne() {
        KeyRing ring = rotation.first(START).ring();

        assertThat(ring.version()).isEqualTo(1);
        assertThat(ring.keys()).extracting(RingKey::state).containsExactly(KeyState.ACTIVE, KeyState.NEXT);
        assertThat(ring.active().signsUntil()).isAfter(START.plus(policy.maxTokenLifetime()));
        assertThat(ring.next().orElseThrow().seenAt()).isEmpty();
        assertThat(ring.markedAt()).isEqualTo(START);
    }

    @Test
    void next_nothingIsDue_returnsTheSameRing() {
        KeyRing ring = seenRing();

        Rotation.Step step = rotation.next(ring, unseen(START.plusSeconds(60)));

        assertThat(step.changes(ring)).isFalse();
        assertThat(step.events()).isEmpty();
    }

    @Test
    void next_keyIsSeenEverywhere_isNotedOnce() {
        KeyRing ring = rotation.first(START).ring();
        String next = ring.next().orElseThrow().keyId();

        Rotation.Step step = rotation.next(ring, seeing(ring, START.plusSeconds(60)));

        assertThat(step.ring().next().orElseThrow().seenAt()).contains(START.plusSeconds(60));
        assertThat(step.events())
                .extracting(KeyEvent::kind, KeyEvent::keyId)
                .containsExactly(tuple(KeyEvent.Kind.SEEN, next));
        assertThat(rotation.next(step.ring(), seeing(ring, START.plusSeconds(90)))
                        .events())
                .isEmpty();
    }

    @Test
    void next_keyIsNoLongerSeen_startsItsTimeAgain() {
        KeyRing ring = seenRing();
        Sighting without = new Sighting(ring.keyIds(), Set.of(), Set.of(), List.of());

        Rotation.Step step = rotation.next(ring, inputs(START.plusSeconds(900), Optional.of(without)));

        assertThat(step.ring().next().orElseThrow().seenAt()).isEmpty();
        assertThat(step.events()).extracting(KeyEvent::kind).containsExactly(KeyEvent.Kind.VANISHED);
    }

    @Test
    void next_addressCanNotBeRead_changesNothingOfWhatWasSeen() {
        KeyRing ring = seenRing();
        Sighting failed = new Sighting(ring.keyIds(), Set.of(), Set.of(), List.of("The key set can't be read"));

        Rotation.Step step = rotation.next(ring, inputs(START.plusSeconds(60), Optional.of(failed)));

        assertThat(step.changes(ring)).isFalse();
    }

    @Test
    void next_oneSecondBeforeThePeriodIsOver_keepsTheKey() {
        KeyRing ring = seenRing();
        Instant due = rotation.rotationDueAt(ring);

        KeyRing before = rotation.next(ring, seeing(ring, due.minusSeconds(1))).ring();

        assertThat(before.active().keyId()).isEqualTo(ring.active().keyId());
    }

    @Test
    void next_periodIsOver_promotesTheNextKeyAndStocksAnother() {
        KeyRing ring = seenRing();
        Instant due = rotation.rotationDueAt(ring);

        Rotation.Step step = rotation.next(ring, seeing(ring, due));

        assertThat(step.ring().active().keyId())
                .isEqualTo(ring.next().orElseThrow().keyId());
        assertThat(step.ring().find(ring.active().keyId()).orElseThrow().state())
                .isEqualTo(KeyState.RETIRED);
        assertThat(step.ring().next()).isPresent();
        assertThat(step.events())
                .extracting(KeyEvent::kind)
                .containsExactly(KeyEvent.Kind.RETIRED, KeyEvent.Kind.ACTIVATED, KeyEvent.Kind.PUBLISHED);
    }

    @Test
    void next_periodIsOverAndNobodyLooked_keepsTheKey() {
        KeyRing ring = seenRing();

        KeyRing after =
                rotation.next(ring, unseen(rotation.rotationDueAt(ring))).ring();

        assertThat(after.active().keyId()).isEqualTo(ring.active().keyId());
    }

    @Test
    void next_periodIsOverAndTheKeyIsMissedNow_keepsTheKey() {
        KeyRing ring = seenRing();
        Sighting onlyActive = new Sighting(
                ring.keyIds(),
                Set.of(ring.active().keyId()),
                Set.of(ring.active().keyId()),
                List.of());

        KeyRing after = rotation.next(ring, inputs(rotation.rotationDueAt(ring), Optional.of(onlyActive)))
                .ring();

        assertThat(after.active().keyId()).isEqualTo(ring.active().keyId());
    }

    @Test
    void next_keySeenLate_waitsUntilAllCachesHaveIt() {
        KeyRing ring = rotation.first(START).ring();
        Instant late = rotation.rotationDueAt(ring);
        KeyRing seen = rotation.next(ring, seeing(ring, late)).ring();
        Instant known = late.plus(policy.leastSeen());

        assertThat(seen.active().keyId()).isEqualTo(ring.active().keyId());
        assertThat(rotation.next(seen, seeing(seen, known.minusSeconds(1)))
                        .ring()
                        .active()
                        .keyId())
                .isEqualTo(ring.active().keyId());
        assertThat(rotation.next(seen, seeing(seen, known)).ring().active().keyId())
                .isEqualTo(ring.next().orElseThrow().keyId());
    }

    @Test
    void next_keyThatRetires_losesItsStoredPrivateKey() {
        Rotation local = new Rotation(policy, SigningKeyFactory.local(SigningAlgorithm.EDDSA));
        KeyRing ring = local.first(START).ring();
        KeyRing seen = local.next(ring, seeing(ring, START)).ring();

        KeyRing rotated =
                local.next(seen, seeing(seen, local.rotationDueAt(seen))).ring();

        RingKey retired = rotated.find(ring.active().keyId()).orElseThrow();
        assertThat(retired.reference()).isEqualTo(Secret.of("erased"));
        assertThat(rotated.active().reference())
                .isEqualTo(ring.next().orElseThrow().reference());
    }

    @Test
    void next_retiredKey_staysUntilItsLastTokenHasEnded() {
        KeyRing ring = rotated();
        RingKey retired = ring.in(KeyState.RETIRED).findFirst().orElseThrow();
        Instant end = retired.signsUntil().plus(policy.retention());

        assertThat(rotation.next(ring, unseen(end.minusSeconds(1))).ring().find(retired.keyId()))
                .isPresent();
        Rotation.Step step = rotation.next(ring, unseen(end));
        assertThat(step.ring().find(retired.keyId())).isEmpty();
        assertThat(step.ring().goneKeyIds()).containsExactly(retired.keyId());
        assertThat(step.discarded()).extracting(RingKey::keyId).containsExactly(retired.keyId());
        assertThat(step.events()).extracting(KeyEvent::kind).contains(KeyEvent.Kind.REMOVED);
    }

    @Test
    void next_retiredKey_signsNoLongerThanItWasAllowedWhenItRetired() {
        KeyRing ring = rotated();
        RingKey retired = ring.in(KeyState.RETIRED).findFirst().orElseThrow();

        KeyRing later = rotation.next(ring, unseen(ring.active().changedAt().plus(Duration.ofHours(5))))
                .ring();

        assertThat(later.find(retired.keyId()).orElseThrow().signsUntil()).isEqualTo(retired.signsUntil());
        assertThat(later.active().signsUntil()).isAfter(ring.active().signsUntil());
    }

    @Test
    void next_clockNotTrusted_neitherPromotesNorRemovesButLetsTheKeySign() {
        KeyRing ring = rotated();
        Instant leapt = ring.markedAt().plus(Duration.ofDays(365));

        Rotation.Step step = rotation.next(ring, new Rotation.Inputs(leapt, sighting(ring), false, Map.of()));

        assertThat(step.ring().keyIds()).isEqualTo(ring.keyIds());
        assertThat(step.ring().active().keyId()).isEqualTo(ring.active().keyId());
        assertThat(step.ring().active().signsUntil()).isAfter(leapt);
        assertThat(step.ring().markedAt()).isEqualTo(leapt);
    }

    @Test
    void next_stampsFromTheFuture_areTakenForNow() {
        KeyRing ring = rotation.first(START.plus(Duration.ofDays(3650))).ring();

        KeyRing straight = rotation.next(ring, seeing(ring, START)).ring();

        assertThat(straight.keys())
                .allSatisfy(key -> assertThat(key.publishedAt()).isEqualTo(START));
        assertThat(straight.active().signsUntil()).isBefore(START.plus(Duration.ofDays(9)));
    }

    @Test
    void next_factoryFails_saysSoAndLetsTheActiveKeySign() {
        KeyRing ring = seenRing();
        factory.failing = true;
        Instant due = rotation.rotationDueAt(ring);

        Rotation.Step step = rotation.next(ring, seeing(ring, due));

        assertThat(step.problems()).containsExactly("No next key can be made: the KMS is away");
        assertThat(step.ring().next()).isEmpty();
        assertThat(step.ring().active().signsUntil()).isAfter(due);
    }

    @Test
    void revoke_factoryReturnsTheRevokedKey_isRefused() {
        KeyRing ring = rotated();
        factory.made = 2;

        Rotation.Step step = rotation.revoke(ring, ring.next().orElseThrow().keyId(), true, unseen(ring.markedAt()));

        assertThat(step.problems()).singleElement().asString().contains("which was in use before");
    }

    @Test
    void next_eightKeys_makesNoNinth() {
        KeyRing full = seenRing();
        List<RingKey> keys = new ArrayList<>(List.of(full.active()));
        for (int i = 2; i < 9; i++) {
            keys.add(RingKey.next(new SigningKeyFactory.Made(POOL.get(i), Secret.of("x")), "pool", START)
                    .in(KeyState.RETIRED, START)
                    .signing(START.plus(Duration.ofDays(1))));
        }
        KeyRing eight = new KeyRing(9, keys, List.of(), START);

        assertThat(rotation.next(eight, unseen(START)).ring().next()).isEmpty();
        assertThat(rotation.obstacle(eight, unseen(START)))
                .hasValueSatisfying(text -> assertThat(text).contains("8 keys are published, which is the most"));
    }

    @Test
    void rotateNow_secondWithinTheLead_hasAnObstacleThatSaysUntilWhen() {
        KeyRing ring = seenRing();
        Instant aged = START.plus(policy.publishLead());
        assertThat(rotation.obstacle(ring, seeing(ring, aged))).isEmpty();
        KeyRing rotated = rotation.rotateNow(ring, seeing(ring, aged)).ring();

        assertThat(rotated.active().keyId()).isEqualTo(ring.next().orElseThrow().keyId());
        assertThat(rotation.obstacle(rotated, seeing(rotated, aged.plusSeconds(60))))
                .hasValueSatisfying(text -> assertThat(text)
                        .startsWith(
                                "The next key " + rotated.next().orElseThrow().keyId()
                                        + " has not been seen at every public address yet")
                        .contains("not known to every verifier before " + aged.plus(policy.publishLead())));
    }

    @Test
    void revoke_activeKey_activatesTheNextOneAtOnce() {
        KeyRing ring = seenRing();

        Rotation.Step step = rotation.revoke(ring, ring.active().keyId(), true, unseen(START.plusSeconds(60)));

        assertThat(step.ring().find(ring.active().keyId())).isEmpty();
        assertThat(step.ring().active().keyId())
                .isEqualTo(ring.next().orElseThrow().keyId());
        assertThat(step.ring().next()).isPresent();
        assertThat(step.ring().knownKeyIds()).contains(ring.active().keyId());
        assertThat(step.events())
                .extracting(KeyEvent::kind)
                .containsExactly(KeyEvent.Kind.ACTIVATED, KeyEvent.Kind.REVOKED, KeyEvent.Kind.PUBLISHED);
    }

    @Test
    void revoke_nextKey_isReplaced() {
        KeyRing ring = seenRing();
        String next = ring.next().orElseThrow().keyId();

        KeyRing after =
                rotation.revoke(ring, next, true, unseen(START.plusSeconds(60))).ring();

        assertThat(after.active().keyId()).isEqualTo(ring.active().keyId());
        assertThat(after.next().orElseThrow().keyId()).isNotEqualTo(next);
        assertThat(after.next().orElseThrow().seenAt()).isEmpty();
    }

    @Test
    void revoke_activeKeyWithoutANext_makesOne() {
        KeyRing ring = seenRing();
        KeyRing alone = new KeyRing(5, List.of(ring.active()), List.of(), START);

        KeyRing after = rotation.revoke(alone, ring.active().keyId(), true, unseen(START))
                .ring();

        assertThat(after.keys()).extracting(RingKey::state).containsExactly(KeyState.ACTIVE, KeyState.NEXT);
        assertThat(after.active().signsUntil()).isAfter(START);
    }

    @Test
    void count_tokensOfOtherNodes_addUp() {
        KeyRing ring = seenRing();
        Tally three = new Tally(Map.of(Tally.hourOf(START.plusSeconds(3600)), 3L));
        Map<String, Tally> signed = Map.of(ring.active().keyId(), three, "unknown", three);

        KeyRing once = rotation.next(ring, new Rotation.Inputs(START, Optional.empty(), true, signed))
                .ring();
        KeyRing twice = rotation.next(once, new Rotation.Inputs(START, Optional.empty(), true, signed))
                .ring();

        assertThat(twice.active().tally().aliveAt(START)).isEqualTo(6);
        assertThat(twice.active().tally().aliveAt(START.plusSeconds(7200))).isZero();
    }

    @Test
    void keyRing_withoutOrWithTwoActiveKeys_isRefused() {
        KeyRing ring = seenRing();

        assertThatThrownBy(() -> new KeyRing(2, List.of(), List.of(), START))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("exactly one active key");
        List<RingKey> two = List.of(ring.active(), ring.next().orElseThrow().in(KeyState.ACTIVE, START));
        assertThatThrownBy(() -> new KeyRing(2, two, List.of(), START)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Returns a ring whose next key was seen when it was published. */
    private KeyRing seenRing() {
        KeyRing ring = rotation.first(START).ring();
        return rotation.next(ring, seeing(ring, START)).ring();
    }

    private KeyRing rotated() {
        KeyRing ring = seenRing();
        Instant due = rotation.rotationDueAt(ring);
        KeyRing signing = rotation.next(ring, unseen(due.minusSeconds(60))).ring();
        return rotation.next(signing, seeing(signing, due)).ring();
    }

    private static Rotation.Inputs seeing(KeyRing ring, Instant now) {
        return inputs(now, sighting(ring));
    }

    private static Optional<Sighting> sighting(KeyRing ring) {
        return Optional.of(new Sighting(ring.keyIds(), ring.keyIds(), ring.keyIds(), List.of()));
    }

    private static Rotation.Inputs unseen(Instant now) {
        return inputs(now, Optional.empty());
    }

    private static Rotation.Inputs inputs(Instant now, Optional<Sighting> sighting) {
        return new Rotation.Inputs(now, sighting, true, Map.of());
    }

    private static final class PooledFactory implements SigningKeyFactory {
        private int made;
        private boolean failing;

        @Override
        public String name() {
            return "pool";
        }

        @Override
        public Made create(Set<String> knownKeyIds) {
            if (failing) {
                throw new IllegalStateException("the KMS is away");
            }
            return new Made(POOL.get(made++), Secret.of("x"));
        }

        @Override
        public Signer open(PublicJwk publicJwk, Secret reference) {
            throw new UnsupportedOperationException();
        }
    }
}
