package io.dynamiccredentials.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The limits that STS puts on the fields of {@code AssumeRoleWithWebIdentity}, in its own words. */
final class WebIdentityForm {
    private static final Set<String> FIELDS =
            Set.of("Action", "Version", "RoleArn", "RoleSessionName", "WebIdentityToken", "DurationSeconds");
    private static final Pattern SESSION_NAME = Pattern.compile("[\\w+=,.@-]*");

    private final Map<String, String> form;
    private final List<String> problems = new ArrayList<>();

    private WebIdentityForm(Map<String, String> form) {
        this.form = form;
    }

    /** Returns the message of the {@code ValidationError}; empty if all fields are within their limits. */
    static Optional<String> problem(Map<String, String> form) {
        WebIdentityForm check = new WebIdentityForm(form);
        check.length("RoleArn", "roleArn", 20, 2048);
        check.length("RoleSessionName", "roleSessionName", 2, 64);
        check.sessionName();
        check.length("WebIdentityToken", "webIdentityToken", 4, 20_000);
        check.duration();
        check.unknown();
        List<String> problems = check.problems;
        return problems.isEmpty()
                ? Optional.empty()
                : Optional.of(problems.size() + (problems.size() == 1 ? " validation error" : " validation errors")
                        + " detected: " + String.join("; ", problems));
    }

    private void length(String field, String member, int min, int max) {
        String value = form.get(field);
        if (value == null) {
            add("null", member, "not be null");
        } else if (value.length() < min || value.length() > max) {
            // A token never comes back in a message.
            add(
                    field.equals("WebIdentityToken") ? "" : "'" + value + "'",
                    member,
                    "have length " + (value.length() < min ? "greater" : "less") + " than or equal to "
                            + (value.length() < min ? min : max));
        }
    }

    private void sessionName() {
        String value = form.getOrDefault("RoleSessionName", "");
        if (!SESSION_NAME.matcher(value).matches()) {
            add("'" + value + "'", "roleSessionName", "satisfy regular expression pattern: " + SESSION_NAME);
        }
    }

    private void duration() {
        String value = form.getOrDefault("DurationSeconds", "3600");
        // Nine digits fit an int; a longer number is over the limit anyway.
        if (!value.matches("-?[0-9]{1,9}")) {
            problems.add("Value '" + value + "' at 'durationSeconds' is not an integer within its range");
        } else if (Integer.parseInt(value) < 900) {
            add("'" + value + "'", "durationSeconds", "have value greater than or equal to 900");
        } else if (Integer.parseInt(value) > 43_200) {
            add("'" + value + "'", "durationSeconds", "have value less than or equal to 43200");
        }
    }

    /** A session policy that the fake took and did not apply would be a lie. */
    private void unknown() {
        Set<String> unknown = new TreeSet<>(form.keySet());
        unknown.removeAll(FIELDS);
        unknown.forEach(field -> problems.add("This fake has no '" + field + "'"));
    }

    private void add(String value, String member, String rule) {
        problems.add("Value " + value + (value.isEmpty() ? "" : " ") + "at '" + member
                + "' failed to satisfy constraint: Member must " + rule);
    }
}
