package io.dynamiccredentials.run;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.environment.AmbientIdentity;
import io.dynamiccredentials.environment.VariableName;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Names the variables of this machine that runs inherit, none of which carries an identity. For one thread. */
final class InheritedVariables {
    private static final Set<String> ALWAYS = Set.of(
            "PATH",
            "LANG",
            "LC_ALL",
            "LC_CTYPE",
            "TZ",
            "TERM",
            "USER",
            "LOGNAME",
            "SHELL",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR");
    private static final String WHY = ": it carries or leads to this machine's own identity";

    private final Set<String> names = new TreeSet<>(ALWAYS);

    /**
     * Adds a name.
     *
     * @throws IllegalArgumentException if the variable carries an identity, or is {@code HOME}, which is the run's own
     */
    void add(String name) {
        if (AmbientIdentity.staysWithMachine(name) || name.equals("HOME")) {
            throw new IllegalArgumentException("Runs may not inherit " + name + WHY);
        }
        names.add(VariableName.require(name));
    }

    /**
     * Checks what the tools of one kind of credentials read.
     *
     * @throws IllegalArgumentException if they find an identity in one of the variables
     */
    void requireNoIdentity(VariableFamily family) {
        Set<String> carriers = new TreeSet<>(family.identityVariables());
        carriers.retainAll(names);
        if (!carriers.isEmpty()) {
            throw new IllegalArgumentException("Runs may not inherit " + carriers + WHY + " at " + family);
        }
    }

    /** Returns those that {@code environment} has. */
    Map<String, Secret> of(Map<String, String> environment) {
        Map<String, Secret> inherited = new TreeMap<>();
        environment.forEach((name, value) -> {
            if (names.contains(name)) {
                inherited.put(name, Secret.of(value));
            }
        });
        return inherited;
    }
}
