package io.dynamiccredentials.environment;

import java.util.Optional;

/**
 * A trace of a machine's own identity, and what keeps runs from it. Holds no value of a variable and no content of a
 * file. Immutable.
 *
 * @param kind what it is
 * @param name the variable or the path
 * @param treatment what keeps runs from it
 * @param shutBy the variable that every run is given against it
 */
public record AmbientFinding(Kind kind, String name, Treatment treatment, Optional<String> shutBy) {

    /** What can be found. */
    public enum Kind {
        /** A variable that carries an identity or leads to one. */
        VARIABLE,
        /** A file or directory with credentials. */
        FILE,
        /** A sign that the machine has a metadata service that gives out its identity. */
        METADATA
    }

    /** What keeps a run's tools from it. None of it binds a process that looks for it on purpose. */
    public enum Treatment {
        /** Runs don't inherit the variable. */
        NOT_INHERITED,
        /** Tools look in the run's private home instead. */
        HIDDEN_BY_HOME,
        /** A variable tells tools not to ask. */
        SHUT,
        /** Nothing. Run as another user, or close the way by a firewall. */
        REACHABLE
    }

    @Override
    public String toString() {
        return kind + " " + name + ": " + treatment
                + shutBy.map(by -> " by " + by).orElse("");
    }
}
