package io.dynamiccredentials.workload;

import java.util.HashMap;
import java.util.Map;

/**
 * A test run of a registry module, with the subject and the claims that HCP Terraform gives its own.
 *
 * <p>The subject is {@code organization:ORG:module:MODULE:operation:test_run}; the phase is always {@code plan}. Names
 * with {@code :} or a wildcard in them are refused. Immutable.
 */
public final class TerraformModuleTest implements Workload {
    private final String subject;
    private final String runId;
    private final Claims claims;

    private TerraformModuleTest(Builder builder) {
        this.subject = "organization:" + builder.organization + ":module:" + builder.module + ":operation:test_run";
        this.runId = builder.runId;
        Claims.Builder own = Claims.builder();
        TerraformNames.identify(own, "organization", builder.ids, builder.organization);
        this.claims = own.text("terraform_run_id", runId)
                .text("terraform_run_phase", phase().id())
                .build()
                .plus(builder.claims);
    }

    /**
     * Starts the description of a test run by names and by its id, for example {@code trun-5d2c}.
     *
     * @throws IllegalArgumentException if a name has characters other than ASCII letters, digits, {@code -} and
     *     {@code _}, is empty, or is longer than 90 (a module: 64)
     */
    public static Builder builder(String organization, String module, String runId) {
        return new Builder(organization, module, runId);
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
        return Phase.TEST;
    }

    @Override
    public String runId() {
        return runId;
    }

    /** Collects the description of a test run. Not safe for use by several threads. */
    public static final class Builder {
        private final String organization;
        private final String module;
        private final String runId;
        private final Map<String, String> ids = new HashMap<>();
        private Claims claims = Claims.none();

        private Builder(String organization, String module, String runId) {
            this.organization = TerraformNames.requireName("organization", organization);
            this.module = TerraformNames.requireModule(module);
            this.runId = TerraformNames.requireName("run id", runId);
        }

        /** Sets the organization's lasting id, for example {@code org-8zQ2}; it becomes a claim. Default: none. */
        public Builder organizationId(String id) {
            ids.put("organization", TerraformNames.requireName("organization id", id));
            return this;
        }

        /** Sets claims of the host's own, beside the test run's. Default: none. */
        public Builder claims(Claims claims) {
            this.claims = claims;
            return this;
        }

        /**
         * Returns the test run.
         *
         * @throws IllegalArgumentException if one of the host's claims is reserved or the test run's
         */
        public TerraformModuleTest build() {
            return new TerraformModuleTest(this);
        }
    }
}
