package io.dynamiccredentials.testkit.aws;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.aws.trust.AwsTrustPolicyDocument;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** The roles and OIDC identity providers of all accounts. Safe for use by many threads. */
final class FakeIam {
    private static final Duration DEFAULT_MAX_SESSION = Duration.ofHours(1);
    private static final int MAX_PROVIDERS = 100;
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");

    private final Clock clock;
    private final Map<String, FakeAwsRole> roles = new ConcurrentHashMap<>();
    private final Map<ProviderId, FakeAwsProvider> providers = new ConcurrentHashMap<>();
    private volatile Duration delay = Duration.ZERO;

    private record ProviderId(String account, String issuer) {}

    FakeIam(Clock clock) {
        this.clock = clock;
    }

    /** Sets after how long STS knows of a new role. */
    void delay(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("A delay can't be negative; it was " + time);
        }
        this.delay = time;
    }

    /** Makes a role, or changes whom it trusts. */
    void put(String arn, AwsTrustPolicyDocument trust) {
        roles.compute(
                arn,
                (same, before) -> before == null
                        ? new FakeAwsRole(arn, trust, DEFAULT_MAX_SESSION, visibleFrom())
                        : before.withTrust(trust));
    }

    private Instant visibleFrom() {
        // A test may move its clock back.
        return delay.isZero() ? Instant.MIN : clock.instant().plus(delay);
    }

    void change(String arn, UnaryOperator<FakeAwsRole> change) {
        if (roles.computeIfPresent(arn, (same, before) -> change.apply(before)) == null) {
            throw new IllegalArgumentException(
                    "There must be a role to change; there is no \"" + arn + "\". Add it by role(…)");
        }
    }

    void remove(String arn) {
        roles.remove(arn);
    }

    /** Returns a role that STS knows of by now. */
    Optional<FakeAwsRole> role(String arn) {
        return Optional.ofNullable(roles.get(arn))
                .filter(role -> !clock.instant().isBefore(role.visibleFrom()));
    }

    private void put(String account, FakeAwsProvider provider) {
        if (!ACCOUNT.matcher(account).matches()) {
            throw new IllegalArgumentException("An account id has 12 digits; it was \"" + account + "\"");
        }
        ProviderId id = new ProviderId(account, provider.issuer().value());
        // Two at a time could pass the quota.
        synchronized (providers) {
            long others = providers.keySet().stream()
                    .filter(other -> other.account().equals(account) && !other.equals(id))
                    .count();
            if (others >= MAX_PROVIDERS) {
                throw new IllegalArgumentException("LimitExceeded: An account must have at most " + MAX_PROVIDERS
                        + " OIDC identity providers; \"" + account + "\" has as many");
            }
            providers.put(id, provider);
        }
    }

    /** Makes a provider, or gives it other client ids and leaves it its thumbprints. */
    void putClientIds(String account, IssuerUrl issuer, Set<String> clientIds) {
        synchronized (providers) {
            List<String> thumbprints = provider(account, issuer.value())
                    .map(FakeAwsProvider::thumbprints)
                    .orElse(List.of());
            put(account, new FakeAwsProvider(issuer, clientIds, thumbprints));
        }
    }

    /**
     * Gives a provider other thumbprints.
     *
     * @throws IllegalArgumentException if there is no such provider
     */
    void putThumbprints(String account, IssuerUrl issuer, List<String> thumbprints) {
        synchronized (providers) {
            FakeAwsProvider before = provider(account, issuer.value())
                    .orElseThrow(() -> new IllegalArgumentException("There must be a provider to change; \"" + account
                            + "\" has none for \"" + issuer + "\". Add it by oidcProvider(…)"));
            put(account, new FakeAwsProvider(issuer, before.clientIds(), thumbprints));
        }
    }

    /** Makes a provider, or adds to the client ids of the one that is there. */
    void addClientIds(String account, IssuerUrl issuer, Set<String> more) {
        synchronized (providers) {
            Set<String> all = new HashSet<>(more);
            provider(account, issuer.value()).ifPresent(before -> all.addAll(before.clientIds()));
            putClientIds(account, issuer, all);
        }
    }

    void removeProvider(String account, String issuer) {
        providers.remove(new ProviderId(account, issuer));
    }

    Optional<FakeAwsProvider> provider(String account, String issuer) {
        return Optional.ofNullable(providers.get(new ProviderId(account, issuer)));
    }
}
