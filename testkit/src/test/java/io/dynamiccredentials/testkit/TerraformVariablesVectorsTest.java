package io.dynamiccredentials.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads variables of runs as {@code terraform-variables.json} says that they are read. */
class TerraformVariablesVectorsTest {
    /**
     * One case.
     *
     * @param configurations by word and tag of a configuration, the variable that gives each setting; absent if all is
     *     refused
     * @param audiences by word and tag, the audience of the token
     * @param problems a part of each line of the refusal, as many as it has
     */
    record Vector(
            String name,
            Phase phase,
            Map<String, String> variables,
            @Nullable Map<String, Map<String, String>> configurations,
            @Nullable Map<String, String> audiences,
            @Nullable List<String> problems) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Vector> vectors() throws IOException {
        try (InputStream file = TerraformVariablesVectorsTest.class.getResourceAsStream("/terraform-variables.json")) {
            return new ObjectMapper().readValue(Objects.requireNonNull(file), new TypeReference<>() {});
        }
    }

    @Test
    void vectors_namesOfCases_differ() throws IOException {
        assertThat(vectors()).extracting(Vector::name).doesNotHaveDuplicates();
    }

    /**
     * Each form of each setting's variable is the one that gives the value somewhere: own and default, of any phase.
     */
    @Test
    void vectors_everyVariableThatIsRead_givesAValueInSome() throws IOException {
        Set<String> giving = new TreeSet<>();
        for (Vector vector : vectors()) {
            if (vector.configurations() != null) {
                vector.configurations().values().forEach(settings -> giving.addAll(settings.values()));
            }
        }

        Set<String> read = new TreeSet<>();
        AllProviders.list()
                .forEach(provider -> provider.family().rules().forEach(rule -> read.addAll(names(provider, rule))));
        assertThat(giving).containsAll(read);
    }

    private static Set<String> names(CredentialProvider provider, SettingRule rule) {
        String prefix = rule.isBeyondTerraform() ? "DYNAMIC_CREDENTIALS_" : "TFC_";
        Set<String> names = new TreeSet<>();
        for (String phase : rule.isPerPhase() ? List.of("RUN_", "PLAN_", "APPLY_") : List.of("")) {
            String end = provider.family().word() + "_" + phase + rule.name();
            names.add(prefix + end);
            if (rule.hasDefaultTwin()) {
                names.add(prefix + "DEFAULT_" + end);
            }
        }
        return names;
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void read_vector_givesItsConfigurationsOrItsProblems(Vector vector) {
        if (vector.problems() == null) {
            assertConfigurations(vector, read(vector));
        } else {
            assertThatThrownBy(() -> read(vector))
                    .isInstanceOf(IllegalArgumentException.class)
                    .satisfies(e -> assertThat(
                                    String.valueOf(e.getMessage()).lines().toList())
                            .hasSameSizeAs(vector.problems())
                            .satisfies(lines -> assertThat(vector.problems())
                                    .allSatisfy(
                                            problem -> assertThat(lines).anyMatch(line -> line.contains(problem)))));
        }
    }

    private static void assertConfigurations(Vector vector, List<Configuration<?>> read) {
        Map<String, Map<String, String>> settings = new TreeMap<>();
        Map<String, String> audiences = new TreeMap<>();
        for (Configuration<?> configuration : read) {
            String name = configuration.family().word()
                    + configuration.tag().map(tag -> " " + tag).orElse("");
            audiences.put(name, configuration.platform().exchanger().audience());
            settings.put(
                    name,
                    configuration.provenance().entrySet().stream()
                            .filter(setting -> !setting.getValue().equals("the default"))
                            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
        }
        assertThat(settings).isEqualTo(vector.configurations());
        if (vector.audiences() != null) {
            assertThat(audiences).containsAllEntriesOf(vector.audiences());
        }
    }

    private static List<Configuration<?>> read(Vector vector) {
        TerraformRun run = TerraformRun.builder("acme", "shop", "prod", "run-1")
                .phase(vector.phase())
                .build();
        return TerraformVariables.read(vector.variables(), run, AllProviders.list());
    }
}
