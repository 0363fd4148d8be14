package io.dynamiccredentials.config;

import io.dynamiccredentials.environment.TerraformInput;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Writes down all variables that providers read, for the people who set them. */
public final class VariableReference {
    private VariableReference() {}

    /**
     * Returns the variables of {@code providers} in their order as Markdown: for each kind of credentials a heading of
     * the second level and a table of its variables. {@code [_TAG]} stands for what tells a further configuration from
     * others.
     */
    public static String markdown(Collection<? extends CredentialProvider> providers) {
        List<String> lines = new ArrayList<>();
        for (CredentialProvider provider : providers) {
            lines.addAll(section(provider.family()));
        }
        return String.join("\n", lines) + "\n";
    }

    private static List<String> section(VariableFamily family) {
        List<String> lines = new ArrayList<>(List.of("", "## " + family.word(), ""));
        family.input()
                .ifPresent(input -> lines.addAll(List.of(
                        "Terraform's input: `" + input.name() + "`, each configuration with `"
                                + String.join("`, `", input.fields()) + "`" + more(input) + ".",
                        "")));
        lines.add("| variable | required | default | form | meaning |");
        lines.add("|---|---|---|---|---|");
        if (family.switchName().isPresent()) {
            lines.add(row(
                    "`" + new VariableNames(family).switchOf("") + "[_TAG]`",
                    "to turn it on",
                    "`false`",
                    "`true` or `false`",
                    "turns a configuration on"));
        }
        family.rules().forEach(rule -> lines.add(row(family, rule)));
        return lines;
    }

    private static String more(TerraformInput input) {
        return input.moreFields().isEmpty()
                ? ""
                : "; with variables of our own also `" + String.join("`, `", input.moreFields())
                        + "`, which a type names as `optional(string)`";
    }

    private static String row(VariableFamily family, SettingRule rule) {
        return row(
                names(family, rule),
                rule.requirement() + (rule.voidCondition().isEmpty() ? "" : "; not " + rule.voidCondition()),
                rule.defaultValue()
                        .map(value -> value.contains(" ") ? value : "`" + value + "`")
                        .orElse("none"),
                rule.expected(),
                rule.meaning());
    }

    private static String row(String... cells) {
        List<String> safe = new ArrayList<>();
        for (String cell : cells) {
            safe.add(cell.replace("|", "\\|"));
        }
        return "| " + String.join(" | ", safe) + " |";
    }

    private static String names(VariableFamily family, SettingRule rule) {
        String prefix = rule.isBeyondTerraform() ? VariableNames.OWN_PREFIX : VariableNames.TERRAFORM_PREFIX;
        String end = family.word() + "_" + (rule.isPerPhase() ? "{RUN,PLAN,APPLY}_" : "") + rule.name();
        String own = "`" + prefix + end + "[_TAG]`";
        return rule.hasDefaultTwin() ? own + "<br>`" + prefix + "DEFAULT_" + end + "`" : own;
    }
}
