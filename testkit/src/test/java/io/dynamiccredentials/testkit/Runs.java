package io.dynamiccredentials.testkit;

import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import java.time.Instant;

/** The workloads that the tests of this module share. */
public final class Runs {
    public static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    public static final String SUBJECTS = "organization:acme:project:shop:workspace:prod:run_phase:*";

    private Runs() {}

    public static TerraformRun plan() {
        return run("shop", Phase.PLAN);
    }

    public static TerraformRun apply() {
        return run("shop", Phase.APPLY);
    }

    /** A run of a project that nobody trusts. */
    public static TerraformRun ofOtherProject() {
        return run("bank", Phase.PLAN);
    }

    private static TerraformRun run(String project, Phase phase) {
        return TerraformRun.builder("acme", project, "prod", "run-1")
                .phase(phase)
                .build();
    }
}
