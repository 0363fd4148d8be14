package io.dynamiccredentials.workload;

import java.util.HashMap;
import java.util.Map;

/**
 * A plan or an apply of one deployment of a Terraform Stack, with the subject and the claims of HCP Terraform.
 *
 * <p>The subject is {@code organization:ORG:project:PROJECT:stack:STACK:deployment:DEPLOYMENT:operation:PHASE} of at
 * most 127 characters. Names with {@code :} or a wildcard in them are refused. Immutable.
 */
public final class TerraformStackDeployment implements Workload {
    private static final int MAX_SUBJECT_CHARACTERS = 127;

    private final String subject;
    private final Phase phase;
    private final String planId;
    private final Claims claims;

    private TerraformStackDeployment(Builder builder) {
        this.subject = subject(builder);
        this.phase = builder.phase;
        this.planId = builder.planId;
        this.claims = claims(builder).plus(builder.claims);
    }

    /**
     * Starts the description of a deployment by names and by the id of its plan, which is the run's id for the host.
     *
     * @throws IllegalArgumentException if a name has characters other than ASCII letters, digits, {@code -} and
     *     {@code _} (a project may have blanks inside), or is empty or longer than 90
     */
    public static Builder builder(String organization, String project, String stack, String deployment, String planId) {
        return new Builder(organization, project, stack, deployment, planId);
    }

    @Override
    public String subject() {
        return subject;
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
        return planId;
    }

    private static String subject(Builder builder) {
        String subject = "organization:" + builder.organization + ":project:" + builder.project + ":stack:"
                + builder.stack + ":deployment:" + builder.deployment + ":operation:" + builder.phase.id();
        if (subject.length() > MAX_SUBJECT_CHARACTERS) {
            throw new IllegalArgumentException("The subject of a stack deployment must have at most "
                    + MAX_SUBJECT_CHARACTERS + " characters; it had " + subject.length()
                    + ". Shorten the names of organization, project, stack or deployment");
        }
        return subject;
    }

    private static Claims claims(Builder builder) {
        Claims.Builder claims = Claims.builder();
        TerraformNames.identify(claims, "organization", builder.ids, builder.organization);
        TerraformNames.identify(claims, "project", builder.ids, builder.project);
        TerraformNames.identify(claims, "stack", builder.ids, builder.stack);
        return claims.text("terraform_stack_deployment_name", builder.deployment)
                .text("terraform_operation", builder.phase.id())
                .text("terraform_plan_id", builder.planId)
                .build();
    }

    /** Collects the description of a deployment. Not safe for use by several threads. */
    public static final class Builder {
        private final String organization;
        private final String project;
        private final String stack;
        private final String deployment;
        private final String planId;
        private final Map<String, String> ids = new HashMap<>();
        private Phase phase = Phase.PLAN;
        private Claims claims = Claims.none();

        private Builder(String organization, String project, String stack, String deployment, String planId) {
            this.organization = TerraformNames.requireName("organization", organization);
            this.project = TerraformNames.requireProject(project);
            this.stack = TerraformNames.requireName("stack", stack);
            this.deployment = TerraformNames.requireName("deployment", deployment);
            this.planId = TerraformNames.requireName("plan id", planId);
        }

        /** Sets the phase. Default: {@link Phase#PLAN}, the one that should be allowed least. */
        public Builder phase(Phase phase) {
            this.phase = phase;
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

        /** Sets the stack's lasting id, for example {@code st-4kQz}; it becomes a claim. Default: none. */
        public Builder stackId(String id) {
            ids.put("stack", TerraformNames.requireName("stack id", id));
            return this;
        }

        /** Sets claims of the host's own, beside the deployment's. Default: none. */
        public Builder claims(Claims claims) {
            this.claims = claims;
            return this;
        }

        /**
         * Returns the deployment.
         *
         * @throws IllegalArgumentException if the subject is longer than 127 characters, or one of the host's claims is
         *     reserved or the deployment's
         */
        public TerraformStackDeployment build() {
            return new TerraformStackDeployment(this);
        }
    }
}
