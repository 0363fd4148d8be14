package io.dynamiccredentials.run;

import io.dynamiccredentials.broker.CredentialBroker.Outcome;
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
        listener.on(event(Kind.ISSUED, name).with(token));
    }

    void exchanged(String name, IdentityToken token, Credentials credentials) {
        listener.on(of(Kind.EXCHANGED, name, credentials).with(token));
    }

    void refreshed(String name, IdentityToken token, Credentials credentials) {
        listener.on(of(Kind.REFRESHED, name, credentials).with(token));
    }

    /** Tells of a token that the run trades itself: nobody here knows whom it makes it. */
    void refreshed(String name, IdentityToken token) {
        listener.on(event(Kind.REFRESHED, name).with(token));
    }

    void revoked(HeldCredentials<?> held, Revocation revocation) {
        listener.on(of(EventText.kindOf(revocation), held.name(), held.credentials())
                .saying(EventText.of(revocation)));
    }

    void refused(String name, String why) {
        listener.on(event(Kind.REFUSED, name).saying(why));
    }

    /** Tells of a request to an endpoint of the lease on loopback. */
    void asked(Optional<String> endpoint, Outcome outcome) {
        LeaseEvent whole =
                LeaseEvent.of(outcome == Outcome.HANDED_OUT ? Kind.SERVED : Kind.REFUSED, clock.instant(), runId);
        listener.on(whole.saying("endpoint " + endpoint.orElse("on loopback") + ": " + outcome));
    }

    private LeaseEvent of(Kind kind, String name, Credentials credentials) {
        return event(kind, name).answering(credentials.requestId()).heldBy(credentials.principal());
    }

    private LeaseEvent event(Kind kind, String name) {
        return LeaseEvent.of(kind, clock.instant(), runId).about(name);
    }
}
