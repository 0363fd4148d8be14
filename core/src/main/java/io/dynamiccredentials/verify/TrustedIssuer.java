package io.dynamiccredentials.verify;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.util.Set;

/**
 * An issuer whose tokens are welcome, and on which terms. Immutable.
 *
 * @param issuer the exact {@code iss}
 * @param audiences the audiences that mean this relying party; a token needs at least one of them
 * @param algorithms the algorithms that the issuer may sign with
 * @param keys where its public keys come from
 */
public record TrustedIssuer(IssuerUrl issuer, Set<String> audiences, Set<SigningAlgorithm> algorithms, KeySource keys) {

    /**
     * Copies the sets.
     *
     * @throws IllegalArgumentException if there is no audience, a blank one, or no algorithm: silence is refusal; or if
     *     the keys are a {@link RemoteJwkSet} of another issuer, who could then speak for this one
     */
    public TrustedIssuer {
        audiences = Set.copyOf(audiences);
        algorithms = Set.copyOf(algorithms);
        if (audiences.isEmpty() || audiences.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("Issuer \"" + issuer
                    + "\" needs at least one audience and none that is blank; it has " + audiences);
        }
        if (algorithms.isEmpty()) {
            throw new IllegalArgumentException("Issuer \"" + issuer + "\" needs at least one algorithm; it has none");
        }
        if (keys instanceof RemoteJwkSet remote && !remote.issuer().equals(issuer)) {
            throw new IllegalArgumentException(
                    "Issuer \"" + issuer + "\" needs keys of its own; these are those of \"" + remote.issuer() + "\"");
        }
    }
}
