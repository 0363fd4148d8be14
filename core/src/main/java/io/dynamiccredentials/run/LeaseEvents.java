package io.dynamiccredentials.run;

import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.run.LeaseEvent.Kind;
import io.dynamiccredentials.token.IdentityToken;
import java.time.Clock;
import java.util.Optional;

/** Tells a listener what happens to one lease. Safe for use by many threads. */
final class LeaseEvents {
    private final String runId;
    private final LeaseListener listener;
    private final Clock clock;

    LeaseEvents(String runId, LeaseListener listener, Clock clock) {
        this.runId = runId;
        this.listener = listener;
        this.clock = clock;
    }

    void issued(String name, IdentityToken token) {
        tell(Kind.ISSUED, name, Optional.of(token), Optional.empty(), Optional.empty());
    }

    void exchanged(String name, IdentityToken token, Credentials credentials) {
        tell(Kind.EXCHANGED, name, Optional.of(token), Optional.of(credentials), Optional.empty());
    }

    void refreshed(String name, IdentityToken token, Credentials credentials) {
        tell(Kind.REFRESHED, name, Optional.of(token), Optional.of(credentials), Optional.empty());
    }

    void revoked(HeldCredentials<?> held, Revocation revocation) {
        String outcome = revocation instanceof Revocation.LivesUntil lives
                ? "lives until " + lives.until()
                : revocation instanceof Revocation.Ordered ordered
                        ? "ordered, ends at " + ordered.until() + " at the latest"
                        : "revoked";
        tell(Kind.REVOKED, held.name(), Optional.empty(), Optional.of(held.credentials()), Optional.of(outcome));
    }

    void refused(String name, String why) {
        tell(Kind.REFUSED, name, Optional.empty(), Optional.empty(), Optional.of(why));
    }

    void served(String endpoint) {
        tell(Kind.SERVED, endpoint, Optional.empty(), Optional.empty(), Optional.empty());
    }

    private void tell(
            Kind kind,
            String name,
            Optional<IdentityToken> token,
            Optional<Credentials> credentials,
            Optional<String> detail) {
        listener.on(new LeaseEvent(
                kind,
                clock.instant(),
                runId,
                Optional.of(name),
                token.map(IdentityToken::tokenId),
                token.map(issued -> issued.compact().fingerprint()),
                credentials.flatMap(Credentials::requestId),
                credentials.map(Credentials::principal),
                detail));
    }
}
