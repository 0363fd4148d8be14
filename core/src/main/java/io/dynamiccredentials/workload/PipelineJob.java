package io.dynamiccredentials.workload;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A job of a pipeline of a CI system, with a subject that no other job can have, whatever their names.
 *
 * <p>The subject is {@code org:ORG:project:PROJECT:pipeline:PIPELINE:job:JOB:env:ENVIRONMENT:ref:TYPE/REF:phase:PHASE},
 * always with all seven segments. Each UTF-8 byte of a value other than ASCII letters, digits and {@code - . _ /} is
 * written as {@code %} and two upper-case hexadecimal digits. A lasting id follows the name as {@code NAME@ID}; a value
 * that was not set is {@code ~}. Neither sign is ever in an escaped value, so the subject can be read back. The claims
 * repeat the values as they are, as {@code ci_organization_name}, {@code ci_organization_id} and so on.
 *
 * <p>A job without an environment or a ref matches a pattern such as {@code env:*}; let a policy name them. Immutable.
 */
public final class PipelineJob implements Workload {
    /** How the name of each claim begins that a job sets. */
    static final String CLAIM_PREFIX = "ci_";

    /** OpenID Connect Core 1.0, section 2. */
    private static final int MAX_SUBJECT_CHARACTERS = 255;

    private static final String SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/";
    private static final String ABSENT = "~";

    private final String subject;
    private final Phase phase;
    private final String runId;
    private final Claims claims;

    private PipelineJob(Builder builder) {
        this.subject = subject(builder.values, builder.phase);
        this.phase = builder.phase;
        this.runId = builder.runId;
        Claims.Builder own = Claims.builder();
        builder.values.forEach((name, value) -> own.text(CLAIM_PREFIX + name, value));
        this.claims = own.text("ci_run_id", runId)
                .text("ci_phase", phase.id())
                .build()
                .plus(builder.claims);
    }

    /**
     * Starts the description of a job.
     *
     * @param organization who owns the project: an organization, a group, a folder
     * @param project the project or repository, by its path in the organization
     * @param pipeline the pipeline or workflow in the project
     * @param runId the id that the host gave this run, of 1 to 90 letters, digits, {@code -} and {@code _}
     * @throws IllegalArgumentException if one is empty, has more than 255 characters, NUL or half of a surrogate pair,
     *     or if {@code runId} is not of its form
     */
    public static Builder builder(String organization, String project, String pipeline, String runId) {
        return new Builder(organization, project, pipeline, runId);
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
        return runId;
    }

    private static String subject(Map<String, String> values, Phase phase) {
        String ref = values.containsKey("ref_type") ? values.get("ref_type") + "/" + named("ref", values) : ABSENT;
        String subject = "org:" + named("organization", values)
                + ":project:" + named("project", values)
                + ":pipeline:" + named("pipeline", values)
                + ":job:" + named("job", values)
                + ":env:" + named("environment", values)
                + ":ref:" + ref
                + ":phase:" + phase.id();
        if (subject.length() > MAX_SUBJECT_CHARACTERS) {
            throw new IllegalArgumentException("The subject of a job must have at most " + MAX_SUBJECT_CHARACTERS
                    + " characters when its values are escaped; it had " + subject.length()
                    + ". Shorten the values or leave optional ones out: " + values.keySet());
        }
        return subject;
    }

    private static String named(String what, Map<String, String> values) {
        String name = values.get(what + "_name");
        String id = values.get(what + "_id");
        if (name == null) {
            return ABSENT;
        }
        return id == null ? escape(name) : escape(name) + '@' + escape(id);
    }

    private static String escape(String value) {
        StringBuilder escaped = new StringBuilder();
        for (byte b : value.getBytes(UTF_8)) {
            if (SAFE.indexOf(b) >= 0) {
                escaped.append((char) b);
            } else {
                escaped.append(String.format(Locale.ROOT, "%%%02X", b));
            }
        }
        return escaped.toString();
    }

    /** What a ref is, so that a tag can't pass for a branch of its name. */
    public enum RefType {
        /** A branch. */
        BRANCH,
        /** A tag. */
        TAG,
        /** A pull or merge request, by its number: its code may be anybody's. */
        PULL_REQUEST;

        /** Returns the type as it stands in subjects and claims: {@code branch}, {@code tag}, {@code pull_request}. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Collects the description of a job. Not safe for use by several threads. */
    public static final class Builder {
        /** The values by the names of their claims, without the prefix. */
        private final Map<String, String> values = new TreeMap<>();

        private final String runId;
        private Phase phase = Phase.PLAN;
        private Claims claims = Claims.none();

        private Builder(String organization, String project, String pipeline, String runId) {
            set("organization_name", organization);
            set("project_name", project);
            set("pipeline_name", pipeline);
            this.runId = TerraformNames.requireName("run id", runId);
        }

        /** Sets the organization's lasting id, which the next owner of its name won't have. Default: none. */
        public Builder organizationId(String id) {
            return set("organization_id", id);
        }

        /** Sets the project's lasting id, which the next owner of its name won't have. Default: none. */
        public Builder projectId(String id) {
            return set("project_id", id);
        }

        /** Sets the pipeline's lasting id, which the next owner of its name won't have. Default: none. */
        public Builder pipelineId(String id) {
            return set("pipeline_id", id);
        }

        /** Sets the name of the job in the pipeline. Default: none. */
        public Builder job(String name) {
            return set("job_name", name);
        }

        /** Sets the environment that the job deploys to, as the host allowed it. Default: none. */
        public Builder environment(String name) {
            return set("environment_name", name);
        }

        /**
         * Sets what the job runs on: the type and, for example, {@code main}, {@code v1.2} or {@code 17}. Default:
         * none.
         */
        public Builder ref(RefType type, String name) {
            set("ref_name", name);
            return set("ref_type", type.id());
        }

        /** Sets the phase. Default: {@link Phase#PLAN}, the one that should be allowed least. */
        public Builder phase(Phase phase) {
            this.phase = phase;
            return this;
        }

        /** Sets claims of the host's own, beside the job's. Default: none. */
        public Builder claims(Claims claims) {
            this.claims = claims;
            return this;
        }

        /**
         * Returns the job.
         *
         * @throws IllegalArgumentException if the subject is longer than 255 characters when escaped, or one of the
         *     host's claims is reserved or the job's
         */
        public PipelineJob build() {
            return new PipelineJob(this);
        }

        private Builder set(String name, String value) {
            if (value.isEmpty()) {
                throw new IllegalArgumentException("The " + name.replace('_', ' ')
                        + " of a job must not be empty; leave it unset if there is none");
            }
            values.put(name, ProperText.require(name.replace('_', ' ') + " of a job", value, MAX_SUBJECT_CHARACTERS));
            return this;
        }
    }
}
