package io.dynamiccredentials.testkit.aws;

import io.dynamiccredentials.aws.trust.AwsSessionTags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The fields of a request for a session, within the limits of STS and in its own words. Immutable after reading. */
final class AssumeRoleForm {
    private static final Duration DEFAULT_DURATION = Duration.ofHours(1);
    private static final Set<String> FIELDS =
            Set.of("Action", "Version", "RoleArn", "RoleSessionName", "DurationSeconds", "Policy");
    private static final Pattern EXTERNAL_ID = Pattern.compile("[\\w+=,.@:\\/-]*");
    private static final Pattern POLICY = Pattern.compile("[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+");
    private static final Pattern SESSION_NAME = Pattern.compile("[\\w+=,.@-]*");
    private static final Pattern POLICY_ARN = Pattern.compile("arn:[a-z-]+:iam::([0-9]{12}|aws):policy/[!-~]+");
    private static final int MAX_POLICIES = 10;
    private static final int MAX_TAGS = 50;
    private static final int MAX_POLICY = 2048;

    private final Map<String, String> form;
    private final List<String> problems = new ArrayList<>();
    private final Set<String> known = new HashSet<>(FIELDS);

    private AssumeRoleForm(Map<String, String> form) {
        this.form = form;
    }

    /**
     * Reads the fields of {@code AssumeRoleWithWebIdentity}.
     *
     * @throws StsRefusedException if one is beyond its limits, or unknown here
     */
    static AssumeRoleForm byToken(Map<String, String> form) {
        AssumeRoleForm check = new AssumeRoleForm(form);
        check.common();
        check.length("WebIdentityToken", "webIdentityToken", 4, 20_000);
        check.optionalLength("Policy", "policy", 1, MAX_POLICY);
        check.finish();
        return check;
    }

    /**
     * Reads the fields of {@code AssumeRole}.
     *
     * @throws StsRefusedException if one is beyond its limits, or unknown here
     */
    static AssumeRoleForm byKey(Map<String, String> form) {
        AssumeRoleForm check = new AssumeRoleForm(form);
        check.common();
        check.optionalLength("ExternalId", "externalId", 2, 1224);
        check.pattern("ExternalId", "externalId", EXTERNAL_ID);
        check.optionalLength("SourceIdentity", "sourceIdentity", 2, 64);
        check.pattern("SourceIdentity", "sourceIdentity", SESSION_NAME);
        check.tagLimits();
        check.finish();
        return check;
    }

    String roleArn() {
        return form.getOrDefault("RoleArn", "");
    }

    String sessionName() {
        return form.getOrDefault("RoleSessionName", "");
    }

    String token() {
        return form.getOrDefault("WebIdentityToken", "");
    }

    Duration duration() {
        return Optional.ofNullable(form.get("DurationSeconds"))
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .orElse(DEFAULT_DURATION);
    }

    Optional<String> policy() {
        return Optional.ofNullable(form.get("Policy"));
    }

    List<String> policyArns() {
        return members("PolicyArns", ".arn");
    }

    Optional<String> externalId() {
        return Optional.ofNullable(form.get("ExternalId"));
    }

    Optional<String> sourceIdentity() {
        return Optional.ofNullable(form.get("SourceIdentity"));
    }

    /** Returns the tags by their keys. */
    Map<String, String> tags() {
        List<String> keys = members("Tags", ".Key");
        List<String> values = members("Tags", ".Value");
        Map<String, String> tags = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            tags.put(keys.get(i), values.get(i));
        }
        return tags;
    }

    Set<String> transitiveTagKeys() {
        return new TreeSet<>(members("TransitiveTagKeys", ""));
    }

    private void common() {
        length("RoleArn", "roleArn", 20, 2048);
        length("RoleSessionName", "roleSessionName", 2, 64);
        pattern("RoleSessionName", "roleSessionName", SESSION_NAME);
        pattern("Policy", "policy", POLICY);
        policyLimits();
        durationSeconds();
    }

    private void finish() {
        unknown();
        if (!problems.isEmpty()) {
            throw StsRefusedException.validation(
                    problems.size() + (problems.size() == 1 ? " validation error" : " validation errors")
                            + " detected: " + String.join("; ", problems));
        }
        if (!FakeAwsRole.isArn(roleArn())) {
            throw StsRefusedException.validation("Request ARN is invalid");
        }
        String account = FakeAwsRole.accountOf(roleArn());
        for (String arn : policyArns()) {
            Matcher matcher = POLICY_ARN.matcher(arn);
            // Those of "aws" are AWS's own; whether a policy is there at all is not known here.
            if (!matcher.matches() || !Set.of(account, "aws").contains(matcher.group(1))) {
                throw StsRefusedException.validation("ARN " + arn + " is not valid.");
            }
        }
    }

    private void policyLimits() {
        List<String> arns = policyArns();
        if (arns.size() > MAX_POLICIES) {
            add("", "policyArns", "have length less than or equal to " + MAX_POLICIES);
        }
        for (int i = 1; i <= arns.size(); i++) {
            length("PolicyArns.member." + i + ".arn", "policyArns." + i + ".member.arn", 20, 2048);
        }
    }

    private void tagLimits() {
        List<String> keys = members("Tags", ".Key");
        int values = members("Tags", ".Value").size();
        members("TransitiveTagKeys", "");
        if (keys.size() > MAX_TAGS) {
            add("", "tags", "have length less than or equal to " + MAX_TAGS);
        } else if (keys.size() != values) {
            add("null", "tags", "not be null");
        } else if (new HashSet<>(keys.stream()
                                .map(key -> key.toLowerCase(Locale.ROOT))
                                .toList())
                        .size()
                < keys.size()) {
            problems.add("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
        } else if (!areTags(tags())) {
            add("", "tags", "satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+");
        }
    }

    private static boolean areTags(Map<String, String> tags) {
        try {
            return new AwsSessionTags(tags, Set.of()).all().size() == tags.size();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Returns the members of a list, which are numbered from 1. */
    private List<String> members(String list, String part) {
        List<String> members = new ArrayList<>();
        for (int i = 1; form.containsKey(list + ".member." + i + part); i++) {
            String field = list + ".member." + i + part;
            known.add(field);
            members.add(form.getOrDefault(field, ""));
        }
        return members;
    }

    private void optionalLength(String field, String member, int min, int max) {
        if (form.containsKey(field)) {
            length(field, member, min, max);
        }
        known.add(field);
    }

    private void length(String field, String member, int min, int max) {
        known.add(field);
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
    private void unknown() {
        Set<String> unknown = new TreeSet<>(form.keySet());
        unknown.removeAll(known);
        unknown.forEach(field -> problems.add("This fake has no '" + field + "'"));
    }

    private void add(String value, String member, String rule) {
        problems.add("Value " + value + (value.isEmpty() ? "" : " ") + "at '" + member
                + "' failed to satisfy constraint: Member must " + rule);
    }
}
