package io.dynamiccredentials.workload;

/** What a run is doing now. Planning and applying may have roles of their own. */
public enum Phase {
    /** Looks at what would change. Give it roles that only read: it may run code that nobody has reviewed. */
    PLAN("plan"),
    /** Changes things. */
    APPLY("apply"),
    /** Asks what there is ({@code terraform query}). Has the roles, the subject and the claims of planning. */
    QUERY("plan"),
    /** Tests a module ({@code terraform test}). Has the roles, the subject and the claims of planning. */
    TEST("plan");

    private final String id;

    Phase(String id) {
        this.id = id;
    }

    /** Returns the phase as it stands in subjects and claims: {@code plan} or {@code apply}. */
    public String id() {
        return id;
    }

    /** Returns the phase whose roles this one has, {@link #PLAN} or {@link #APPLY}. */
    public Phase roles() {
        return this == APPLY ? APPLY : PLAN;
    }
}
