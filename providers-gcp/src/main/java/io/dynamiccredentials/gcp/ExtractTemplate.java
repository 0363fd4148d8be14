package io.dynamiccredentials.gcp;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The template of {@code extract}, text with one name in braces such as {@code "repo:{repository}:"} (IAM's reference
 * of attributes for conditions, "extract"). Immutable.
 */
record ExtractTemplate(String before, String after) {
    private static final Pattern FORM = Pattern.compile("([^{}]*)\\{[^{}]+\\}([^{}]*)");

    /** Takes a template apart; empty if it does not have one name in braces. */
    static Optional<ExtractTemplate> parse(String template) {
        Matcher form = FORM.matcher(template);
        return form.matches() ? Optional.of(new ExtractTemplate(form.group(1), form.group(2))) : Optional.empty();
    }

    /** Returns what stands in {@code text} between the parts of the template; the empty text if they are not there. */
    String apply(String text) {
        int start = text.indexOf(before);
        if (start < 0) {
            return "";
        }
        int from = start + before.length();
        int to = after.isEmpty() ? text.length() : text.indexOf(after, from);
        return to < 0 ? "" : text.substring(from, to);
    }
}
