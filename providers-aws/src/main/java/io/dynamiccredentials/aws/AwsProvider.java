package io.dynamiccredentials.aws;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.config.EnvironmentRenderer;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.workload.Workload;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Plugs AWS in. Reads {@code TFC_AWS_RUN_ROLE_ARN} (or {@code PLAN}, {@code APPLY}) and
 * {@code TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE}; and, beyond what HCP Terraform has, with the prefix
 * {@code DYNAMIC_CREDENTIALS_AWS_} and with {@code RUN_} (or {@code PLAN_}, {@code APPLY_}) where it stands here:
 *
 * <ul>
 *   <li>{@code RUN_CHAINED_ROLE_ARN}, {@code RUN_EXTERNAL_ID}: a second role, which the first one assumes and the run
 *       works as. A run that gets the token can work as the first one too.
 *   <li>{@code EXPECTED_ACCOUNT}: the account of the role that the run works as; any other is refused.
 *   <li>{@code SESSION_NAME}: the name of the sessions. Default: the run's id.
 *   <li>{@code SESSION_TAGS}: claims of the run that become session tags of the same names; transitive ones if there is
 *       a chained role. The trust policies of the roles must allow {@code sts:TagSession}.
 *   <li>{@code RUN_SESSION_SECONDS}, {@code RUN_SESSION_POLICY}: the session's lifetime (with a chained role an hour at
 *       most) and an inline policy that limits it. Tools that assume a role themselves would apply neither, so the run
 *       gets the session's keys and no token: as with {@link Delivery#BROKER}, unless the host chose
 *       {@link Delivery#VARIABLES}.
 *   <li>{@code REGION}: the region of STS and of the run's tools, if the host allows it: its own, the others of its
 *       partition that the SDK knows, and those that it named by {@link Builder#allowRegion}; none but its own, if it
 *       set an endpoint.
 * </ul>
 *
 * <p>Gives a run {@code AWS_ROLE_ARN}, {@code AWS_ROLE_SESSION_NAME} and {@code AWS_WEB_IDENTITY_TOKEN_FILE}, so that
 * its tools assume the role themselves and can do it again, or {@code AWS_CONFIG_FILE} and {@code AWS_SDK_LOAD_CONFIG}
 * if there is a chained role. With {@link Delivery#BROKER} it gives {@code AWS_CONTAINER_CREDENTIALS_FULL_URI} and
 * {@code AWS_CONTAINER_AUTHORIZATION_TOKEN}, where tools find the newest keys of the session; with
 * {@link Delivery#VARIABLES} the keys themselves. In all cases also {@code AWS_REGION}, unless the workspace has one.
 * Where a run has several configurations of AWS or a tagged one, none of these is set: each configuration has a shared
 * config file with its identity (with the broker a {@code credential_process}, which needs {@code curl}) and its
 * region, which {@code tfc_aws_dynamic_credentials} names. {@code AWS_ENDPOINT_URL_STS} is set for all of them, if the
 * host set an endpoint.
 *
 * <p>Refuses a workspace with a region that is none, or with {@code AWS_ENDPOINT_URL}, {@code AWS_ENDPOINT_URL_STS},
 * {@code AWS_IGNORE_CONFIGURED_ENDPOINT_URLS} or {@code AWS_EC2_METADATA_SERVICE_ENDPOINT}, unless it says what the
 * host says: tools would send the identity token elsewhere. Refuses {@code AWS_REGION} and {@code AWS_DEFAULT_REGION}
 * that differ from {@code REGION}: they would win over it. Safe for use by many threads.
 */
public final class AwsProvider implements CredentialProvider {
    private static final int MAX_SESSION_NAME = 64;

    /** How long the first of two sessions lives, which is used at once and by nobody else. */
    private static final Duration STEPPING_STONE = Duration.ofMinutes(15);

    private final AwsRegions regions;
    private final Duration sessionDuration;
    private final Delivery delivery;
    private final Clock clock;

    private AwsProvider(Builder builder) {
        this.regions = new AwsRegions(builder.sts.build(), builder.regions);
        this.sessionDuration = builder.sessionDuration;
        this.delivery = builder.delivery;
        this.clock = builder.clock;
    }

    /**
     * Starts a provider that asks the STS of {@code region}, for example {@code eu-central-1}.
     *
     * @throws IllegalArgumentException if {@code region} is malformed
     */
    public static Builder builder(String region) {
        return new Builder(region);
    }

    @Override
    public VariableFamily family() {
        return AwsSettings.FAMILY;
    }

    @Override
    public ConfiguredPlatform<AwsSessionCredentials> configure(PlatformSettings settings, Workload workload) {
        AwsSettings aws = AwsSettings.of(settings);
        AwsSts sts = aws.region().map(regions::of).orElseGet(regions::own);
        AwsWebIdentityExchanger.Builder exchanger = AwsWebIdentityExchanger.builder(
                        aws.role(sts).text(), sts)
                .sessionName(aws.sessionName().orElseGet(() -> sessionName(workload.runId())))
                .clock(clock);
        aws.audience().ifPresent(exchanger::audience);
        AwsSurroundings surroundings = AwsSurroundings.of(settings, sts);
        Optional<RoleArn> chainedRole = aws.chainedRole(sts);
        Workload tagged = aws.sessionTags()
                .map(tags -> SessionTags.tag(workload, tags, chainedRole.isPresent()))
                .orElse(workload);
        return chainedRole
                .map(role -> chained(tagged, aws, exchanger, sts, role, surroundings))
                .orElseGet(() -> direct(tagged, aws, exchanger, surroundings));
    }

    private ConfiguredPlatform<AwsSessionCredentials> direct(
            Workload workload, AwsSettings aws, AwsWebIdentityExchanger.Builder builder, AwsSurroundings surroundings) {
        aws.sessionPolicy().ifPresent(builder::sessionPolicy);
        AwsWebIdentityExchanger exchanger = builder.sessionDuration(
                        aws.sessionDuration().orElse(sessionDuration))
                .build();
        return delivered(
                workload, exchanger, aws, surroundings, AwsProfile.tokenFile(exchanger, surroundings.region()));
    }

    private ConfiguredPlatform<AwsSessionCredentials> chained(
            Workload workload,
            AwsSettings aws,
            AwsWebIdentityExchanger.Builder first,
            AwsSts sts,
            RoleArn role,
            AwsSurroundings surroundings) {
        Duration longest = AwsChainedExchanger.LONGEST_SESSION;
        AwsChainedExchanger exchanger = new AwsChainedExchanger(
                first.sessionDuration(STEPPING_STONE).build(),
                sts,
                role,
                aws.externalId(),
                aws.sessionDuration().orElse(sessionDuration.compareTo(longest) > 0 ? longest : sessionDuration),
                aws.sessionPolicy(),
                clock);
        return delivered(workload, exchanger, aws, surroundings, AwsProfile.chain(exchanger, surroundings.region()));
    }

    private ConfiguredPlatform<AwsSessionCredentials> delivered(
            Workload workload,
            CredentialExchanger<AwsSessionCredentials> exchanger,
            AwsSettings aws,
            AwsSurroundings surroundings,
            EnvironmentRenderer<AwsSessionCredentials> token) {
        String region = surroundings.region();
        return switch (delivery(aws)) {
            case FILES -> new ConfiguredPlatform<>(workload, exchanger, surroundings.around(token)).handingOnToken();
            case BROKER ->
                new ConfiguredPlatform<>(workload, exchanger, surroundings.around(new AwsBrokeredKeys(region)));
            case VARIABLES ->
                new ConfiguredPlatform<>(workload, exchanger, surroundings.around(AwsProfile.sessionKeys(region)));
        };
    }

    /** What tools would not apply, since they assume the role themselves, has to be in the session already. */
    private Delivery delivery(AwsSettings aws) {
        boolean needsKeys =
                aws.sessionDuration().isPresent() || aws.sessionPolicy().isPresent();
        return needsKeys && delivery == Delivery.FILES ? Delivery.BROKER : delivery;
    }

    /** Makes a run id of 1 to 90 characters fit the 2 to 64 of a session name; two long ids stay two names. */
    static String sessionName(String runId) {
        if (runId.length() > MAX_SESSION_NAME) {
            String hash = Secret.of(runId).fingerprint();
            return runId.substring(0, MAX_SESSION_NAME - hash.length() - 1) + "-" + hash;
        }
        return runId.length() < 2 ? "run-" + runId : runId;
    }

    /** Collects the settings of a provider. Not safe for use by several threads. */
    public static final class Builder {
        private final AwsSts.Builder sts;
        private final Set<String> regions = new TreeSet<>();
        private Duration sessionDuration = Duration.ofHours(1);
        private Delivery delivery = Delivery.FILES;
        private Clock clock = Clock.systemUTC();

        private Builder(String region) {
            this.sts = AwsSts.builder(region);
        }

        /**
         * Sets the address of STS, for a VPC or FIPS endpoint or a fake. Default: the region's own endpoint.
         *
         * @throws IllegalArgumentException if {@code endpoint} is not https (or http on loopback), or has a path
         */
        public Builder endpoint(URI endpoint) {
            sts.endpoint(endpoint);
            return this;
        }

        /**
         * Lets workspaces choose one more region by {@code DYNAMIC_CREDENTIALS_AWS_REGION}, which is of another
         * partition or newer than the SDK. Their tokens go to its regional endpoint.
         *
         * @throws IllegalArgumentException if {@code region} is malformed
         */
        public Builder allowRegion(String region) {
            if (!AwsSts.isRegion(region)) {
                throw new IllegalArgumentException(
                        "The AWS region must be " + AwsSts.EXPECTED_REGION + "; it was \"" + region + "\"");
            }
            regions.add(region);
            return this;
        }

        /** Sets the HTTP client, for other time-outs or a private certificate authority. */
        public Builder http(BoundedHttpClient http) {
            sts.http(http);
            return this;
        }

        /**
         * Sets how long the host's own sessions live, 15 minutes to 12 hours, of a chained role at most 1 hour. Tools
         * that assume the role themselves choose their own. Default 1 hour.
         *
         * @throws IllegalArgumentException if it is outside these limits or not in whole seconds
         */
        public Builder sessionDuration(Duration sessionDuration) {
            this.sessionDuration = AwsWebIdentityExchanger.requireSessionDuration(sessionDuration);
            return this;
        }

        /**
         * Sets how runs come by their identity. {@link Delivery#FILES}, the default, gives them the identity token;
         * {@link Delivery#BROKER} the session's keys, always fresh, from an endpoint on loopback; and
         * {@link Delivery#VARIABLES} the keys as {@code AWS_ACCESS_KEY_ID}, {@code AWS_SECRET_ACCESS_KEY},
         * {@code AWS_SESSION_TOKEN} and {@code AWS_CREDENTIAL_EXPIRATION}, with which a process that lasts longer than
         * the session fails.
         */
        public Builder delivery(Delivery delivery) {
            this.delivery = delivery;
            return this;
        }

        /** Sets the clock that the end of a session is held against. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * Returns the provider.
         *
         * @throws IllegalArgumentException if both an endpoint and further regions are set
         */
        public AwsProvider build() {
            return new AwsProvider(this);
        }
    }
}
