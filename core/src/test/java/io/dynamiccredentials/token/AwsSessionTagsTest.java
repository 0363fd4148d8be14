package io.dynamiccredentials.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.workload.Claims;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AwsSessionTagsTest {
    private static final String TAGS = "https://aws.amazon.com/tags";
    private static final String FLAT = TAGS + "/principal_tags/";

    @Test
    void check_theFormsOfTheDocuments_areGood() {
        Claims nested = nested(Claims.builder()
                .texts("Project", List.of("Automation"))
                .texts("CostCenter", List.of("987654"))
                .build());
        Claims flat = Claims.builder()
                .text(FLAT + "Project", "Automation")
                .texts(TAGS + "/transitive_tag_keys", List.of("project"))
                .text("https://aws.amazon.com/source_identity", "Admin")
                .build();

        assertGood(nested);
        assertGood(flat);
        assertGood(Claims.none());
        assertGood(Claims.builder().text("https://aws.amazon.com/other", "x").build());
    }

    @Test
    void check_fiftyTags_areGoodAndOneMoreIsNot() {
        assertGood(nested(tags(50)));
        assertBad(nested(tags(51)), "at most 50", "51");
    }

    @Test
    void check_keyLength_upTo128() {
        assertGood(flat("k".repeat(128), "v"));
        assertBad(flat("k".repeat(129), "v"), "1 to 128", "129");
        assertBad(flat("", "v"), "1 to 128", "0");
    }

    @Test
    void check_valueLength_upTo256() {
        assertGood(flat("k", "v".repeat(256)));
        assertGood(flat("k", ""));
        assertBad(flat("k", "v".repeat(257)), "at most 256", "257");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "é", "_.:/=+-@", "Ab9", "awsx", "AW:S"})
    void check_allowedCharacters_areGood(String text) {
        assertGood(flat(text, text));
        assertGood(nested(Claims.builder().texts(text, List.of(text)).build()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a,b", "a\nb", "a*", "a?", "a#", "§"})
    void check_otherCharacters_areBad(String text) {
        assertBad(flat(text, "v"), "key of a tag", text.substring(0, 1));
        assertBad(flat("k", text), "value of the tag", "characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"aws:x", "AWS:x", "Aws:"})
    void check_keyOfAws_isBad(String key) {
        assertBad(flat(key, "v"), "aws:", key);
    }

    @Test
    void check_sameKeyInAnotherCaseOrForm_isBad() {
        Claims both = Claims.builder()
                .object(
                        TAGS,
                        Claims.builder()
                                .object(
                                        "principal_tags",
                                        Claims.builder()
                                                .texts("Team", List.of("a"))
                                                .build())
                                .build())
                .text(FLAT + "team", "b")
                .build();

        assertBad(both, "once", "team");
    }

    @Test
    void check_nestedValueThatIsNoListOfOne_isBad() {
        assertBad(nested(Claims.builder().text("Team", "x").build()), "list of one", "something else");
        assertBad(nested(Claims.builder().texts("Team", List.of("x", "y")).build()), "list of one", "else");
        assertBad(nested(Claims.builder().texts("Team", List.of()).build()), "list of one", "else");
    }

    @Test
    void check_otherKinds_areBad() {
        assertBad(Claims.builder().text(TAGS, "x").build(), "must be an object", "else");
        assertBad(Claims.builder().integer(FLAT + "Team", 1).build(), "must be a text", "no text");
        assertBad(Claims.builder().text(TAGS + "/transitive_tag_keys", "x").build(), "list of texts", "else");
        assertBad(
                Claims.builder()
                        .object(
                                TAGS,
                                Claims.builder().text("principal_tags", "x").build())
                        .build(),
                "alone",
                "principal_tags");
        assertBad(
                Claims.builder()
                        .object(TAGS, Claims.builder().flag("other", true).build())
                        .build(),
                "alone",
                "other");
    }

    @Test
    void check_transitiveKeyWithoutTag_isBad() {
        Claims claims = Claims.builder()
                .text(FLAT + "Team", "x")
                .texts(TAGS + "/transitive_tag_keys", List.of("Team", "Stage"))
                .build();

        assertBad(claims, "transitive tag key", "stage");
    }

    @Test
    void check_sourceIdentity_has2To64OfItsCharacters() {
        assertGood(source("ab"));
        assertGood(source("a".repeat(64)));
        assertGood(source("a_b+=,.@-"));
        assertBad(source("a"), "2 to 64", "1 characters");
        assertBad(source("a".repeat(65)), "2 to 64", "65 characters");
        assertBad(source("a b"), "2 to 64", "a b");
        assertBad(
                Claims.builder()
                        .flag("https://aws.amazon.com/source_identity", true)
                        .build(),
                "2 to 64",
                "no text");
    }

    private static void assertGood(Claims claims) {
        assertThat(AwsSessionTags.check(claims.members())).isEmpty();
    }

    private static void assertBad(Claims claims, String limit, String found) {
        assertThat(AwsSessionTags.check(claims.members())).singleElement().satisfies(fault -> {
            assertThat(fault.limit()).contains(limit);
            assertThat(fault.found()).contains(found);
        });
    }

    private static Claims source(String identity) {
        return Claims.builder()
                .text("https://aws.amazon.com/source_identity", identity)
                .build();
    }

    private static Claims flat(String key, String value) {
        return Claims.builder().text(FLAT + key, value).build();
    }

    private static Claims nested(Claims tags) {
        Claims object = Claims.builder().object("principal_tags", tags).build();
        return Claims.builder().object(TAGS, object).build();
    }

    private static Claims tags(int count) {
        Claims.Builder tags = Claims.builder();
        for (int i = 0; i < count; i++) {
            tags.texts("tag" + i, List.of("v"));
        }
        return tags.build();
    }
}
