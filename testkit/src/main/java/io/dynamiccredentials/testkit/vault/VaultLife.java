package io.dynamiccredentials.testkit.vault;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * How long a token or a lease lives. Vault reckons it anew at each renewal.
 *
 * @param ttl what the role or the engine says; zero means the system's default
 * @param maxTtl the most that a role or an engine allows; zero means the system's
 * @param explicitMaxTtl the most that nothing prolongs; zero means none
 * @param period with it there is no end but an explicit one; zero means none
 */
record VaultLife(Duration ttl, Duration maxTtl, Duration explicitMaxTtl, Duration period) {
    /** The default of a server that was not told any other: 32 days, which is also the most. */
    static final Duration SYSTEM_TTL = Duration.ofDays(32);

    /** A life that was reckoned. */
    record Reckoned(Duration ttl, List<String> warnings) {}

    static VaultLife of(Duration ttl, Duration maxTtl) {
        return new VaultLife(ttl, maxTtl, Duration.ZERO, Duration.ZERO);
    }

    /**
     * Reckons how long it lives from {@code now} on.
     *
     * @param increment what the caller asks for; zero means nothing
     * @throws VaultRefusal if the most is over
     */
    Reckoned reckon(Duration increment, Instant issuedAt, Instant now) {
        Duration most = shorter(shorter(SYSTEM_TTL, maxTtl), explicitMaxTtl);
        if (!period.isZero()) {
            return periodic(most, issuedAt, now);
        }
        Duration wanted = !increment.isZero() ? increment : ttl.isZero() ? SYSTEM_TTL : ttl;
        return capped(wanted, Duration.between(now, issuedAt.plus(most)), List.of());
    }

    private Reckoned periodic(Duration most, Instant issuedAt, Instant now) {
        boolean tooLong = period.compareTo(most) > 0;
        List<String> warnings = tooLong
                ? List.of("period of \"" + VaultDuration.human(period) + "\" exceeded the effective max_ttl of \""
                        + VaultDuration.human(most) + "\"; period value is capped accordingly")
                : List.of();
        Duration wanted = tooLong ? most : period;
        return explicitMaxTtl.isZero()
                ? new Reckoned(wanted, warnings)
                : capped(wanted, Duration.between(now, issuedAt.plus(explicitMaxTtl)), warnings);
    }

    private static Reckoned capped(Duration wanted, Duration left, List<String> warnings) {
        if (left.isNegative() || left.isZero()) {
            throw VaultRefusal.error(500, "past the max TTL, cannot renew");
        }
        return wanted.compareTo(left) <= 0
                ? new Reckoned(wanted, warnings)
                : new Reckoned(
                        left,
                        List.of("TTL of \"" + VaultDuration.human(wanted) + "\" exceeded the effective max_ttl of \""
                                + VaultDuration.human(left) + "\"; TTL value is capped accordingly"));
    }

    private static Duration shorter(Duration one, Duration other) {
        return !other.isZero() && other.compareTo(one) < 0 ? other : one;
    }
}
