package io.dynamiccredentials.token;

import io.dynamiccredentials.workload.Workload;

/**
 * Issues identity tokens.
 *
 * <p><b>For implementers:</b> safe for use by many threads. Each call gives a token of its own id. One audience goes in
 * as one string, never as an array.
 */
@FunctionalInterface
public interface TokenIssuer {

    /**
     * Issues a token that says who {@code workload} is, for {@code audience} only.
     *
     * @throws io.dynamiccredentials.TokenIssuanceException if no key can sign or the token would break a rule
     * @throws IllegalArgumentException if {@code audience} is blank
     */
    IdentityToken issue(Workload workload, String audience);
}
