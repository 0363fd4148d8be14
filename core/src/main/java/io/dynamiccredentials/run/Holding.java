package io.dynamiccredentials.run;

import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.token.IdentityToken;
import java.util.Optional;
import java.util.function.Supplier;

/** An identity token that was issued for a platform, and the credentials that it bought there, if it did. */
record Holding(String platform, IdentityToken token, Optional<Bought> bought) {

    /** Credentials, and how to end them. */
    record Bought(Credentials credentials, Supplier<Revocation> revoke) {}

    /** Holds a token before it is traded: from here on somebody may have a copy. */
    static Holding of(CredentialExchanger<?> exchanger, IdentityToken token) {
        return new Holding(exchanger.platform(), token, Optional.empty());
    }

    static <C extends Credentials> Holding of(CredentialExchanger<C> exchanger, IdentityToken token, C credentials) {
        Bought bought = new Bought(credentials, () -> exchanger.revoke(credentials));
        return new Holding(exchanger.platform(), token, Optional.of(bought));
    }
}
