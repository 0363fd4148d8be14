package io.dynamiccredentials.aws.trust;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.aws.trust.AwsTrustDecision.Mismatch;
import io.dynamiccredentials.verify.Glob;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A statement of a trust policy. Immutable.
 *
 * @param label its number, counted from 1, and its id
 * @param denies whether its effect is {@code Deny}
 */
record TrustStatement(
        String label,
        boolean denies,
        TrustPrincipals principals,
        List<String> actions,
        List<TrustCondition> conditions) {
    private static final Set<String> MEMBERS = Set.of("Sid", "Effect", "Principal", "Action", "Condition");
    private static final Pattern SID = Pattern.compile("[A-Za-z0-9]*");
    private static final Pattern ACTION = Pattern.compile("(?i)sts:[a-z*?]+");
    private static final List<String> ACTIONS = List.of(
            "sts:assumerole",
            "sts:assumerolewithsaml",
            "sts:assumerolewithwebidentity",
            "sts:setcontext",
            "sts:setsourceidentity",
            "sts:tagsession");

    /** Why a statement says nothing to an action, and how much of it did match. */
    record Miss(int matched, Mismatch mismatch) {}

    /**
     * Reads a statement.
     *
     * @param variables whether the policy is of a version that has variables
     * @throws IllegalArgumentException if it is malformed, or can't be decided here
     */
    static TrustStatement parse(JsonNode statement, int number, boolean variables) {
        MalformedPolicy.requireMembers(statement, "a statement of a trust policy", MEMBERS);
        String sid = statement.path("Sid").asText("");
        if (!SID.matcher(sid).matches()
                || !(statement.path("Sid").isMissingNode()
                        || statement.path("Sid").isTextual())) {
            throw MalformedPolicy.because("A statement's Sid must be of letters and digits", sid);
        }
        String effect = statement.path("Effect").asText("");
        if (!statement.path("Effect").isTextual() || !Set.of("Allow", "Deny").contains(effect)) {
            throw MalformedPolicy.because("A statement's Effect must be \"Allow\" or \"Deny\"", effect);
        }
        List<String> actions = MalformedPolicy.texts(statement.path("Action"), "A statement's Action");
        actions.forEach(TrustStatement::requireAction);
        return new TrustStatement(
                "statement " + number + (sid.isEmpty() ? "" : " \"" + sid + "\""),
                effect.equals("Deny"),
                TrustPrincipals.parse(statement.path("Principal")),
                actions,
                TrustCondition.parse(statement.path("Condition"), variables));
    }

    private static void requireAction(String action) {
        if (!ACTION.matcher(action).matches() || ACTIONS.stream().noneMatch(known -> covers(action, known))) {
            throw MalformedPolicy.because(
                    "A trust policy may only have actions by which roles are assumed, such as "
                            + "\"sts:AssumeRoleWithWebIdentity\"",
                    action);
        }
    }

    private static boolean covers(String pattern, String action) {
        return Glob.of(pattern.toLowerCase(Locale.ROOT)).matches(action.toLowerCase(Locale.ROOT));
    }

    /** Returns why it says nothing to {@code action}; empty if it allows it, or denies it. */
    Optional<Miss> miss(AwsTrustRequest request, String action) {
        if (!principals.include(request, denies)) {
            return miss(0, action, "Principal", principals.expected(), AwsTrustDecision.quote(request.principals()));
        }
        if (actions.stream().noneMatch(pattern -> covers(pattern, action))) {
            return miss(1, action, "Action", AwsTrustDecision.quote(actions), AwsTrustDecision.quote(List.of(action)));
        }
        int matched = 2;
        for (TrustCondition condition : conditions) {
            if (!condition.holds(request, denies)) {
                return miss(matched, action, condition.element(), condition.expected(), condition.actual(request));
            }
            matched++;
        }
        return Optional.empty();
    }

    private Optional<Miss> miss(int matched, String action, String element, String expected, String actual) {
        return Optional.of(new Miss(matched, new Mismatch(action, label, element, expected, actual)));
    }
}
