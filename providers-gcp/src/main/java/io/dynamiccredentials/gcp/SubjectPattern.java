package io.dynamiccredentials.gcp;

import io.dynamiccredentials.verify.Glob;
import java.util.Map;

/** The condition that the claim {@code sub} matches a pattern, which needs no CEL library. Immutable. */
final class SubjectPattern implements Expression {
    private final Glob glob;

    private SubjectPattern(Glob glob) {
        this.glob = glob;
    }

    /**
     * Returns the condition.
     *
     * @throws IllegalArgumentException if {@code pattern} is malformed or lets everybody in
     */
    static SubjectPattern of(String pattern) {
        if (pattern.isBlank() || pattern.replace("*", "").replace("?", "").isEmpty()) {
            throw new IllegalArgumentException("A provider needs an attribute condition that not every workload meets; "
                    + "the subject pattern was \"" + pattern + "\"");
        }
        return new SubjectPattern(Glob.of(pattern));
    }

    @Override
    public Object evaluate(Map<String, Object> variables) throws Unevaluable {
        return new ClaimReference("sub").evaluate(variables) instanceof String subject && glob.matches(subject);
    }

    /** Returns the same condition as Google takes it, in CEL. */
    String cel() {
        StringBuilder regex = new StringBuilder();
        glob.toString().codePoints().forEach(c -> append(regex, c));
        return "assertion.sub.matches(r'(?s)^" + regex + "$')";
    }

    private static void append(StringBuilder regex, int c) {
        if (c == '*') {
            regex.append(".*");
        } else if (c == '?') {
            regex.append('.');
        } else if (isPlain(c)) {
            regex.appendCodePoint(c);
        } else {
            // So that neither the expression nor its raw literal sees what could end them.
            regex.append("\\x{").append(Integer.toHexString(c)).append('}');
        }
    }

    private static boolean isPlain(int c) {
        return c < 128 && (Character.isLetterOrDigit(c) || "-_:/ @=,~".indexOf(c) >= 0);
    }
}
