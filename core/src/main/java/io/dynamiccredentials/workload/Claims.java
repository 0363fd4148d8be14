package io.dynamiccredentials.workload;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Claims of a token beside those that say who issued it, for whom, about whom and until when.
 *
 * <p>A claim is a text, an integer, a flag, a list of texts or an object of claims. AWS session tags, for example, are
 * an object {@code https://aws.amazon.com/tags} of an object {@code principal_tags}, each tag in it a list of one text,
 * and a list {@code transitive_tag_keys}. Names differ in more than their case, since some platforms fold it. Its text
 * form shows the names only. Immutable.
 */
public final class Claims {
    private static final int MAX_MEMBERS = 100;
    private static final int MAX_DEPTH = 4;
    private static final int MAX_NAME_CHARACTERS = 255;
    private static final int MAX_TEXT_CHARACTERS = 4096;

    /** Beyond this a reader that keeps numbers as IEEE 754 doubles sees another one (RFC 8259, section 6). */
    private static final long MAX_INTEGER = (1L << 53) - 1;

    /** RFC 7519, 7800, 8417, 8693 and 9068, OpenID Connect Core 1.0 and its log-out. */
    private static final Set<String> RESERVED = Set.of(
            "iss",
            "sub",
            "aud",
            "exp",
            "nbf",
            "iat",
            "jti",
            "azp",
            "nonce",
            "auth_time",
            "acr",
            "amr",
            "at_hash",
            "c_hash",
            "s_hash",
            "sid",
            "sub_jwk",
            "sub_id",
            "_claim_names",
            "_claim_sources",
            "cnf",
            "act",
            "may_act",
            "scope",
            "client_id",
            "events");

    private static final List<String> OWN_PREFIXES = List.of(TerraformNames.CLAIM_PREFIX, PipelineJob.CLAIM_PREFIX);

    private static final Claims NONE = builder().build();

    private final Map<String, Object> members;
    private final int depth;

    private Claims(Map<String, Object> members, int depth) {
        this.members = Collections.unmodifiableMap(members);
        this.depth = depth;
    }

    /** Returns no claims. */
    public static Claims none() {
        return NONE;
    }

    /** Starts claims. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Tells whether a claim of that name, in whatever case, decides who a token is for or about, so that no workload
     * may set it: {@code aud}, {@code azp}, {@code cnf} and their like.
     */
    public static boolean isReserved(String name) {
        return RESERVED.contains(folded(name));
    }

    /**
     * Returns the claims by name, in the order in which they were set: each a {@code String}, a {@code Long}, a
     * {@code Boolean}, a {@code List<String>} or a {@code Map<String, Object>} of such.
     */
    public Map<String, Object> members() {
        return members;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Claims claims && members.equals(claims.members);
    }

    @Override
    public int hashCode() {
        return members.hashCode();
    }

    @Override
    public String toString() {
        return "Claims" + members.keySet();
    }

    /**
     * Returns these claims of a workload and those that the host adds.
     *
     * @throws IllegalArgumentException if {@code additional} has a reserved claim or one that workloads set themselves
     */
    Claims plus(Claims additional) {
        Map<String, Object> all = new LinkedHashMap<>(members);
        additional.members.forEach((name, value) -> {
            if (isReserved(name)) {
                throw new IllegalArgumentException(
                        "The claim \"" + name
                                + "\" decides who a token is for or about, so only the issuer may set it. Give it another name");
            }
            if (OWN_PREFIXES.stream().anyMatch(folded(name)::startsWith)) {
                throw new IllegalArgumentException("The claim \"" + name
                        + "\" would pass for one that workloads set themselves; those begin with one of " + OWN_PREFIXES
                        + ". Give it another name");
            }
            all.put(name, value);
        });
        return new Claims(all, Math.max(depth, additional.depth));
    }

    private static String folded(String name) {
        // Go's JSON reader also takes "ſ" for "s", which has only its upper case in common with it.
        return name.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }

    /** Collects claims; each is checked when it is set. Not safe for use by several threads. */
    public static final class Builder {
        private final Map<String, Object> members = new LinkedHashMap<>();
        private final Map<String, String> spellings = new TreeMap<>();
        private int depth = 1;

        private Builder() {}

        /**
         * Sets a text.
         *
         * @throws IllegalArgumentException if it is longer than 4096 characters or no proper Unicode without NUL; or if
         *     {@code name} is empty, longer than 255 characters, not proper either, or there already
         */
        public Builder text(String name, String value) {
            return put(name, requireText(name, value));
        }

        /**
         * Sets an integer.
         *
         * @throws IllegalArgumentException if it is not within ±(2⁵³ − 1), or for {@code name} as {@link #text} does
         */
        public Builder integer(String name, long value) {
            if (value < -MAX_INTEGER || value > MAX_INTEGER) {
                throw new IllegalArgumentException("The claim \"" + name + "\" must be within ±" + MAX_INTEGER
                        + ", which every JSON reader can hold; it was " + value + ". Set it as text");
            }
            return put(name, value);
        }

        /**
         * Sets a flag.
         *
         * @throws IllegalArgumentException for {@code name} as {@link #text} does
         */
        public Builder flag(String name, boolean value) {
            return put(name, value);
        }

        /**
         * Sets a list of texts, which may be empty.
         *
         * @throws IllegalArgumentException if it has more than 100, or for one of them or {@code name} as {@link #text}
         *     does
         */
        public Builder texts(String name, List<String> values) {
            requireRoom(name, values.size());
            List<String> copy = new ArrayList<>();
            for (String value : values) {
                copy.add(requireText(name, value));
            }
            return put(name, Collections.unmodifiableList(copy));
        }

        /**
         * Sets an object. Inside it no name is reserved.
         *
         * @throws IllegalArgumentException if objects would nest deeper than 4, or for {@code name} as {@link #text}
         *     does
         */
        public Builder object(String name, Claims value) {
            if (value.depth >= MAX_DEPTH) {
                throw new IllegalArgumentException("Claims nest at most " + MAX_DEPTH + " deep; with \"" + name
                        + "\" they were " + (value.depth + 1));
            }
            depth = Math.max(depth, value.depth + 1);
            return put(name, value.members);
        }

        /**
         * Sets all of {@code claims}.
         *
         * @throws IllegalArgumentException if one of them is there already, or there would be more than 100
         */
        public Builder all(Claims claims) {
            claims.members.forEach(this::put);
            depth = Math.max(depth, claims.depth);
            return this;
        }

        /** Returns the claims. */
        public Claims build() {
            return new Claims(new LinkedHashMap<>(members), depth);
        }

        private Builder put(String name, Object value) {
            ProperText.require("name of a claim", name, MAX_NAME_CHARACTERS);
            if (name.isEmpty()) {
                throw new IllegalArgumentException("The name of a claim must have a character; it was empty");
            }
            requireRoom("claims", members.size() + 1);
            String before = spellings.putIfAbsent(folded(name), name);
            if (before != null) {
                throw new IllegalArgumentException("The claim \"" + name + "\" is there already as \"" + before
                        + "\"; names must differ in more than their case");
            }
            members.put(name, value);
            return this;
        }

        private static String requireText(String name, String value) {
            return ProperText.require("claim \"" + name + "\"", value, MAX_TEXT_CHARACTERS);
        }

        private static void requireRoom(String what, int size) {
            if (size > MAX_MEMBERS) {
                throw new IllegalArgumentException(
                        "At most " + MAX_MEMBERS + " are allowed in \"" + what + "\"; there were " + size);
            }
        }
    }
}
