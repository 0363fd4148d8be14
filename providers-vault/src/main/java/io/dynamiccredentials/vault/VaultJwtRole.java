package io.dynamiccredentials.vault;

import io.dynamiccredentials.verify.Glob;
import io.dynamiccredentials.verify.VerifiedToken;
import java.time.Duration;
import java.util.Set;

/**
 * What Vault checks of a token: a role of its JWT auth method, in the terms of {@code auth/jwt/role/NAME}. Immutable.
 *
 * @param name the role's name
 * @param boundAudiences {@code bound_audiences}: the token needs one of them
 * @param boundSubject {@code bound_claims.sub} with {@code bound_claims_type=glob}: {@code *} stands for any text
 * @param tokenTtl {@code token_ttl}: how long a token of the role lives
 */
public record VaultJwtRole(String name, Set<String> boundAudiences, String boundSubject, Duration tokenTtl) {

    /**
     * Copies the set.
     *
     * @throws IllegalArgumentException if there is no audience, or a subject that lets everybody in
     */
    public VaultJwtRole {
        boundAudiences = Set.copyOf(boundAudiences);
        if (boundAudiences.isEmpty()) {
            throw new IllegalArgumentException("Role \"" + name + "\" needs at least one bound audience; it has none");
        }
        if (boundSubject.isBlank()
                || boundSubject.contains("?")
                || boundSubject.replace("*", "").isEmpty()) {
            throw new IllegalArgumentException("Role \"" + name
                    + "\" needs a bound subject that not every workload has, with * as its only wildcard; it was \""
                    + boundSubject + "\"");
        }
        if (tokenTtl.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(
                    "Tokens of role \"" + name + "\" must live 1 s or longer; it was " + tokenTtl);
        }
    }

    /** Tells whether the audience of {@code token} is bound. */
    public boolean permitsAudience(VerifiedToken token) {
        return token.audiences().stream().anyMatch(boundAudiences::contains);
    }

    /** Tells whether the subject of {@code token} matches the bound one. */
    public boolean permitsSubject(VerifiedToken token) {
        return Glob.of(boundSubject).matches(token.subject());
    }
}
