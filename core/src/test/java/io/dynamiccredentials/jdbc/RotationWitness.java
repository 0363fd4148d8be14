package io.dynamiccredentials.jdbc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.keys.KeyState;
import io.dynamiccredentials.keys.RotationPolicy;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Hears what all nodes tell, tick by tick, and fails on the first thing that would break a token or lose a key. */
final class RotationWitness {
    private static final Duration VERIFIER_LEEWAY = Duration.ofMinutes(5);
    private static final int MOST_KEYS = 8;

    private final RotationPolicy policy;
    private final Duration tick;
    private final Duration clocksDiffer;
    private final List<String> actives = new ArrayList<>();
    private final Map<String, Instant> shownSince = new HashMap<>();
    private final Map<String, PublicJwk> keys = new HashMap<>();
    private final Map<String, Instant> lastExpiry = new HashMap<>();
    private final Set<String> gone = new HashSet<>();
    private final Set<String> told = new HashSet<>();
    private final Set<String> proven = new HashSet<>();
    private final List<Instant> expiries = new ArrayList<>();
    private Set<String> before = Set.of();
    private Instant activeSince = Instant.MIN;
    private int naturalRotations;
    private int tokens;

    RotationWitness(RotationPolicy policy, Duration tick, Duration clocksDiffer) {
        this.policy = policy;
        this.tick = tick;
        this.clocksDiffer = clocksDiffer;
    }

    /**
     * Hears the answers to one tick.
     *
     * @param at the true time of the tick
     * @param since the time from which on what is new may be there: that of the tick before, if not all nodes answered
     *     then
     * @param asked whether the nodes were asked to rotate
     * @param answers by the name of the node
     */
    void hear(Instant at, Instant since, boolean asked, Map<String, NodeAnswer> answers) {
        boolean first = actives.isEmpty();
        answers.values().forEach(answer -> learn(answer, since));
        hearActive(at, since, asked, answers);
        hearKeys(at, answers);
        answers.forEach(this::hear);
        // At first nobody can have shown a key set in public.
        assertThat(answers.values())
                .as("problems at %s", at)
                .allMatch(answer -> answer.problems().contains("HTTP 503") == first)
                .allMatch(answer -> first || answer.problems().isEmpty() || isOfOldKeySet(answer));
    }

    /** The key set in public is that of one node a tick ago: a cache older than the policy's, which is rightly told. */
    private static boolean isOfOldKeySet(NodeAnswer answer) {
        return answer.problems().startsWith("A public address shows keys that were removed or revoked");
    }

    /** Returns the key that signs now. */
    String active() {
        return actives.get(actives.size() - 1);
    }

    int rotations() {
        return actives.size() - 1;
    }

    int naturalRotations() {
        return naturalRotations;
    }

    int tokens() {
        return tokens;
    }

    /** Returns how many tokens of the active key end in the hour of {@code now} or later. */
    long tokensAlive(Instant now) {
        return expiries.stream()
                .filter(expiry -> !expiry.isBefore(now.truncatedTo(ChronoUnit.HOURS)))
                .count();
    }

    /** Returns how many keys there ever were. */
    int keys() {
        return shownSince.size();
    }

    private void learn(NodeAnswer answer, Instant since) {
        answer.keyIds().forEach(keyId -> shownSince.putIfAbsent(keyId, since));
        answer.published().map(JwkSet::parse).ifPresent(set -> {
            assertThat(set.keys()).extracting(PublicJwk::keyId).containsExactlyInAnyOrderElementsOf(answer.keyIds());
            set.keys().forEach(key -> keys.put(key.keyId(), key));
        });
        // Each of them is told by the node that stored it: told twice, two nodes stored one and the same step.
        for (String event : answer.events()) {
            assertThat(told.add(event)).as("told first: %s", event).isTrue();
        }
    }

    /** Checks that one key takes over from one other, at its time, and that all nodes follow by the next tick. */
    private void hearActive(Instant at, Instant since, boolean asked, Map<String, NodeAnswer> answers) {
        Set<String> now = new HashSet<>();
        answers.values().forEach(answer -> now.add(answer.activeKeyId()));
        String last = actives.isEmpty() ? "" : active();
        Set<String> fresh = new HashSet<>(now);
        fresh.remove(last);
        assertThat(fresh).as("new active keys at %s, after %s", at, last).hasSizeLessThanOrEqualTo(1);
        for (String keyId : fresh) {
            assertThat(actives).as("active keys before %s", at).doesNotContain(keyId);
            if (!last.isEmpty()) {
                Duration waited = asked ? policy.publishLead() : policy.period();
                assertThat(Duration.between(shownSince.get(keyId), at))
                        .as("time for which %s was shown before it signed at %s", keyId, at)
                        .isGreaterThanOrEqualTo(policy.publishLead().minus(clocksDiffer));
                assertThat(Duration.between(activeSince, at))
                        .as("time for which %s signed before %s", last, keyId)
                        .isBetween(
                                waited.minus(clocksDiffer),
                                waited.plus(clocksDiffer).plus(tick.multipliedBy(2)));
                naturalRotations += asked ? 0 : 1;
            }
            actives.add(keyId);
            activeSince = since;
            expiries.clear();
        }
    }

    /** Checks that every node shows what any showed before, until its last token has ended, and nothing that ended. */
    private void hearKeys(Instant at, Map<String, NodeAnswer> answers) {
        Set<String> all = new HashSet<>();
        answers.forEach((node, answer) -> {
            assertThat(answer.keyIds())
                    .as("keys of %s at %s that were gone", node, at)
                    .noneMatch(gone::contains);
            all.addAll(answer.keyIds());
        });
        Set<String> missed = new HashSet<>();
        answers.forEach((node, answer) -> {
            for (String keyId : before) {
                if (!answer.keyIds().contains(keyId)) {
                    Instant end = lastExpiry.getOrDefault(keyId, Instant.MAX.minus(VERIFIER_LEEWAY));
                    assertThat(at)
                            .as("time at which %s lacks %s, a token of which ends at %s", node, keyId, end)
                            .isAfter(end.plus(VERIFIER_LEEWAY));
                    missed.add(keyId);
                }
            }
        });
        gone.addAll(missed);
        before = all;
        before.removeAll(gone);
    }

    private void hear(String node, NodeAnswer answer) {
        assertThat(answer.in(KeyState.ACTIVE)).containsExactly(answer.activeKeyId());
        assertThat(answer.in(KeyState.NEXT)).hasSize(1);
        assertThat(answer.keyIds()).hasSizeLessThanOrEqualTo(MOST_KEYS);
        assertThat(answer.expiresAt()).isEqualTo(answer.now().plus(policy.maxTokenLifetime()));
        lastExpiry.merge(answer.activeKeyId(), answer.expiresAt(), (one, other) -> one.isAfter(other) ? one : other);
        tokens++;
        if (answer.activeKeyId().equals(active())) {
            expiries.add(answer.expiresAt());
        }
        if (!answer.signature().isEmpty()) {
            assertThat(verifies(answer))
                    .as("signature of %s at %s", node, answer.now())
                    .isTrue();
            proven.add(node + " " + answer.activeKeyId());
        }
        assertThat(proven).contains(node + " " + answer.activeKeyId());
    }

    private boolean verifies(NodeAnswer answer) {
        try {
            Signature verifier = Signature.getInstance("SHA256withECDSAinP1363Format");
            verifier.initVerify(
                    Objects.requireNonNull(keys.get(answer.activeKeyId())).publicKey());
            verifier.update(answer.now().toString().getBytes(US_ASCII));
            return verifier.verify(Base64.getUrlDecoder().decode(answer.signature()));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
