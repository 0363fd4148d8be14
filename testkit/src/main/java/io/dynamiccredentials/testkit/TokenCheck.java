package io.dynamiccredentials.testkit;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.verify.JwtTokenVerifier;
import io.dynamiccredentials.verify.KeySource;
import io.dynamiccredentials.verify.RemoteJwkSet;
import io.dynamiccredentials.verify.TokenVerifier;
import io.dynamiccredentials.verify.TrustedIssuer;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.time.Clock;
import java.time.Duration;

/**
 * Builds the verifier of a fake: keys come from the issuer over HTTP, as they do for the platform that it stands for.
 */
final class TokenCheck {

    private TokenCheck() {}

    /**
     * Returns the keys of {@code issuer}, fetched when the first token comes. Share one among the verifiers of a fake.
     */
    static KeySource keysOf(IssuerUrl issuer) {
        return RemoteJwkSet.builder(issuer, BoundedHttpClient.builder().build()).build();
    }

    static TokenVerifier of(TrustedIssuer issuer, Clock clock, Duration clockSkew) {
        return JwtTokenVerifier.builder(issuer)
                .clock(clock)
                .clockSkew(clockSkew)
                .build();
    }
}
