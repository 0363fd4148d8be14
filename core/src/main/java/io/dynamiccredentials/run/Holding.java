package io.dynamiccredentials.run;

import io.dynamiccredentials.token.IdentityToken;
import java.util.Optional;

/** An identity token that was issued for a configuration, and the credentials that it bought, if it did. */
record Holding(String name, IdentityToken token, Optional<HeldCredentials<?>> bought) {

    /** Holds a token before it is traded: from here on somebody may have a copy. */
    static Holding of(String name, IdentityToken token) {
        return new Holding(name, token, Optional.empty());
    }

    Holding with(HeldCredentials<?> credentials) {
        return new Holding(name, token, Optional.of(credentials));
    }
}
