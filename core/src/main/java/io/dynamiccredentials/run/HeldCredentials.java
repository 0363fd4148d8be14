package io.dynamiccredentials.run;

import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.HandedOnToken;
import io.dynamiccredentials.exchange.Revocation;
import java.time.Instant;

/**
 * Credentials that a run has, and the way to end them. Immutable.
 *
 * @param name the configuration that they are of
 */
record HeldCredentials<C extends Credentials>(String name, CredentialExchanger<C> exchanger, C credentials) {

    /** Tells whether they are the identity token itself, of which the report has a line anyway. */
    boolean isTokenItself() {
        return credentials instanceof HandedOnToken;
    }

    /** Tells whether they have ended by themselves. What can be revoked may have been prolonged by the run's tools. */
    boolean endedBefore(Instant now) {
        return credentials.expiresAt().isBefore(now)
                && exchanger.handle(credentials).isEmpty();
    }

    Revocation revoke() {
        return exchanger.revoke(credentials);
    }

    @Override
    public String toString() {
        return name + " credentials";
    }
}
