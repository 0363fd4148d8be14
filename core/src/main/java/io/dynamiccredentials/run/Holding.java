package io.dynamiccredentials.run;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.token.IdentityToken;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

    /** Tells whether these credentials are what it holds. */
    boolean holds(Credentials credentials) {
        return bought.filter(held -> held.credentials().equals(credentials)).isPresent();
    }

    /** Returns every secret in it. */
    List<Secret> secrets() {
        List<Secret> secrets = new ArrayList<>(List.of(token.compact()));
        bought.ifPresent(held -> secrets.addAll(held.credentials().secrets()));
        return secrets;
    }

    /** Tells whether nothing of it lives any more, and nobody can have prolonged it. */
    boolean endedBefore(Instant now) {
        return token.expiresAt().isBefore(now)
                && bought.filter(held -> !held.endedBefore(now)).isEmpty();
    }
}
