package io.dynamiccredentials.verify;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;
import java.util.function.Predicate;

/** A claim of which a {@link Condition} is about to be said; {@link Condition#claim} returns it. Immutable. */
public final class ExpectedClaim {
    private static final int MAX_VALUES = 256;
    private static final int MAX_LENGTH = 4096;

    private final ClaimPath path;

    ExpectedClaim(ClaimPath path) {
        this.path = path;
    }

    /**
     * Returns the condition that the claim is this text, letter for letter.
     *
     * @throws IllegalArgumentException if {@code value} is empty or longer than 4096 characters
     */
    public Condition is(String value) {
        return isOneOf(value);
    }

    /** Returns the condition that the claim is this truth value; the text "true" is another. */
    public Condition is(boolean value) {
        return condition(Boolean.toString(value), claim -> claim.isBoolean() && claim.booleanValue() == value);
    }

    /** Returns the condition that the claim is this whole number; neither the text "1" nor 1.0 is 1. */
    public Condition is(long value) {
        return condition(
                Long.toString(value),
                claim -> claim.isIntegralNumber() && claim.canConvertToLong() && claim.longValue() == value);
    }

    /**
     * Returns the condition that the claim is one of these texts, letter for letter.
     *
     * @throws IllegalArgumentException if there are none or more than 256, or one is empty or longer than 4096
     *     characters
     */
    public Condition isOneOf(String... values) {
        List<String> texts = List.of(values);
        if (texts.isEmpty() || texts.size() > MAX_VALUES) {
            throw new IllegalArgumentException("The claim \"" + path + "\" needs 1 to " + MAX_VALUES
                    + " welcome values; there are " + texts.size());
        }
        texts.forEach(this::requireProper);
        String expected = texts.stream().limit(4).map(MismatchText::configured).collect(joining(" or "));
        return condition(
                texts.size() > 4 ? expected + " or one of " + (texts.size() - 4) + " more" : expected,
                claim -> claim.isTextual() && texts.contains(claim.textValue()));
    }

    /**
     * Returns the condition that the whole claim matches this {@link Glob}.
     *
     * <p>A star runs over separators as well. Put it where whoever writes what it stands for can't go on with what
     * follows it: in {@code org/O/user/*}{@code /vcs-ref/refs/heads/main} a branch can hold slashes and end like this.
     *
     * @throws IllegalArgumentException if {@link Glob} refuses the pattern, or if it is nothing but stars, for which
     *     there is {@link #isPresent()}
     */
    public Condition matches(String pattern) {
        Glob glob = Glob.of(pattern);
        if (pattern.chars().allMatch(c -> c == '*')) {
            throw new IllegalArgumentException("The pattern \"" + pattern + "\" of the claim \"" + path
                    + "\" expects nothing of it. Name what is welcome, or say isPresent() if each value is");
        }
        return condition(
                "a match of " + MismatchText.configured(pattern),
                claim -> claim.isTextual() && glob.matches(claim.textValue()));
    }

    /**
     * Returns the condition that the claim is a list with this text in it. A text alone is no list.
     *
     * @throws IllegalArgumentException if {@code element} is empty or longer than 4096 characters
     */
    public Condition contains(String element) {
        requireProper(element);
        return condition("a list with " + MismatchText.configured(element), claim -> {
            // An object has members to visit too, and is no list.
            for (JsonNode member : claim.isArray() ? claim : MissingNode.getInstance()) {
                if (element.equals(member.textValue())) {
                    return true;
                }
            }
            return false;
        });
    }

    /** Returns the condition that there is such a claim, of any type and value but {@code null}. */
    public Condition isPresent() {
        return condition("any value", claim -> !claim.isMissingNode() && !claim.isNull());
    }

    private Condition condition(String expected, Predicate<JsonNode> test) {
        return new ClaimCondition(path, expected, test);
    }

    private void requireProper(String value) {
        if (value.isEmpty() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("A welcome value of the claim \"" + path + "\" must have 1 to "
                    + MAX_LENGTH + " characters; there is one with " + value.length());
        }
    }
}
