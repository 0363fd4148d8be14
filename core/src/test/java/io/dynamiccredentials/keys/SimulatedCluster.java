package io.dynamiccredentials.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Some nodes that share a store, and the verifiers of their tokens, in a time of their own.
 *
 * <p>Everything that a schedule does comes from its seed: clocks that are off and leap, reads that lag, stores that
 * fail before or after they wrote, crashes around each write, mirrors that are late, and verifiers that keep old key
 * sets for as long as the policy says they may, and never ask again for a key that they don't know. The nodes are the
 * real ones; only signatures and encryption are left out.
 */
final class SimulatedCluster {
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final Duration VERIFIER_LEEWAY = Duration.ofMinutes(5);
    private static final Duration LEAST_TOKEN = Duration.ofMinutes(1);
    private static final List<PublicJwk> KEY_POOL = IntStream.range(0, 128)
            .mapToObj(i -> SigningKey.generate(SigningAlgorithm.ES256).publicJwk())
            .toList();
    private static final ConcurrentMap<String, SigningKey> OPENED = new ConcurrentHashMap<>();

    private final SplittableRandom random;
    private final RotationPolicy policy;
    private final Duration tick;
    private final List<Node> nodes = new ArrayList<>();
    private final List<Verifier> verifiers = new ArrayList<>();
    private final List<Committed> commits = new ArrayList<>();
    private final PriorityQueue<Check> checks = new PriorityQueue<>(Comparator.comparing(Check::at));
    private final Set<String> everSigned = new HashSet<>();
    private final boolean mirrored;
    private final boolean seesItself;
    private final int mirrorLaziness;
    private final int outageRarity;
    private Set<String> mirror = Set.of();
    private Instant now = START;
    private int keysMade;
    private int tokens;
    private int verdicts;
    private int crashes;

    private record Committed(Instant at, KeyRing ring) {}

    private record Check(Instant at, String keyId, Instant issuedAt, Verifier verifier) {}

    /** What a schedule amounted to. */
    record Outcome(int tokens, int verdicts, int rotations, int crashes) {}

    SimulatedCluster(long seed) {
        this.random = new SplittableRandom(seed);
        this.policy = randomPolicy();
        this.tick = policy.maxStaleness().dividedBy(random.nextInt(3, 6));
        this.mirrored = oneIn(3);
        this.seesItself = oneIn(3);
        this.mirrorLaziness = random.nextInt(2, 100);
        this.outageRarity = random.nextInt(8, 60);
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            nodes.add(new Node());
        }
        for (int i = 0; i < 3; i++) {
            verifiers.add(new Verifier());
        }
    }

    /** Runs until the keys rotated some times; fails on the first token that a verifier refuses. */
    Outcome run() {
        Instant end = START.plus(policy.period().multipliedBy(2)).plus(policy.publishLead());
        while (now.isBefore(end)) {
            Instant step = now.plusSeconds(tick.toSeconds() * random.nextInt(5, 100) / 100);
            while (!checks.isEmpty() && !checks.element().at().isAfter(step)) {
                Check check = checks.remove();
                now = check.at();
                verify(check);
            }
            now = step;
            nodes.forEach(Node::act);
            if (oneIn(mirror.isEmpty() ? 3 : mirrorLaziness)) {
                ready().ifPresent(keyIds -> mirror = keyIds);
            }
            nodes.forEach(Node::issue);
        }
        return new Outcome(tokens, verdicts, everSigned.size() - 1, crashes);
    }

    private RotationPolicy randomPolicy() {
        Duration cache = Duration.ofMinutes(random.nextInt(24 * 60 + 1));
        // Mostly long against the cache, so that a schedule has few steps.
        Duration staleness =
                cache.dividedBy(random.nextInt(oneIn(20) ? 20 : 4) + 1).plusMinutes(30);
        RotationPolicy.Builder builder = RotationPolicy.builder()
                .maxVerifierCache(cache)
                .maxStaleness(staleness)
                .maxTokenLifetime(Duration.ofMinutes(random.nextInt(5, 60)));
        Duration least = builder.period(Duration.ofDays(60)).build().publishLead();
        return builder.period(
                        oneIn(2)
                                ? least
                                : least.multipliedBy(random.nextInt(100, 160)).dividedBy(100))
                .build();
    }

    private void verify(Check check) {
        Set<String> known = check.verifier().known();
        if (known.isEmpty()) {
            return; // Nothing could be fetched: such a verifier waits, and refuses nothing.
        }
        verdicts++;
        assertThat(known)
                .as("the key of a token of %s, verified at %s, in: %s", check.issuedAt(), now, policy)
                .contains(check.keyId());
    }

    /** Fetches the key set from one of the nodes that serve one, as through a load balancer. */
    private Optional<Set<String>> ready() {
        int first = random.nextInt(nodes.size());
        for (int i = 0; i < nodes.size(); i++) {
            Optional<Set<String>> served = nodes.get((first + i) % nodes.size()).served();
            if (served.isPresent()) {
                return served;
            }
        }
        return Optional.empty();
    }

    /** Fetches the key set from the node that knows least of those that serve one. */
    private Optional<Set<String>> oldestServed() {
        return nodes.stream()
                .filter(node -> node.served().isPresent())
                .min(Comparator.comparing(Node::latestKeyAt))
                .flatMap(Node::served);
    }

    private boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    private Duration upTo(Duration most) {
        return Duration.ofSeconds(random.nextLong(most.toSeconds() + 1));
    }

    /** Thrown where a process is killed. */
    @SuppressWarnings("serial")
    private static final class Crash extends Error {
        Crash() {
            super("killed", null, false, false);
        }
    }

    /** A verifier that conforms: it keeps a key set no longer than it may, and otherwise asks for nothing. */
    private final class Verifier {
        private final boolean worst = random.nextBoolean();
        private final Duration cache = worst ? policy.maxVerifierCache() : upTo(policy.maxVerifierCache());
        private final boolean asksMirror = mirrored && random.nextBoolean();
        private Set<String> keyIds = Set.of();
        private Instant fetchedAt = Instant.MIN;

        Set<String> known() {
            boolean old = keyIds.isEmpty() || now.isAfter(fetchedAt.plus(cache));
            if (old || (!worst && oneIn(20))) {
                Optional<Set<String>> fetched = asksMirror
                        ? Optional.of(mirror).filter(set -> !set.isEmpty())
                        : worst ? oldestServed() : ready();
                fetched.ifPresent(set -> {
                    keyIds = set;
                    fetchedAt = now;
                });
                if (fetched.isEmpty() && old) {
                    keyIds = Set.of();
                }
            }
            return keyIds;
        }
    }

    /** A process with a clock of its own, that is killed and started again. */
    private final class Node extends Clock implements RingStore {
        private final Duration skew = upTo(Duration.ofMinutes(10)).minusMinutes(5);
        private Duration leap = Duration.ZERO;
        private @Nullable RotationNode engine;
        private Instant startedAt = now;
        private Instant downUntil = now;
        private Instant cutOffUntil = Instant.MIN;
        private Instant wellAt = now;
        private boolean failed;
        private Instant actsAt = now;

        void act() {
            if (now.isBefore(downUntil) || now.isBefore(actsAt)) {
                return;
            }
            actsAt = now.plus(upTo(tick));
            disturb();
            try {
                if (engine == null) {
                    startedAt = now;
                    RotationNode fresh = node();
                    fresh.open();
                    engine = fresh;
                }
                failed = false;
                engine.maintain();
                wellAt = failed ? wellAt : now;
                if (oneIn(60)) {
                    engine.rotateNow();
                }
            } catch (Crash e) {
                crashes++;
                engine = null;
                downUntil = now.plus(upTo(tick.multipliedBy(4)));
            } catch (UncheckedIOException | IllegalStateException e) {
                // Not reachable now, or no key is ready to be rotated to: what a host sees, and tries again.
            }
        }

        void issue() {
            RotationNode running = engine;
            if (running == null || !oneIn(3)) {
                return;
            }
            Instant mine = instant();
            failed = false;
            try {
                ActiveKey active = running.active(mine.plus(policy.maxTokenLifetime()));
                Duration life = Duration.between(mine, active.latestExpiry());
                if (life.compareTo(LEAST_TOKEN) < 0) {
                    assertThat(isExcused())
                            .as(
                                    "a moment without a key at %s on %s, until %s, in: %s",
                                    now, this, active.latestExpiry(), policy)
                            .isTrue();
                    return;
                }
                token(active.key().publicJwk().keyId(), active.latestExpiry());
            } catch (Crash e) {
                crashes++;
                engine = null;
                downUntil = now.plus(upTo(tick));
            }
        }

        @Override
        public String toString() {
            return "node %d of %d [skew=%s, leap=%s, up since %s, well at %s, cut off until %s, failed=%s, knows version %s of %d at %s]"
                    .formatted(
                            nodes.indexOf(this) + 1,
                            nodes.size(),
                            skew,
                            leap,
                            startedAt,
                            wellAt,
                            cutOffUntil,
                            failed,
                            engine == null ? "none" : engine.health(),
                            commits.size(),
                            commits.get(commits.size() - 1).at());
        }

        /** A node whose store has failed it for as long as the policy says, and just now again, may have no key. */
        private boolean isExcused() {
            return failed && now.isAfter(wellAt.plus(policy.maxStaleness().dividedBy(2)));
        }

        private void token(String keyId, Instant expiresAt) {
            tokens++;
            everSigned.add(keyId);
            Instant last = expiresAt.plus(VERIFIER_LEEWAY);
            Verifier verifier = verifiers.get(random.nextInt(verifiers.size()));
            if (!now.isAfter(last)) {
                verify(new Check(now, keyId, now, verifier));
                Duration before = oneIn(2) ? Duration.ZERO : upTo(Duration.between(now, last));
                checks.add(new Check(last.minus(before), keyId, now, verifier));
            }
        }

        private void disturb() {
            if (oneIn(40)) {
                leap = leap.isZero() ? Duration.ofHours(random.nextBoolean() ? 1 : -1) : Duration.ZERO;
            }
            if (oneIn(outageRarity)) {
                cutOffUntil = now.plus(upTo(policy.maxStaleness().multipliedBy(2)));
            }
            if (oneIn(60)) {
                engine = null; // Killed between two steps.
            }
        }

        /** Returns how much the node knows, as the time of its latest key. */
        Instant latestKeyAt() {
            RotationNode running = engine;
            return running == null
                    ? Instant.MAX
                    : running.health().keys().stream()
                            .map(KeyHealth.Key::publishedAt)
                            .max(Comparator.naturalOrder())
                            .orElseThrow();
        }

        Optional<Set<String>> served() {
            RotationNode running = engine;
            try {
                return running == null ? Optional.empty() : Optional.of(keyIds(running.published()));
            } catch (IllegalStateException e) {
                return Optional.empty(); // 503
            }
        }

        private RotationNode node() {
            return new RotationNode(
                    policy,
                    new PooledKeys(),
                    this,
                    this::look,
                    new PooledKeys(),
                    new NodeTime(this, () -> Duration.between(startedAt, now)),
                    event -> {});
        }

        private Sighting look(Set<String> expected) {
            Optional<Set<String>> main = seesItself ? served() : ready();
            boolean fails = main.isEmpty() || oneIn(10) || (mirrored && mirror.isEmpty());
            if (fails) {
                return new Sighting(expected, Set.of(), Set.of(), List.of("The key set can't be read"));
            }
            Set<String> everywhere = new HashSet<>(main.get());
            everywhere.retainAll(expected);
            if (mirrored) {
                everywhere.retainAll(mirror);
            }
            return new Sighting(expected, everywhere, main.get(), List.of());
        }

        @Override
        public Optional<KeyRing> read() {
            requireStore();
            boolean lags = oneIn(4);
            failed |= lags;
            Instant asOf = lags ? now.minus(upTo(policy.maxStaleness().dividedBy(4))) : now;
            for (int i = commits.size() - 1; i >= 0; i--) {
                if (!commits.get(i).at().isAfter(asOf)) {
                    return Optional.of(commits.get(i).ring());
                }
            }
            return Optional.empty();
        }

        @Override
        public boolean replace(KeyRing next) {
            requireStore();
            if (oneIn(50)) {
                throw new Crash();
            }
            long version = commits.isEmpty()
                    ? 0
                    : commits.get(commits.size() - 1).ring().version();
            boolean stored = next.version() == version + 1;
            if (stored) {
                assertThat(next.keys()).hasSizeLessThanOrEqualTo(RotationPolicy.MAX_KEYS);
                commits.add(new Committed(now, next));
            }
            if (oneIn(50)) {
                throw new Crash();
            }
            if (oneIn(50)) {
                failed = true;
                throw new UncheckedIOException(new IOException("the answer got lost"));
            }
            return stored;
        }

        private void requireStore() {
            if (cutOffUntil.isAfter(now)) {
                failed = true;
                throw new UncheckedIOException(new IOException("no connection"));
            }
        }

        @Override
        public Instant instant() {
            return now.plus(skew).plus(leap);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }

    private static Set<String> keyIds(JwkSet set) {
        Set<String> keyIds = new HashSet<>();
        set.keys().forEach(key -> keyIds.add(key.keyId()));
        return keyIds;
    }

    /** Makes keys that were made before, since a schedule looks at their ids only. */
    private final class PooledKeys implements SigningKeyFactory, KeyOpener {
        @Override
        public String name() {
            return "pool";
        }

        @Override
        public Made create(Set<String> knownKeyIds) {
            return new Made(KEY_POOL.get(keysMade++ % KEY_POOL.size()), Secret.of("none"));
        }

        @Override
        public Signer open(PublicJwk publicJwk, Secret reference) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SigningKey open(RingKey key) {
            return OPENED.computeIfAbsent(key.keyId(), id -> SigningKey.of(key.publicJwk(), input -> new byte[0]));
        }

        @Override
        public void keepOnly(Set<String> keyIds) {}

        @Override
        public void discard(RingKey key) {}
    }
}
