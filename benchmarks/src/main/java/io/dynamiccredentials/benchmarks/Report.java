package io.dynamiccredentials.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a program has measured, as a table in Markdown, and which limits are broken. Not safe for several threads. */
final class Report {
    private final List<String> lines = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();

    Report() {
        lines.add("| what | measured | limit |");
        lines.add("|---|---:|---:|");
    }

    /** Adds a figure that has no limit. */
    Report figure(String what, double measured, String unit) {
        lines.add("| " + what + " | " + text(measured, unit) + " | |");
        return this;
    }

    /** Adds a figure that must not be greater than {@code limit}. */
    Report atMost(String what, double measured, double limit, String unit) {
        return limited(what, measured, "at most " + text(limit, unit), unit, measured <= limit);
    }

    /** Adds a figure that must be {@code expected}. */
    Report exactly(String what, long measured, long expected) {
        return limited(what, (double) measured, text((double) expected, ""), "", measured == expected);
    }

    /** Returns the limits that are broken, each with what was measured. */
    List<String> broken() {
        return List.copyOf(broken);
    }

    void print(PrintStream out) {
        lines.forEach(out::println);
        broken.forEach(each -> out.println("BROKEN: " + each));
    }

    private Report limited(String what, double measured, String limit, String unit, boolean kept) {
        lines.add("| " + what + " | " + text(measured, unit) + " | " + limit + " |");
        if (!kept) {
            broken.add(what + ": " + text(measured, unit) + ", limit " + limit);
        }
        return this;
    }

    private static String text(double number, String unit) {
        boolean whole = number == Math.rint(number) || number >= 1000;
        String text = String.format(Locale.ROOT, whole ? "%,.0f" : "%.3g", number);
        return unit.isEmpty() ? text : text + " " + unit;
    }
}
