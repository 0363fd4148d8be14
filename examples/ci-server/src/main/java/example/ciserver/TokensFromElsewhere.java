package example.ciserver;

import static io.dynamiccredentials.verify.Condition.claim;

import io.dynamiccredentials.verify.IssuerPreset;
import io.dynamiccredentials.verify.JwtTokenVerifier;
import io.dynamiccredentials.verify.RemoteJwkSet;
import io.dynamiccredentials.verify.RemoteJwkSets;
import io.dynamiccredentials.verify.TokenVerifier;
import io.dynamiccredentials.verify.TrustPolicy;
import io.dynamiccredentials.verify.TrustedIssuer;
import io.dynamiccredentials.verify.VerifiedToken;
import java.util.Set;

/** The example of the README, word for word; a test compares them. */
final class TokensFromElsewhere {

    private TokensFromElsewhere() {}

    // README: begin
    static String whoDeploys(RemoteJwkSets keySets, String compactToken) {
        // Once, when the service starts: keySets is RemoteJwkSets.builder().build(), closed when the service ends.
        IssuerPreset gitHub = IssuerPreset.gitHubActions();
        RemoteJwkSet keys = keySets.of(gitHub.issuer());
        TrustedIssuer trusted = gitHub.trustedFor(Set.of("https://deploy.example"), keys);
        TrustPolicy deployers = TrustPolicy.builder(gitHub.issuer())
                .audience("https://deploy.example")
                .require(claim("repository_id").is("456789"))
                .require(claim("environment").isOneOf("staging", "prod"))
                .build();
        TokenVerifier verifier =
                JwtTokenVerifier.builder(trusted).policy(deployers).build();

        // For each request; a TokenRejectedException has the reason and the claim, and tells what was expected and
        // came.
        VerifiedToken token = verifier.verify(compactToken);
        return token.auditLine();
    }
    // README: end
}
