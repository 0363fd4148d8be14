package io.dynamiccredentials.workload;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One phase of a Terraform run in a workspace, with the subject and the claims that HCP Terraform gives its own runs.
 *
 * <p>The subject is {@code organization:ORG:project:PROJECT:workspace:WORKSPACE:run_phase:PHASE}. Names with {@code :}
 * or a wildcard in them could forge a segment of it or match a pattern of a trust policy, so they are refused.
 * Immutable.
 */
public final class TerraformRun implements Workload {
    private final String fullWorkspace;
    private final Phase phase;
    private final String runId;
    private final Claims claims;

    private TerraformRun(Builder builder) {
        this.fullWorkspace = "organization:" + builder.organization
                + (builder.projectInSubject ? ":project:" + builder.project : "") + ":workspace:" + builder.workspace;
        this.phase = builder.phase;
        this.runId = builder.runId;
        this.claims = claims(builder, fullWorkspace).plus(builder.claims);
    }

    /**
     * Starts the description of a run by names and by the id that the host gave it.
     *
     * @throws IllegalArgumentException if a name has characters other than ASCII letters, digits, {@code -} and
     *     {@code _} (a project may have blanks inside), or is empty or longer than 90
     */
    public static Builder builder(String organization, String project, String workspace, String runId) {
        return new Builder(organization, project, workspace, runId);
    }

    @Override
    public String subject() {
        return fullWorkspace + ":run_phase:" + phase.id();
    }

    @Override
    public Claims claims() {
        return claims;
    }

    @Override
    public Phase phase() {
        return phase;
    }

    @Override
    public String runId() {
        return runId;
    }

    @Override
    public Optional<String> commonName() {
        return Optional.of(fullWorkspace + ":run:" + runId);
    }

    private static Claims claims(Builder builder, String fullWorkspace) {
        Claims.Builder claims = Claims.builder();
        TerraformNames.identify(claims, "organization", builder.ids, builder.organization);
        TerraformNames.identify(claims, "project", builder.ids, builder.project);
        TerraformNames.identify(claims, "workspace", builder.ids, builder.workspace);
        return claims.text("terraform_full_workspace", fullWorkspace)
                .text("terraform_run_id", builder.runId)
                .text("terraform_run_phase", builder.phase.id())
                .build();
    }

    /** Collects the description of a run. Not safe for use by several threads. */
    public static final class Builder {
        private final String organization;
        private final String project;
        private final String workspace;
        private final String runId;
        private final Map<String, String> ids = new HashMap<>();
        private boolean projectInSubject = true;
        private Phase phase = Phase.PLAN;
        private Claims claims = Claims.none();

        private Builder(String organization, String project, String workspace, String runId) {
            this.organization = TerraformNames.requireName("organization", organization);
            this.project = TerraformNames.requireProject(project);
            this.workspace = TerraformNames.requireName("workspace", workspace);
            this.runId = TerraformNames.requireName("run id", runId);
        }

        /** Sets the phase. Default: {@link Phase#PLAN}, the one that should be allowed least. */
        public Builder phase(Phase phase) {
            this.phase = phase;
            return this;
        }

        /**
         * Leaves the project out of the subject and of {@code terraform_full_workspace}, for trust policies from before
         * there were projects: {@code organization:ORG:workspace:WORKSPACE:run_phase:PHASE}. The project's own claims
         * stay. Only for a host where no two projects of an organization have a workspace of one name, as in HCP
         * Terraform: such two would be one subject. Default: the project is in it.
         */
        public Builder subjectWithoutProject() {
            this.projectInSubject = false;
            return this;
        }

        /** Sets the organization's lasting id, for example {@code org-8zQ2}; it becomes a claim. Default: none. */
        public Builder organizationId(String id) {
            ids.put("organization", TerraformNames.requireName("organization id", id));
            return this;
        }

        /** Sets the project's lasting id, for example {@code prj-1f3A}; it becomes a claim. Default: none. */
        public Builder projectId(String id) {
            ids.put("project", TerraformNames.requireName("project id", id));
            return this;
        }

        /** Sets the workspace's lasting id, for example {@code ws-77Hd}; it becomes a claim. Default: none. */
        public Builder workspaceId(String id) {
            ids.put("workspace", TerraformNames.requireName("workspace id", id));
            return this;
        }

        /** Sets claims of the host's own, beside the run's. Default: none. */
        public Builder claims(Claims claims) {
            this.claims = claims;
            return this;
        }

        /**
         * Returns the run.
         *
         * @throws IllegalArgumentException if one of the host's claims is reserved or the run's
         */
        public TerraformRun build() {
            return new TerraformRun(this);
        }
    }
}
