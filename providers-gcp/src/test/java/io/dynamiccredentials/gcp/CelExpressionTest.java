package io.dynamiccredentials.gcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.StrictJson;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The language of mappings and conditions, as documented or seen at Google. */
class CelExpressionTest {
    private static final JsonNode CLAIMS = StrictJson.parseObject("""
            {"sub":"repo:acme/Shop:ref:refs/heads/main","n":null,"run":5,"ratio":0.5,"flag":true,"groups":["ops","dev"],
            "org":{"id":"42"}}""");

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "assertion.sub;repo:acme/Shop:ref:refs/heads/main",
                "assertion['sub'];repo:acme/Shop:ref:refs/heads/main",
                "assertion.org.id;42",
                "assertion.sub.split(':')[1];acme/Shop",
                "assertion.sub.extract('repo:{repository}:');acme/Shop",
                "assertion.sub.extract('{start}:ref');repo:acme/Shop",
                "assertion.sub.extract('refs/heads/{branch}');main",
                "assertion.sub.extract('tags/{tag}');''",
                "assertion.sub.lowerAscii();repo:acme/shop:ref:refs/heads/main",
                "assertion.groups.join('-');ops-dev",
                "assertion.groups[0];ops",
                "'run-' + string(assertion.run);run-5",
                "assertion.sub.contains('/heads/') ? 'branch' : 'tag';branch"
            })
    void mapping_givesText(String expression, String value) throws Expression.Unevaluable {
        assertThat(CelExpression.mapping(expression).evaluate(ClaimValues.variables(CLAIMS)))
                .isEqualTo(value);
    }

    @Test
    void mapping_givesLists() throws Expression.Unevaluable {
        Expression expression = CelExpression.mapping("assertion.groups.map(g, 'team-' + g)");
        assertThat(expression.evaluate(ClaimValues.variables(CLAIMS))).isEqualTo(List.of("team-ops", "team-dev"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "assertion.sub.startsWith('repo:acme/')",
                "assertion.sub.endsWith('main')",
                "assertion.sub.matches('^repo:acme/[A-Z]')",
                "assertion.run == 5 && assertion.run < 6.5",
                "assertion.ratio == 0.5",
                "assertion.flag",
                "'ops' in assertion.groups",
                "assertion.groups.exists(g, g == 'dev')",
                "has(assertion.sub) && !has(assertion.absent)",
                "assertion.n == null && has(assertion.n)",
                "google.subject == 'subject'",
                "'a' in google.groups",
                "attribute.repository == 'acme/shop'"
            })
    void condition_thatIsMet_isTrue(String expression) throws Expression.Unevaluable {
        assertThat(condition(expression)).isEqualTo(true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"assertion.absent == 'x'", "assertion.sub.extract('{a}{b}') == ''", "assertion.run + 'x' == ''"})
    void condition_withoutValue_isUnevaluable(String expression) {
        assertThatThrownBy(() -> condition(expression))
                .isInstanceOf(Expression.Unevaluable.class)
                .hasMessage("CEL has no value for it");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"assertion.sub.replace('a','b')", "google.subject", "attribute.x", "subject", "assertion.sub."})
    void mapping_unknownNameOrFunction_isRefused(String expression) {
        assertThatThrownBy(() -> CelExpression.mapping(expression))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expression);
    }

    @ParameterizedTest
    @ValueSource(strings = {"assertion.sub", "assertion._x9"})
    void claim_aloneOrNot_needsNoCel(String expression) {
        assertThat(ClaimReference.parse(expression)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "assertion.in",
                "assertion.true",
                "assertion.9",
                "assertion.a.b",
                "assertion['a']",
                " assertion.a"
            })
    void claim_moreThanAName_isNone(String expression) {
        assertThat(ClaimReference.parse(expression)).isEmpty();
    }

    @Test
    void claimReference_andItsCel_agree() throws Expression.Unevaluable {
        Map<String, Object> variables = ClaimValues.variables(CLAIMS);
        for (String claim : List.of("sub", "run", "ratio", "flag", "groups", "org")) {
            assertThat(new ClaimReference(claim).evaluate(variables))
                    .isEqualTo(CelExpression.mapping("assertion." + claim).evaluate(variables));
        }
    }

    @Test
    void expressions_withoutTheLibrary_sayWhatToAdd() throws Exception {
        String path = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains(File.separator + "cel" + File.separator))
                .collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        path,
                        WithoutCel.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(output.lines())
                .containsExactly(
                        "simple: Accepted",
                        "The expression \"assertion.a + 'x'\" needs the library of CEL: add the artifact dev.cel:cel to the"
                                + " class path, or use a claim (assertion.NAME) and a subject pattern",
                        "The expression \"assertion.a == 'x'\" needs the library of CEL: add the artifact dev.cel:cel to"
                                + " the class path, or use a claim (assertion.NAME) and a subject pattern");
    }

    private static Object condition(String expression) throws Expression.Unevaluable {
        Map<String, Object> variables = new HashMap<>(ClaimValues.variables(CLAIMS));
        variables.put("google.subject", "subject");
        variables.put("google.groups", List.of("a"));
        variables.put("attribute.repository", "acme/shop");
        return CelExpression.condition(expression, Set.of("google.subject", "google.groups", "attribute.repository"))
                .evaluate(variables);
    }
}
