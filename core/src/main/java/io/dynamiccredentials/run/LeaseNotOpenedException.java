package io.dynamiccredentials.run;

import io.dynamiccredentials.run.CloseReport.Item;
import io.dynamiccredentials.run.CloseReport.Outcome;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tells what became of everything that {@link DynamicCredentials#open} had obtained before it failed.
 *
 * <p>It is never thrown by itself: it is among the suppressed exceptions of whatever made {@code open} fail.
 */
public final class LeaseNotOpenedException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final Set<Outcome> REMAINING = EnumSet.of(Outcome.LIVES_UNTIL, Outcome.ORDERED, Outcome.FAILED);

    private final transient CloseReport report;

    LeaseNotOpenedException(CloseReport report) {
        super(message(report), null, true, false);
        this.report = report;
    }

    /** Returns what became of it, as {@link RunLease#report()} does. */
    public CloseReport report() {
        return report;
    }

    private static String message(CloseReport report) {
        String remains = report.items().stream()
                .filter(item -> REMAINING.contains(item.outcome()))
                .map(LeaseNotOpenedException::line)
                .collect(Collectors.joining("; "));
        return "No lease was opened and what had been obtained was released"
                + (remains.isEmpty() ? "" : ", except for: " + remains);
    }

    private static String line(Item item) {
        return item.what() + item.until().map(until -> ", until " + until).orElse(", which may still be there");
    }
}
