package io.dynamiccredentials.run;

import java.time.Instant;
import java.util.List;
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

    /** What became of one thing. */
    public enum Outcome {
        /** The platform confirmed that it is dead. */
        REVOKED,
        /** It is no longer on disk. */
        DELETED,
        /** The process still ran and was ended. */
        ENDED,
        /** Nobody can end it sooner than at {@link Item#until()}. */
        LIVES_UNTIL,
        /** It should be gone and may not be; {@link Item#reason()} says why. */
        FAILED
    }

    /**
     * One thing that the run held.
     *
     * @param what the thing, for example {@code Vault credentials of accessor "k3x…"}
     * @param outcome what became of it
     * @param until when it ends by itself, if it still lives. For an identity token: whoever kept a copy may trade it
     *     until then, for credentials that outlive it
     * @param reason why it failed, if it did
     */
    public record Item(String what, Outcome outcome, Optional<Instant> until, Optional<String> reason) {

        static Item of(String what, Outcome outcome) {
            return new Item(what, outcome, Optional.empty(), Optional.empty());
        }

        static Item livesUntil(String what, Instant until) {
            return new Item(what, Outcome.LIVES_UNTIL, Optional.of(until), Optional.empty());
        }

        static Item failed(String what, Instant until, Throwable failure) {
            return new Item(
                    what, Outcome.FAILED, Optional.of(until), Optional.of(String.valueOf(failure.getMessage())));
        }

        static Item failed(String what, Throwable failure) {
            return new Item(what, Outcome.FAILED, Optional.empty(), Optional.of(String.valueOf(failure.getMessage())));
        }
    }
}
