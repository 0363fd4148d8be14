package io.dynamiccredentials.workload;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One phase of a Terraform run in a workspace, with the subject and the claims that HCP Terraform gives its own runs.
 *
 * <p>The subject is {@code organization:ORG:project:PROJECT:workspace:WORKSPACE:run_phase:PHASE}. Names with {@code :}
 * or a wildcard in them could forge a segment of it or match a pattern of a trust policy, so they are refused.
 * Immutable.
 */
public final class TerraformRun implements Workload {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,90}");
    private static final Pattern PROJECT = Pattern.compile("[A-Za-z0-9_-](?:[A-Za-z0-9 _-]{0,88}[A-Za-z0-9_-])?");

    private final String organization;
    private final String project;
    private final String workspace;
    private final Phase phase;
    private final String runId;
    private final Map<String, String> claims;

    private TerraformRun(Builder builder) {
        this.organization = builder.organization;
        this.project = builder.project;
        this.workspace = builder.workspace;
        this.phase = builder.phase;
        this.runId = builder.runId;
        this.claims = Collections.unmodifiableMap(claims(builder));
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
        return fullWorkspace(organization, project, workspace) + ":run_phase:" + phase.id();
    }

    @Override
    public Map<String, String> claims() {
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
    public String toString() {
        return "TerraformRun[" + subject() + ", run " + runId + "]";
    }

    private static String fullWorkspace(String organization, String project, String workspace) {
        return "organization:" + organization + ":project:" + project + ":workspace:" + workspace;
    }

    private static Map<String, String> claims(Builder builder) {
        Map<String, String> claims = new LinkedHashMap<>(builder.ids);
        claims.put("terraform_organization_name", builder.organization);
        claims.put("terraform_project_name", builder.project);
        claims.put("terraform_workspace_name", builder.workspace);
        claims.put("terraform_full_workspace", fullWorkspace(builder.organization, builder.project, builder.workspace));
        claims.put("terraform_run_id", builder.runId);
        claims.put("terraform_run_phase", builder.phase.id());
        return claims;
    }

    private static String requireName(String what, Pattern allowed, String value) {
        if (!allowed.matcher(value).matches()) {
            throw new IllegalArgumentException("The " + what + " must be 1 to 90 ASCII letters, digits, \"-\" or \"_\""
                    + (allowed == PROJECT ? " with blanks only inside" : "")
                    + ", so that it can't forge a part of the subject; it was \"" + value + "\"");
        }
        return value;
    }

    /** Collects the description of a run. Not safe for use by several threads. */
    public static final class Builder {
        private final String organization;
        private final String project;
        private final String workspace;
        private final String runId;
        private final Map<String, String> ids = new LinkedHashMap<>();
        private Phase phase = Phase.PLAN;

        private Builder(String organization, String project, String workspace, String runId) {
            this.organization = requireName("organization", NAME, organization);
            this.project = requireName("project", PROJECT, project);
            this.workspace = requireName("workspace", NAME, workspace);
            this.runId = requireName("run id", NAME, runId);
        }

        /** Sets the phase. Default: {@link Phase#PLAN}, the one that should be allowed least. */
        public Builder phase(Phase phase) {
            this.phase = phase;
            return this;
        }

        /** Sets the organization's lasting id, for example {@code org-8zQ2}; it becomes a claim. Default: none. */
        public Builder organizationId(String id) {
            ids.put("terraform_organization_id", requireName("organization id", NAME, id));
            return this;
        }

        /** Sets the project's lasting id, for example {@code prj-1f3A}; it becomes a claim. Default: none. */
        public Builder projectId(String id) {
            ids.put("terraform_project_id", requireName("project id", NAME, id));
            return this;
        }

        /** Sets the workspace's lasting id, for example {@code ws-77Hd}; it becomes a claim. Default: none. */
        public Builder workspaceId(String id) {
            ids.put("terraform_workspace_id", requireName("workspace id", NAME, id));
            return this;
        }

        /** Returns the run. */
        public TerraformRun build() {
            return new TerraformRun(this);
        }
    }
}
