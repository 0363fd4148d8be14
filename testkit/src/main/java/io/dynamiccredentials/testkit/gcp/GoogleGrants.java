package io.dynamiccredentials.testkit.gcp;

import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.HandedOut;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The access tokens that a fake Google Cloud handed out. Safe for use by many threads. */
final class GoogleGrants {
    private static final String SCHEME = "Bearer ";

    private final Clock clock;
    private final Map<String, Grant> grants = new ConcurrentHashMap<>();
    private final List<HandedOut> handedOut = new CopyOnWriteArrayList<>();

    GoogleGrants(Clock clock) {
        this.clock = clock;
    }

    /**
     * What an access token stands for.
     *
     * @param members as whom a policy may name its holder
     * @param federated whether it is of a pool's principal, and not of a service account
     */
    record Grant(HandedOut token, Set<String> members, boolean federated) {}

    /** Hands out an access token. */
    String add(String prefix, Grant grant) {
        String token = prefix + (UUID.randomUUID() + "" + UUID.randomUUID()).replace("-", "");
        grants.put(token, grant);
        handedOut.add(grant.token());
        return token;
    }

    /** Records what is no access token. */
    void add(HandedOut other) {
        handedOut.add(other);
    }

    /** Returns what the token of a request stands for, as long as it lives. */
    Grant bearer(FakeRequest request) throws GoogleRefusal {
        String header = request.header("Authorization").orElse("");
        return (header.startsWith(SCHEME) ? find(header.substring(SCHEME.length())) : Optional.<Grant>empty())
                .orElseThrow(GoogleRefusal::unauthenticated);
    }

    Optional<Grant> find(String accessToken) {
        return Optional.ofNullable(grants.get(accessToken)).filter(grant -> isLive(grant.token()));
    }

    List<HandedOut> handedOut() {
        return List.copyOf(handedOut);
    }

    List<HandedOut> live() {
        return handedOut.stream().filter(this::isLive).toList();
    }

    void clear() {
        grants.clear();
        handedOut.clear();
    }

    private boolean isLive(HandedOut token) {
        return clock.instant().isBefore(token.expiresAt());
    }
}
