package io.dynamiccredentials.testkit.gcp;

import io.dynamiccredentials.gcp.ProviderDecision;
import io.dynamiccredentials.gcp.ProviderDecision.Accepted;
import io.dynamiccredentials.gcp.ProviderDecision.Refused;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.testkit.IssuerKeys;
import io.dynamiccredentials.testkit.ReceivedToken;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Decides about identity tokens as STS does: claims by the provider, and between them, where STS does so, the signature
 * by keys that were uploaded or are fetched.
 */
record GoogleTokenCheck(IssuerKeys fetched) {
    private static final Set<String> ALGORITHMS = Set.of("RS256", "ES256");

    /** Takes a token apart. */
    static ReceivedToken parse(String jwt) throws GoogleRefusal {
        // The text is ours: nobody has written down what Google says to this.
        return ReceivedToken.parse(jwt)
                .orElseThrow(() -> GoogleRefusal.oauth("invalid_grant", "The ID Token is no JSON Web Token."));
    }

    /** Returns what the provider makes of a token that it accepts. */
    Accepted check(WorkloadIdentityProvider provider, ReceivedToken token, Instant now) throws GoogleRefusal {
        Optional<Refused> before = provider.refusalBeforeSignature(token.claims());
        if (before.isPresent()) {
            throw GoogleRefusal.of(before.get());
        }
        requireSignature(provider, token);
        ProviderDecision decision = provider.decide(token.claims(), now);
        if (decision instanceof Accepted accepted) {
            return accepted;
        }
        throw GoogleRefusal.of((Refused) decision);
    }

    private void requireSignature(WorkloadIdentityProvider provider, ReceivedToken token) throws GoogleRefusal {
        PublicJwk key = key(provider, token.keyId())
                .orElseThrow(() ->
                        GoogleRefusal.oauth("invalid_grant", "Error connecting to the given credential's issuer."));
        if (!ALGORITHMS.contains(token.algorithm()) || !token.isSignedBy(key)) {
            throw GoogleRefusal.oauth("invalid_grant", "Unable to verify the ID Token signature.");
        }
    }

    /** Finds the key. To Google an issuer that can't be reached and one without that key are alike. */
    private Optional<PublicJwk> key(WorkloadIdentityProvider provider, String keyId) {
        Optional<JwkSet> uploaded = provider.uploadedKeys();
        if (uploaded.isPresent()) {
            return uploaded.get().find(keyId);
        }
        return fetched.find(provider.issuer(), keyId) instanceof IssuerKeys.Found found
                ? Optional.of(found.key())
                : Optional.empty();
    }
}
