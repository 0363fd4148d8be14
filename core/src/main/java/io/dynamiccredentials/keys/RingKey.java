package io.dynamiccredentials.keys;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.jwk.PublicJwk;
import java.time.Instant;
import java.util.Optional;

/**
 * One key of a {@link KeyRing}, as it is stored. Immutable.
 *
 * @param factory the name of the factory that made it
 * @param reference what opens it, see {@link SigningKeyFactory.Made}
 * @param publishedAt when it was stored, and so served by the node that stored it
 * @param seenAt since when it has been seen at every public address
 * @param changedAt when it came into its state
 * @param signsUntil no token of this key ends later; {@link Instant#MIN} for one that never signed
 * @param tally how many tokens it signed, by the hour in which they end
 */
record RingKey(
        PublicJwk publicJwk,
        String factory,
        Secret reference,
        KeyState state,
        Instant publishedAt,
        Optional<Instant> seenAt,
        Instant changedAt,
        Instant signsUntil,
        Tally tally) {

    static RingKey next(SigningKeyFactory.Made made, String factory, Instant at) {
        return new RingKey(
                made.publicJwk(),
                factory,
                made.reference(),
                KeyState.NEXT,
                at,
                Optional.empty(),
                at,
                Instant.MIN,
                Tally.NONE);
    }

    String keyId() {
        return publicJwk.keyId();
    }

    RingKey in(KeyState newState, Instant at) {
        return new RingKey(publicJwk, factory, reference, newState, publishedAt, seenAt, at, signsUntil, tally);
    }

    /** Returns this key as one that signs no more. A private key that is stored here is erased. */
    RingKey retired(Instant at) {
        Secret kept = factory.equals(LocalKeys.NAME) ? Secret.of("erased") : reference;
        return new RingKey(publicJwk, factory, kept, KeyState.RETIRED, publishedAt, seenAt, at, signsUntil, tally);
    }

    RingKey seen(Optional<Instant> at) {
        return new RingKey(publicJwk, factory, reference, state, publishedAt, at, changedAt, signsUntil, tally);
    }

    RingKey signing(Instant until) {
        return new RingKey(publicJwk, factory, reference, state, publishedAt, seenAt, changedAt, until, tally);
    }

    RingKey counting(Tally newTally) {
        return new RingKey(publicJwk, factory, reference, state, publishedAt, seenAt, changedAt, signsUntil, newTally);
    }

    /** Returns this key as one that is published from now on, and has not been seen. */
    RingKey publishedAnew(Instant at) {
        return new RingKey(publicJwk, factory, reference, state, at, Optional.empty(), at, signsUntil, tally);
    }

    /** Takes no stamp for true that lies after {@code latest}: a node whose clock ran ahead made it. */
    RingKey notAfter(Instant latest) {
        return new RingKey(
                publicJwk,
                factory,
                reference,
                state,
                earlier(publishedAt, latest),
                seenAt.map(at -> earlier(at, latest)),
                earlier(changedAt, latest),
                signsUntil,
                tally);
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
