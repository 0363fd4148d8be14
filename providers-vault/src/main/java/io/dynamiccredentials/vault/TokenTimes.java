package io.dynamiccredentials.vault;

import io.dynamiccredentials.vault.VaultJwtMethod.Decision.Refused;
import java.time.Instant;
import java.util.Optional;

/** Decides on {@code nbf}, {@code exp} and {@code iat} as Vault does, which makes up the ones that are absent. */
final class TokenTimes {
    // Beyond it Vault's arithmetic overflows, and what it then says of a time is not what the time says.
    private static final long LAST = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

    private final long issuedAt;
    private final long notBefore;
    private final long expiresAt;
    private final VaultJwtRole.Leeways leeways;

    private TokenTimes(RegisteredClaims claims, VaultJwtRole.Leeways leeways) {
        this.leeways = leeways;
        this.issuedAt = claims.issuedAt();
        this.expiresAt = claims.expiresAt() != 0
                ? claims.expiresAt()
                : Math.max(claims.issuedAt(), claims.notBefore())
                        + leeways.effectiveExpiration().toSeconds();
        this.notBefore = claims.notBefore() != 0 ? claims.notBefore() : madeUpNotBefore();
    }

    /** Returns why a token with these claims is refused at {@code now}; empty if it is not. */
    static Optional<Refused> refusal(RegisteredClaims claims, VaultJwtRole.Leeways leeways, Instant now) {
        if (claims.issuedAt() == 0 && claims.notBefore() == 0 && claims.expiresAt() == 0) {
            return Optional.of(new Refused(
                    "error validating token: no issued at (iat), not before (nbf), or expiration time (exp) claims in "
                            + "token",
                    "exp",
                    "one of iat, nbf and exp",
                    "none of them"));
        }
        boolean representable = isRepresentable(claims.issuedAt())
                && isRepresentable(claims.notBefore())
                && isRepresentable(claims.expiresAt());
        return representable
                ? new TokenTimes(claims, leeways).refusal(now)
                : Optional.of(new Refused(
                        "error validating token: invalid expiration time (exp) claim: token is expired",
                        "exp",
                        "times before the year 10000",
                        "one after it"));
    }

    private Optional<Refused> refusal(Instant now) {
        Instant late = now.plus(leeways.effectiveClockSkew());
        Instant early = now.minus(leeways.effectiveClockSkew());
        if (late.isBefore(Instant.ofEpochSecond(notBefore))) {
            return refused("nbf", "invalid not before (nbf) claim: token not yet valid", "at most " + late, notBefore);
        }
        if (early.isAfter(Instant.ofEpochSecond(expiresAt))) {
            return refused(
                    "exp", "invalid expiration time (exp) claim: token is expired", "at least " + early, expiresAt);
        }
        return late.isBefore(Instant.ofEpochSecond(issuedAt))
                ? refused(
                        "iat", "invalid issued at (iat) claim: token issued in the future", "at most " + late, issuedAt)
                : Optional.empty();
    }

    private long madeUpNotBefore() {
        return issuedAt != 0
                ? issuedAt
                : expiresAt - leeways.effectiveNotBefore().toSeconds();
    }

    private static boolean isRepresentable(long seconds) {
        return seconds >= -LAST && seconds <= LAST;
    }

    private static Optional<Refused> refused(String claim, String text, String expected, long actual) {
        String shown = Instant.ofEpochSecond(actual).toString();
        return Optional.of(new Refused("error validating token: " + text, claim, expected, shown));
    }
}
