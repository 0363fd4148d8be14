package io.dynamiccredentials.aws.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.StrictJson;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AwsSessionTagsTest {
    private static final String TAGS = "https://aws.amazon.com/tags";
    private static final String BAD_FORM = "Session tags passed in claim are not in correct format.";
    private static final String BAD_TAGS = "principal_tags passed in claim is not in correct format.";

    @Test
    void of_bothForms_areTheSame() {
        AwsSessionTags expected = new AwsSessionTags(Map.of("Team", "blue", "Cost", ""), Set.of("Team"));

        assertThat(AwsSessionTags.of(json("{'sub':'x','" + TAGS
                        + "':{'principal_tags':{'Team':['blue'],'Cost':['']},'transitive_tag_keys':['Team']}}")))
                .isEqualTo(expected);
        assertThat(AwsSessionTags.of(json("{'" + TAGS + "/principal_tags/Team':'blue','" + TAGS
                        + "/principal_tags/Cost':'','" + TAGS + "/transitive_tag_keys':['Team']}")))
                .isEqualTo(expected);
        assertThat(AwsSessionTags.of(json("{'sub':'x'}"))).isEqualTo(AwsSessionTags.NONE);
        assertThat(AwsSessionTags.NONE.isEmpty()).isTrue();
        assertThat(expected.isEmpty()).isFalse();
        assertThat(expected.inherited()).isEqualTo(new AwsSessionTags(Map.of("Team", "blue"), Set.of("Team")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "':'x'|" + BAD_FORM,
                "':{'principal_tags':{'a':['b']},'other':1}|" + BAD_FORM,
                "':{}|" + BAD_TAGS,
                "':{'principal_tags':{}}|" + BAD_TAGS,
                "':{'principal_tags':['a']}|" + BAD_TAGS,
                "':{'principal_tags':{'a':'b'}}|" + BAD_TAGS,
                "':{'principal_tags':{'a':[]}}|" + BAD_TAGS,
                "':{'principal_tags':{'a':['b','c']}}|" + BAD_TAGS,
                "':{'principal_tags':{'a':[1]}}|" + BAD_TAGS,
                "':{'principal_tags':{'a':['b']},'transitive_tag_keys':'a'}|" + BAD_FORM,
                "':{'principal_tags':{'a':['b']},'transitive_tag_keys':[1]}|" + BAD_FORM,
                "':{'principal_tags':{'a':['b']},'transitive_tag_keys':['c']}|" + BAD_FORM,
                "':{'principal_tags':{'a':['b']}},'https://aws.amazon.com/tags/principal_tags/c':'d'|" + BAD_FORM,
                "/principal_tags/a':['b']|" + BAD_TAGS,
                "/principal_tags/':'b'|" + BAD_FORM,
                "/other/a':'b'|" + BAD_FORM,
                "x':'b'|" + BAD_FORM
            })
    void of_otherForm_isRefused(String claim, String message) {
        assertThatThrownBy(() -> AwsSessionTags.of(json("{'" + TAGS + claim + "}")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "aws:x", "AWS:x", "a*", "a\u0007"})
    void constructor_badKey_isRefused(String key) {
        assertBad(Map.of(key, "x"));
    }

    @Test
    void constructor_lengths_areLimited() {
        assertThat(new AwsSessionTags(Map.of("k".repeat(128), "v".repeat(256)), Set.of()).isEmpty())
                .isFalse();
        assertBad(Map.of("k".repeat(129), ""));
        assertBad(Map.of("k", "v".repeat(257)));
        assertBad(Map.of("k", "*"));
    }

    @Test
    void constructor_count_isLimited() {
        Map<String, String> fifty = IntStream.range(0, 50).boxed().collect(Collectors.toMap(i -> "k" + i, i -> "v"));
        Map<String, String> more = new TreeMap<>(fifty);
        more.put("one", "more");

        assertThat(new AwsSessionTags(fifty, fifty.keySet()).all()).hasSize(50);
        assertBad(more);
    }

    @Test
    void constructor_keysThatDifferInCaseAlone_areRefused() {
        assertBad(Map.of("Team", "x", "team", "y"));
    }

    private static void assertBad(Map<String, String> tags) {
        assertThatThrownBy(() -> new AwsSessionTags(tags, Set.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(BAD_FORM);
    }

    private static JsonNode json(String text) {
        return StrictJson.parseObject(text.replace('\'', '"'));
    }
}
