package io.dynamiccredentials.workload;

import java.util.Locale;

/** What a run is doing now. Each phase may have roles of its own. */
public enum Phase {
    /** Looks at what would change. Give it roles that only read: it may run code that nobody has reviewed. */
    PLAN,
    /** Changes things. */
    APPLY;

    /** Returns the phase as it stands in subjects and claims: {@code plan} or {@code apply}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
