package io.dynamiccredentials.testkit;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.RenewableExchanger;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.token.IdentityToken;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A platform in this process, without HTTP, that gives credentials for a token, prolongs and revokes them, and fails
 * when a test wants it to.
 *
 * <p>It trusts a token whose audience is its own and whose end has not come, and looks at no signature: what decides
 * about those is a fake platform ({@code FakeAws} and its like). Safe for use by many threads.
 */
public final class FakeCredentialExchanger implements RenewableExchanger<FakeCredentials>, SecretSource {
    private static final Duration LIFE = Duration.ofHours(1);

    private final String platform;
    private final String audience;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, HandedOut> handedOut = new LinkedHashMap<>();
    private final Map<String, HandedOut> live = new LinkedHashMap<>();
    private final Queue<CredentialExchangeException> failures = new ArrayDeque<>();
    private Duration life = LIFE;
    private Predicate<IdentityToken> trust = token -> true;
    private boolean renewable;
    private boolean revocable = true;
    private int exchanges;
    private int renewals;
    private final Set<Secret> secrets = new HashSet<>();

    private FakeCredentialExchanger(String platform, String audience, Clock clock) {
        this.platform = platform;
        this.audience = audience;
        this.clock = clock;
    }

    /**
     * Returns a platform that gives credentials for an hour and can revoke them.
     *
     * @param platform its name in messages and reports, for example {@code Acme}
     * @param audience the audience that it expects in a token
     */
    public static FakeCredentialExchanger of(String platform, String audience, Clock clock) {
        return new FakeCredentialExchanger(platform, audience, clock);
    }

    /**
     * Has credentials live for {@code life} from now on.
     *
     * @throws IllegalArgumentException if {@code life} is shorter than 1 s
     */
    public synchronized FakeCredentialExchanger life(Duration life) {
        this.life = HandedOut.requireLife(life);
        return this;
    }

    /** Refuses each token that {@code trust} does not accept. */
    public synchronized FakeCredentialExchanger trustingOnly(Predicate<IdentityToken> trust) {
        this.trust = trust;
        return this;
    }

    /** Has credentials prolonged when three quarters of their life are over; else new ones are asked for. */
    public synchronized FakeCredentialExchanger renewable() {
        this.renewable = true;
        return this;
    }

    /** Has no way to end credentials before their time, as AWS, Google Cloud and Entra have none. */
    public synchronized FakeCredentialExchanger notRevocable() {
        this.revocable = false;
        return this;
    }

    /** Fails the next calls, of whatever kind, one each. */
    public synchronized FakeCredentialExchanger failNext(CredentialExchangeException... next) {
        failures.addAll(List.of(next));
        return this;
    }

    /** Refuses the next call for good. */
    public FakeCredentialExchanger refuseNext() {
        return failNext(failure(Kind.REFUSED, "refused", "Check what the test expects")
                .status(403)
                .build());
    }

    /** Throttles the next call, and says when to come back. */
    public FakeCredentialExchanger throttleNext(Duration retryAfter) {
        return failNext(failure(Kind.THROTTLED, "throttled", "Come back later")
                .status(429)
                .retryAfter(retryAfter)
                .build());
    }

    /** Is out of reach for the next calls. */
    public FakeCredentialExchanger unreachableNext(int calls) {
        for (int i = 0; i < calls; i++) {
            failNext(failure(Kind.UNREACHABLE, "could not be asked for", "Wait until it is back")
                    .build());
        }
        return this;
    }

    @Override
    public String platform() {
        return platform;
    }

    @Override
    public String audience() {
        return audience;
    }

    @Override
    public synchronized FakeCredentials exchange(IdentityToken token) {
        exchanges++;
        throwNext();
        Instant now = clock.instant();
        if (!token.audience().equals(audience) || !now.isBefore(token.expiresAt()) || !trust.test(token)) {
            throw failure(
                            Kind.REFUSED,
                            "refused",
                            "Give it a live token for audience \"" + audience + "\" that the test trusts")
                    .status(403)
                    .build();
        }
        String id = platform + "-" + (handedOut.size() + 1);
        HandedOut entry = new HandedOut(platform, id, token.subject(), token.tokenId(), now.plus(life));
        handedOut.put(id, entry);
        live.put(id, entry);
        return new FakeCredentials(id, secret(), entry.principal(), entry.expiresAt());
    }

    @Override
    public synchronized Optional<Duration> renewalDueIn(FakeCredentials credentials) {
        Duration left = Duration.between(clock.instant(), credentials.expiresAt());
        Duration due = left.minus(life.dividedBy(4));
        return renewable ? Optional.of(due.isNegative() ? Duration.ZERO : due) : Optional.empty();
    }

    @Override
    public synchronized FakeCredentials renew(FakeCredentials credentials) {
        renewals++;
        throwNext();
        HandedOut entry = live.get(credentials.id());
        if (entry == null || !clock.instant().isBefore(entry.expiresAt())) {
            throw failure(Kind.REFUSED, "did not prolong", "It has ended")
                    .status(403)
                    .build();
        }
        HandedOut renewed = new HandedOut(
                entry.role(),
                entry.principal(),
                entry.subject(),
                entry.tokenId(),
                clock.instant().plus(life));
        live.put(credentials.id(), renewed);
        return new FakeCredentials(
                credentials.id(), credentials.secret(), credentials.principal(), renewed.expiresAt());
    }

    @Override
    public synchronized Revocation revoke(FakeCredentials credentials) {
        if (!revocable) {
            return new Revocation.LivesUntil(credentials.expiresAt());
        }
        throwNext();
        live.remove(credentials.id());
        return new Revocation.Revoked();
    }

    /** Returns all that it handed out, the oldest first. */
    public synchronized List<HandedOut> handedOut() {
        return List.copyOf(handedOut.values());
    }

    /** Returns what it would honour now: neither ended nor revoked. */
    public synchronized List<HandedOut> live() {
        return live.values().stream()
                .filter(entry -> clock.instant().isBefore(entry.expiresAt()))
                .toList();
    }

    @Override
    public synchronized Set<Secret> secrets() {
        return Set.copyOf(secrets);
    }

    /** Returns how many times it was asked for credentials. */
    public synchronized int exchanges() {
        return exchanges;
    }

    /** Returns how many times it was asked to prolong some. */
    public synchronized int renewals() {
        return renewals;
    }

    private void throwNext() {
        CredentialExchangeException failure = failures.poll();
        if (failure != null) {
            throw failure;
        }
    }

    private CredentialExchangeException.Builder failure(Kind kind, String did, String remedy) {
        return CredentialExchangeException.builder(platform, kind, platform + " " + did + " credentials", remedy);
    }

    private Secret secret() {
        byte[] bytes = new byte[24];
        random.nextBytes(bytes);
        Secret secret =
                Secret.of("fake-" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        secrets.add(secret);
        return secret;
    }
}
