package io.dynamiccredentials.exchange;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.token.IdentityToken;
import java.time.Instant;
import java.util.List;

/**
 * An identity token that the run presents to the platform itself: it is its own credentials. Immutable.
 *
 * @param token the token
 */
public record HandedOnToken(IdentityToken token) implements Credentials {

    @Override
    public Instant expiresAt() {
        return token.expiresAt();
    }

    /** Returns the subject, as whom the platform knows its holder. */
    @Override
    public String principal() {
        return token.subject();
    }

    @Override
    public List<Secret> secrets() {
        return List.of(token.compact());
    }
}
