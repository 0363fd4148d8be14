package io.dynamiccredentials.run;

import io.dynamiccredentials.exchange.Revocation;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What became of everything that a run held, in the order in which it was ended. Holds no secret. Immutable.
 *
 * @param items one entry for each credential, token, process and for the directory of files
 */
public record CloseReport(List<Item> items) {

    /** Copies the list. */
    public CloseReport {
        items = List.copyOf(items);
    }

    /** What kind of thing the run held. */
    public enum Thing {
        /** Credentials of a platform. */
        CREDENTIALS,
        /** A token that was issued for a platform. */
        IDENTITY_TOKEN,
        /** A process that the lease started. */
        PROCESS,
        /** The endpoints on loopback; told only if they could not be closed. */
        ENDPOINTS,
        /** The directory of the run's files. */
        FILES
    }

    /** What became of one thing. */
    public enum Outcome {
        /** The platform confirmed that it is dead. */
        REVOKED,
        /**
         * The platform took the order to end it and has not confirmed its death; it ends at {@link Item#until()} at the
         * latest.
         */
        ORDERED,
        /** It is no longer on disk. */
        DELETED,
        /** The process still ran and was ended. */
        ENDED,
        /** The process had ended by itself. */
        ENDED_BEFORE,
        /** Nobody can end it sooner than at {@link Item#until()}. */
        LIVES_UNTIL,
        /**
         * It may exist or not, and nobody knows: a process died after it had issued a token and before it told what the
         * platform gave for it. Nobody has it, as its answer was lost; if it exists, it ends by itself at a time that
         * only the platform knows.
         */
        UNKNOWN,
        /** It should be gone and may not be; {@link Item#reason()} says why. */
        FAILED
    }

    /**
     * One thing that the run held.
     *
     * @param thing the kind of thing
     * @param what the thing, for example {@code Vault credentials of accessor "k3x…"}
     * @param outcome what became of it
     * @param until when it ends by itself, if it still lives or may. For an identity token: whoever kept a copy may
     *     trade it until then, for credentials that outlive it
     * @param reason why it failed, if it did, or why nobody knows
     */
    public record Item(Thing thing, String what, Outcome outcome, Optional<Instant> until, Optional<String> reason) {

        static Item of(Thing thing, String what, Outcome outcome) {
            return new Item(thing, what, outcome, Optional.empty(), Optional.empty());
        }

        static Item livesUntil(Thing thing, String what, Instant until) {
            return new Item(thing, what, Outcome.LIVES_UNTIL, Optional.of(until), Optional.empty());
        }

        static Item ordered(Thing thing, String what, Instant until) {
            return new Item(thing, what, Outcome.ORDERED, Optional.of(until), Optional.empty());
        }

        static Item unknown(Thing thing, String what, String why) {
            return new Item(thing, what, Outcome.UNKNOWN, Optional.empty(), Optional.of(why));
        }

        /** Tells what ending credentials achieved. */
        static Item ended(String what, Revocation revocation) {
            if (revocation instanceof Revocation.LivesUntil lives) {
                return livesUntil(Thing.CREDENTIALS, what, lives.until());
            }
            if (revocation instanceof Revocation.Ordered ordered) {
                return ordered(Thing.CREDENTIALS, what, ordered.until());
            }
            return of(Thing.CREDENTIALS, what, Outcome.REVOKED);
        }

        static Item failed(Thing thing, String what, Optional<Instant> until, Throwable failure) {
            String reason = failure.getMessage() == null ? failure.getClass().getName() : failure.getMessage();
            return new Item(thing, what, Outcome.FAILED, until, Optional.of(reason));
        }

        /** Says it in a line, such as {@code AWS credentials of …: lives until 2026-03-01T13:00:00Z}. */
        @Override
        public String toString() {
            String words = outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ');
            boolean endsWithUntil = words.endsWith("until");
            return what + ": " + words
                    + until.map(end -> (endsWithUntil ? " " : ", until ") + end).orElse("")
                    + reason.map(why -> ", " + why).orElse("");
        }
    }
}
