package io.dynamiccredentials.benchmarks;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.Credentials;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Credentials as small as they can be. Immutable. */
record Session(String principal, Secret text, Instant expiresAt) implements Credentials {

    /** Makes new ones, whose text tells their end. */
    static Session lasting(Duration life, Instant now) {
        Instant end = now.plus(life);
        String id = UUID.randomUUID().toString();
        Secret text = Secret.of("{\"secret\":\"" + UUID.randomUUID() + "\",\"exp\":" + end.getEpochSecond() + "}");
        return new Session(id, text, end);
    }

    /** Returns the same ones with a later end. */
    Session until(Instant later) {
        return new Session(principal, text, later);
    }

    @Override
    public List<Secret> secrets() {
        return List.of(text);
    }
}
