package io.dynamiccredentials.testkit.assertions;

import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.token.IdentityToken;

/**
 * Starts assertions about what relying parties would say to a token of your issuer, without reaching any: your unit
 * test holds the token of a run against the trust policy, the provider, the credential or the role that you give them.
 *
 * <pre>{@code
 * assertThatToken(issuer.issue(run, "aws.workload.identity"), keys.published())
 *         .isAcceptedByAws("arn:aws:iam::123456789012:role/deploy", trustPolicy)
 *         .isRefusedByVault(otherTeamsRole, "claim \"sub\" does not match");
 * }</pre>
 *
 * <p>Each is asked by the fake of its platform, which needs that platform's artifact; signature, times and all claims
 * count. Needs AssertJ on the class path.
 */
public final class RelyingPartyAssertions {

    private RelyingPartyAssertions() {}

    /**
     * Starts an assertion about {@code token}, at the time at which it was issued.
     *
     * @param publishedKeys what the issuer's discovery endpoint shows: {@code SigningKeys.published()}
     */
    public static RelyingPartyAssert assertThatToken(IdentityToken token, JwkSet publishedKeys) {
        return new RelyingPartyAssert(new Trial(token, publishedKeys, token.issuedAt()));
    }
}
