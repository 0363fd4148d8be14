package io.dynamiccredentials.config;

import io.dynamiccredentials.wire.UntrustedText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which configurations the variables turn on and off. Not safe for use by several threads. */
final class Switches {
    /** Any switch that looks like one, also of a platform that nobody here knows. */
    private static final Pattern ANY = Pattern.compile("TFC_([A-Z0-9_]+?)_PROVIDER_AUTH(?:_([A-Za-z0-9_]*))?"
            + "|TFC_((?:VAULT|HVS)_BACKED_[A-Z0-9]+)_AUTH(?:_(?!TYPE(?:_|$))([A-Za-z0-9_]*))?");

    private static final String MANUAL = "TFC_WORKLOAD_IDENTITY_AUDIENCE";
    /** Tags become parts of the names of files. */
    private static final int MAX_TAG = 64;

    private static final String RESERVED_TAG = "TYPE";

    private final Map<String, Set<String>> on = new HashMap<>();
    private final Map<String, Set<String>> off = new HashMap<>();
    private final List<String> problems = new ArrayList<>();

    private Switches() {}

    static Switches read(Map<String, String> variables, Collection<VariableFamily> families) {
        Switches switches = new Switches();
        variables.forEach((name, value) -> switches.read(name, value, families));
        return switches;
    }

    /** Returns the tags of the configurations that are on, the untagged one's empty tag first. */
    Set<String> on(VariableFamily family) {
        return on.getOrDefault(family.word(), Set.of());
    }

    /** Tells whether the configuration has a switch, on or off. */
    boolean knows(VariableFamily family, String tag) {
        return on(family).contains(tag)
                || off.getOrDefault(family.word(), Set.of()).contains(tag);
    }

    List<String> problems() {
        return problems;
    }

    private void read(String name, String value, Collection<VariableFamily> families) {
        if (!name.startsWith(VariableNames.TERRAFORM_PREFIX)) {
            return;
        }
        for (VariableFamily family : families) {
            String untagged = new VariableNames(family).switchOf("");
            boolean tagged = name.startsWith(untagged + "_") && !isSetting(name, family);
            if (name.equals(untagged) || tagged) {
                String tag = name.equals(untagged) ? "" : name.substring(untagged.length() + 1);
                read(name, value, family, tag);
                return;
            }
            if (isSetting(name, family)) {
                return;
            }
        }
        Optional<VariableFamily> meant = families.stream()
                .filter(family -> isSwitchOfAnotherKind(name, family))
                .findFirst();
        if (meant.isPresent() && !value.equals("false")) {
            problems.add(name + " is no switch; that of " + meant.get() + " is "
                    + new VariableNames(meant.get()).switchOf(""));
        } else {
            readUnknown(name, value, families);
        }
    }

    /**
     * Some switches end in {@code _PROVIDER_AUTH} and some in {@code _AUTH}, and who mixes them up would get nothing.
     */
    private static boolean isSwitchOfAnotherKind(String name, VariableFamily family) {
        return Stream.of("PROVIDER_AUTH", "AUTH")
                .filter(end -> !family.switchName().equals(Optional.of(end)))
                .map(end -> VariableNames.TERRAFORM_PREFIX + family.word() + "_" + end)
                .anyMatch(other -> name.equals(other) || name.startsWith(other + "_"));
    }

    private void read(String name, String value, VariableFamily family, String tag) {
        if ((tag.isEmpty() && name.endsWith("_"))
                || tag.equals(RESERVED_TAG)
                || tag.startsWith(RESERVED_TAG + "_")
                || tag.length() > MAX_TAG) {
            problems.add(
                    name + " must end in a tag of 1 to " + MAX_TAG + " letters, digits and \"_\" that does not begin "
                            + "with " + RESERVED_TAG + ", which is reserved. Give the configuration another tag");
        } else if (family.switchName().isEmpty() || value.equals("true")) {
            on.computeIfAbsent(family.word(), word -> new TreeSet<>()).add(tag);
        } else if (value.equals("false")) {
            off.computeIfAbsent(family.word(), word -> new TreeSet<>()).add(tag);
        } else {
            problems.add(name + " must be exactly \"true\" or \"false\"; it was " + UntrustedText.quote(value));
        }
    }

    /** Tells {@code TFC_VAULT_BACKED_AWS_AUTH_TYPE} from a switch that is tagged {@code TYPE}. */
    private static boolean isSetting(String name, VariableFamily family) {
        VariableNames names = new VariableNames(family);
        return family.switchName().isPresent()
                && family.rules().stream()
                        .flatMap(rule -> names.explicit(rule, "").stream())
                        .anyMatch(setting -> name.equals(setting) || name.startsWith(setting + "_"));
    }

    private void readUnknown(String name, String value, Collection<VariableFamily> families) {
        Matcher matcher = ANY.matcher(name);
        if (name.equals(MANUAL) || name.startsWith(MANUAL + "_")) {
            problems.add(name + " asks for a token of its own, which this host gives to no run. Remove it");
            return;
        }
        // A misspelt one is told by the check of names, which knows what was meant.
        if (!matcher.matches() || value.equals("false") || NameCheck.isMisspeltSwitch(name, families)) {
            return;
        }
        String word = matcher.group(1) == null ? matcher.group(3) : matcher.group(1);
        if (!value.equals("true")) {
            problems.add(name + " must be exactly \"true\" or \"false\"; it was " + UntrustedText.quote(value));
        } else if (word.startsWith("HVS_BACKED_")) {
            problems.add(name + " asks for credentials through HCP Vault Secrets, which is not supported. Use a Vault "
                    + "(TFC_" + word.replace("HVS", "VAULT") + "_AUTH), or remove it");
        } else if (word.startsWith("DEFAULT_")) {
            problems.add(name + " is no variable: a switch has no default. Set TFC_"
                    + word.substring("DEFAULT_".length()) + "_PROVIDER_AUTH for each configuration");
        } else {
            problems.add(name + " turns on a platform that is unknown here; known are "
                    + families.stream().map(VariableFamily::word).sorted().toList()
                    + ". Add its provider, if there is one, or remove the variable");
        }
    }
}
