package io.dynamiccredentials.aws;

import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.wire.UntrustedText;
import io.dynamiccredentials.workload.Claims;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.Workload;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes session tags of a workload's claims: the tag is named as the claim and has its value, letter for letter, so
 * that two values never become one.
 */
final class SessionTags {
    static final String EXPECTED = "1 to 50 different names of claims, joined by commas, each of at most 128 letters, "
            + "digits, blanks or \"_.:/=+-@\", such as \"terraform_project_id,terraform_workspace_id\"";

    private static final String TAGS = "https://aws.amazon.com/tags";
    private static final int MAX_TAGS = 50;
    private static final String CHARACTERS = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]";
    private static final Pattern KEY = Pattern.compile("(?i)(?!aws:)(?-i)" + CHARACTERS + "{1,128}");
    private static final Pattern VALUE = Pattern.compile(CHARACTERS + "{1,256}");

    private SessionTags() {}

    static boolean isList(String names) {
        List<String> all = names(names).toList();
        // AWS takes keys that differ in case alone for one.
        long different = all.stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .distinct()
                .count();
        return all.size() <= MAX_TAGS
                && different == all.size()
                && all.stream().allMatch(name -> KEY.matcher(name).matches());
    }

    /**
     * Returns {@code workload} with the claim by which AWS sets session tags.
     *
     * @param chained whether the tags are transitive: the session of a chained role has no others, and each role that
     *     is assumed from there must allow to set them
     * @throws IllegalArgumentException if a claim is absent, no text or unfit for a tag, or the host has set tags
     */
    static Workload tag(Workload workload, Setting setting, boolean chained) {
        Claims claims = workload.claims();
        if (claims.members().keySet().stream().anyMatch(name -> name.startsWith(TAGS))) {
            throw new IllegalArgumentException(
                    setting.variable() + " must be absent, since the host sets session tags " + "for its runs itself");
        }
        List<String> names = names(setting.value()).toList();
        Claims.Builder principalTags = Claims.builder();
        names.forEach(name -> principalTags.texts(name, List.of(value(claims, name, setting))));
        Claims.Builder tags = Claims.builder().object("principal_tags", principalTags.build());
        if (chained) {
            tags.texts("transitive_tag_keys", names);
        }
        return new TaggedWorkload(
                workload,
                Claims.builder().all(claims).object(TAGS, tags.build()).build());
    }

    private static String value(Claims claims, String name, Setting setting) {
        Object claim = claims.members().get(name);
        if (claim == null) {
            throw new IllegalArgumentException(setting.variable() + " must name claims of the run, which are "
                    + new TreeMap<>(claims.members()).keySet() + "; it names " + UntrustedText.quote(name));
        }
        if (!(claim instanceof String text) || !VALUE.matcher(text).matches()) {
            throw new IllegalArgumentException(setting.variable() + " must name claims that are a text of 1 to 256 "
                    + "letters, digits, blanks or \"_.:/=+-@\"; " + UntrustedText.quote(name) + " is "
                    + (claim instanceof String text ? UntrustedText.quote(text) : "no text") + " in this run");
        }
        return text;
    }

    private static Stream<String> names(String list) {
        return Stream.of(list.split(",", -1)).map(String::strip);
    }

    /** A workload with more claims. */
    private record TaggedWorkload(Workload workload, Claims claims) implements Workload {
        @Override
        public String subject() {
            return workload.subject();
        }

        @Override
        public Phase phase() {
            return workload.phase();
        }

        @Override
        public String runId() {
            return workload.runId();
        }

        @Override
        public Optional<String> commonName() {
            return workload.commonName();
        }
    }
}
