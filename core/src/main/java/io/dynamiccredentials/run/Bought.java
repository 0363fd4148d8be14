package io.dynamiccredentials.run;

import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.token.IdentityToken;

/**
 * What one purchase of a configuration gave: credentials and the token that is rendered with them. Immutable.
 *
 * @param number tells the purchases of a configuration apart; later ones have higher numbers
 */
record Bought<C extends Credentials>(long number, C credentials, IdentityToken token) {

    /** Returns the same purchase, whose credentials were prolonged. */
    Bought<C> prolonged(C later) {
        return new Bought<>(number, later, token);
    }
}
