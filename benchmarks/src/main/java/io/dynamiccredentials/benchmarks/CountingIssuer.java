package io.dynamiccredentials.benchmarks;

import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.workload.Workload;
import java.time.Instant;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts the tokens that another issuer issues, by their end. Safe for use by many threads. */
final class CountingIssuer implements TokenIssuer {
    private final TokenIssuer issuer;
    private final NavigableMap<Instant, LongAdder> byEnd = new ConcurrentSkipListMap<>();

    CountingIssuer(TokenIssuer issuer) {
        this.issuer = issuer;
    }

    @Override
    public IdentityToken issue(Workload workload, String audience) {
        IdentityToken token = issuer.issue(workload, audience);
        byEnd.computeIfAbsent(token.expiresAt(), end -> new LongAdder()).increment();
        return token;
    }

    /** Returns how many have not ended at that moment. */
    long living(Instant now) {
        return byEnd.tailMap(now, false).values().stream()
                .mapToLong(LongAdder::sum)
                .sum();
    }
}
