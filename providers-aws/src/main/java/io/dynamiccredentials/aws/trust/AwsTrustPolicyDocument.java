package io.dynamiccredentials.aws.trust;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.aws.trust.AwsTrustDecision.Mismatch;
import io.dynamiccredentials.wire.StrictJson;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The trust policy of a role as IAM keeps it: a JSON document, read and decided as IAM does. Immutable.
 *
 * <p>A document that IAM calls malformed is refused, and also one of which nobody knows what IAM makes of it, or that
 * has something that can't be decided here: policy variables, {@code NotPrincipal}, {@code NotAction}, keys of
 * conditions that a request to assume a role is not known to have. What a caller's own policies allow is not looked at.
 */
public final class AwsTrustPolicyDocument {
    /** How many characters IAM lets a trust policy have unless an account's quota is raised: {@value}. */
    public static final int DEFAULT_MAX_CHARACTERS = 2048;

    /** How many characters an account's quota can be raised to: {@value}. */
    public static final int MAX_CHARACTERS = 4096;

    private static final Pattern CHARACTERS = Pattern.compile("[\\t\\n\\r\\x20-\\xFF]+");
    private static final Set<String> MEMBERS = Set.of("Version", "Id", "Statement");
    private static final String WITH_VARIABLES = "2012-10-17";
    private static final String WITHOUT_VARIABLES = "2008-10-17";

    private final String json;
    private final List<TrustStatement> statements;

    private AwsTrustPolicyDocument(String json, List<TrustStatement> statements) {
        this.json = json;
        this.statements = statements;
    }

    /**
     * Reads a document of at most {@value #DEFAULT_MAX_CHARACTERS} characters.
     *
     * @throws IllegalArgumentException if it is longer, malformed, or can't be decided here
     */
    public static AwsTrustPolicyDocument parse(String json) {
        return parse(json, DEFAULT_MAX_CHARACTERS);
    }

    /**
     * Reads a document of at most {@code maxCharacters} characters, white space and all: the quota of its account.
     *
     * @throws IllegalArgumentException if it is longer, malformed, or can't be decided here, or if
     *     {@code maxCharacters} is not {@value #DEFAULT_MAX_CHARACTERS} to {@value #MAX_CHARACTERS}
     */
    public static AwsTrustPolicyDocument parse(String json, int maxCharacters) {
        if (maxCharacters < DEFAULT_MAX_CHARACTERS || maxCharacters > MAX_CHARACTERS) {
            throw new IllegalArgumentException("The quota of a trust policy must be " + DEFAULT_MAX_CHARACTERS + " to "
                    + MAX_CHARACTERS + " characters; it was " + maxCharacters);
        }
        if (json.length() > maxCharacters) {
            throw new IllegalArgumentException("LimitExceeded: A trust policy must have at most " + maxCharacters
                    + " characters; it has " + json.length() + ". Leave out white space, or raise the quota");
        }
        if (!CHARACTERS.matcher(json).matches()) {
            throw MalformedPolicy.because("A policy must be of printable characters up to U+00FF");
        }
        JsonNode document = read(json);
        MalformedPolicy.requireMembers(document, "a policy", MEMBERS);
        return new AwsTrustPolicyDocument(json, statements(document.path("Statement"), hasVariables(document)));
    }

    private static JsonNode read(String json) {
        try {
            return StrictJson.parseObject(json);
        } catch (IllegalArgumentException e) {
            throw MalformedPolicy.because(
                    "A policy must be one JSON object without duplicate members; it was " + e.getMessage());
        }
    }

    private static boolean hasVariables(JsonNode document) {
        if (!document.path("Id").isMissingNode() && !document.path("Id").isTextual()) {
            throw MalformedPolicy.because("A policy's Id must be a text");
        }
        // The old version is IAM's default.
        JsonNode member = document.path("Version");
        String version = member.isMissingNode() ? WITHOUT_VARIABLES : member.asText();
        if (!version.equals(WITH_VARIABLES) && !version.equals(WITHOUT_VARIABLES)) {
            throw MalformedPolicy.because(
                    "A policy's Version must be \"" + WITH_VARIABLES + "\" or \"" + WITHOUT_VARIABLES + "\"", version);
        }
        return version.equals(WITH_VARIABLES);
    }

    private static List<TrustStatement> statements(JsonNode element, boolean variables) {
        List<TrustStatement> statements = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (JsonNode statement : element.isArray() ? element : List.of(element)) {
            statements.add(TrustStatement.parse(statement, statements.size() + 1, variables));
            String id = statement.path("Sid").asText("");
            if (!id.isEmpty() && !ids.add(id)) {
                throw MalformedPolicy.because("The Sid of each statement must be another", id);
            }
        }
        if (statements.isEmpty()) {
            throw MalformedPolicy.because("A policy must have a statement");
        }
        return List.copyOf(statements);
    }

    /** Returns the document as it was written. */
    public String json() {
        return json;
    }

    /**
     * Decides whether {@code request} may assume the role: each of its actions must be allowed by a statement, and
     * denied by none.
     */
    public AwsTrustDecision decide(AwsTrustRequest request) {
        for (String action : request.actions()) {
            Optional<Mismatch> mismatch = mismatch(request, action);
            if (mismatch.isPresent()) {
                return AwsTrustDecision.refused(mismatch.get());
            }
        }
        return AwsTrustDecision.allowed();
    }

    private Optional<Mismatch> mismatch(AwsTrustRequest request, String action) {
        TrustStatement.Miss closest = new TrustStatement.Miss(
                -1, new Mismatch(action, "the policy", "Effect", "a statement that allows it", "none"));
        boolean allowed = false;
        for (TrustStatement statement : statements) {
            Optional<TrustStatement.Miss> miss = statement.miss(request, action);
            if (miss.isEmpty() && statement.denies()) {
                return Optional.of(
                        new Mismatch(action, statement.label(), "Effect", "no statement that denies it", "\"Deny\""));
            }
            allowed |= miss.isEmpty();
            if (miss.isPresent() && !statement.denies() && miss.get().matched() > closest.matched()) {
                closest = miss.get();
            }
        }
        return allowed ? Optional.empty() : Optional.of(closest.mismatch());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AwsTrustPolicyDocument document && json.equals(document.json);
    }

    @Override
    public int hashCode() {
        return json.hashCode();
    }

    /** Returns {@link #json()}. */
    @Override
    public String toString() {
        return json;
    }
}
