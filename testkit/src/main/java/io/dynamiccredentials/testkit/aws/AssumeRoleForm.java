package io.dynamiccredentials.testkit.aws;

import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.wire.StrictJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The limits that STS puts on the fields of requests for a session, in its own words. */
final class AssumeRoleForm {
    /** The field that {@code AssumeRoleWithWebIdentity} alone has. */
    static final String BY_TOKEN = "WebIdentityToken";

    /** The field that {@code AssumeRole} alone has. */
    static final String BY_KEY = "ExternalId";

    static final Duration DEFAULT_DURATION = Duration.ofHours(1);

    private static final Set<String> FIELDS =
            Set.of("Action", "Version", "RoleArn", "RoleSessionName", "DurationSeconds", "Policy");
    private static final Pattern EXTERNAL_ID = Pattern.compile("[\\w+=,.@:/-]*");
    private static final Pattern POLICY = Pattern.compile("[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+");
    private static final Pattern SESSION_NAME = Pattern.compile("[\\w+=,.@-]*");

    private final Map<String, String> form;
    private final List<String> problems = new ArrayList<>();

    private AssumeRoleForm(Map<String, String> form) {
        this.form = form;
    }

    /** Returns the duration that is asked for. */
    static Duration duration(Map<String, String> form) {
        return Optional.ofNullable(form.get("DurationSeconds"))
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .orElse(DEFAULT_DURATION);
    }

    /**
     * Returns what is wrong with the fields; empty if all are within their limits.
     *
     * @param ownField the field that only this operation has
     */
    static Optional<FakeAnswer> problem(Map<String, String> form, String ownField) {
        AssumeRoleForm check = new AssumeRoleForm(form);
        check.length("RoleArn", "roleArn", 20, 2048);
        check.length("RoleSessionName", "roleSessionName", 2, 64);
        check.pattern("RoleSessionName", "roleSessionName", SESSION_NAME);
        if (ownField.equals(BY_TOKEN)) {
            check.length(BY_TOKEN, "webIdentityToken", 4, 20_000);
        } else if (form.containsKey(BY_KEY)) {
            check.length(BY_KEY, "externalId", 2, 1224);
            check.pattern(BY_KEY, "externalId", EXTERNAL_ID);
        }
        if (form.containsKey("Policy")) {
            check.length("Policy", "policy", 1, 2048);
            check.pattern("Policy", "policy", POLICY);
        }
        check.durationSeconds();
        check.unknown(ownField);
        return check.answer();
    }

    private Optional<FakeAnswer> answer() {
        if (!problems.isEmpty()) {
            String message = problems.size() + (problems.size() == 1 ? " validation error" : " validation errors")
                    + " detected: " + String.join("; ", problems);
            return Optional.of(AwsAnswer.error(400, "ValidationError", message));
        }
        if (!FakeAwsRole.isArn(form.getOrDefault("RoleArn", ""))) {
            return Optional.of(AwsAnswer.error(400, "ValidationError", "Request ARN is invalid"));
        }
        return isPolicy(form.getOrDefault("Policy", "{}"))
                ? Optional.empty()
                : Optional.of(
                        AwsAnswer.error(400, "MalformedPolicyDocument", "The policy is not in valid JSON format."));
    }

    private static boolean isPolicy(String json) {
        try {
            return StrictJson.parseObject(json).isObject();
        } catch (IllegalArgumentException e) {
            return false;
        }
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

    private void pattern(String field, String member, Pattern pattern) {
        String value = form.getOrDefault(field, "");
        if (!pattern.matcher(value).matches() && !value.isEmpty()) {
            add("'" + value + "'", member, "satisfy regular expression pattern: " + pattern);
        }
    }

    private void durationSeconds() {
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

    /** Something that the fake took and did not apply would be a lie. */
    private void unknown(String ownField) {
        Set<String> unknown = new TreeSet<>(form.keySet());
        unknown.removeAll(FIELDS);
        unknown.remove(ownField);
        unknown.forEach(field -> problems.add("This fake has no '" + field + "'"));
    }

    private void add(String value, String member, String rule) {
        problems.add("Value " + value + (value.isEmpty() ? "" : " ") + "at '" + member
                + "' failed to satisfy constraint: Member must " + rule);
    }
}
