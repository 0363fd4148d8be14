package io.dynamiccredentials.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.verify.JwtTokenVerifier;
import io.dynamiccredentials.verify.RemoteJwkSets;
import io.dynamiccredentials.verify.TokenVerifier;
import io.dynamiccredentials.verify.TrustedIssuer;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Builds the verifier of a fake: keys come from the issuer over HTTP, as they do for the platform that it stands for.
 *
 * <p>What it reads of a token unverified can refuse, or choose the words of a refusal. It never lets anybody in.
 */
public final class TokenCheck {

    private TokenCheck() {}

    /** Returns the key sets of one fake, which closes them. Its issuer is on loopback, by whatever name. */
    public static RemoteJwkSets keySets() {
        return RemoteJwkSets.builder().allowPrivateAddresses().build();
    }

    /** Returns the verifier of a fake. */
    public static TokenVerifier of(TrustedIssuer issuer, Clock clock, Duration clockSkew) {
        return JwtTokenVerifier.builder(issuer)
                .clock(clock)
                .clockSkew(clockSkew)
                .build();
    }

    /** Returns what to throw on a reason that only options of a verifier have, of which {@link #of} sets none. */
    public static IllegalStateException ofNoFake(TokenRejectedException e) {
        return new IllegalStateException("No fake's verifier refuses a token for " + e.reason(), e);
    }

    /** Reads the header without believing it; empty if {@code jwt} does not have the form of a signed JWT. */
    public static Optional<JsonNode> unverifiedHeader(String jwt) {
        return ReceivedToken.parse(jwt).map(ReceivedToken::header);
    }

    /** Reads the claims without believing them; empty if {@code jwt} does not have the form of a signed JWT. */
    public static Optional<JsonNode> unverifiedClaims(String jwt) {
        return ReceivedToken.parse(jwt).map(ReceivedToken::claims);
    }
}
