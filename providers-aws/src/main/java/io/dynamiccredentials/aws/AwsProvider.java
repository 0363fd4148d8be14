package io.dynamiccredentials.aws;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.EnvironmentRenderer;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.workload.Workload;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Plugs AWS in. Reads {@code TFC_AWS_RUN_ROLE_ARN} (or {@code PLAN}, {@code APPLY}) and
 * {@code TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE}.
 *
 * <p>Gives a run {@code AWS_ROLE_ARN}, {@code AWS_ROLE_SESSION_NAME} and {@code AWS_WEB_IDENTITY_TOKEN_FILE}, so that
 * its tools assume the role themselves and can do it again; or, by {@link Builder#sessionVariables()}, the session's
 * own keys. In both cases also {@code AWS_REGION}, unless the workspace has one; and {@code AWS_ENDPOINT_URL_STS}, if
 * the host set an endpoint.
 *
 * <p>Refuses a workspace with a region that is none, or with {@code AWS_ENDPOINT_URL}, {@code AWS_ENDPOINT_URL_STS},
 * {@code AWS_IGNORE_CONFIGURED_ENDPOINT_URLS} or {@code AWS_EC2_METADATA_SERVICE_ENDPOINT}, unless it says what the
 * host says: tools would send the identity token elsewhere. Safe for use by many threads.
 */
public final class AwsProvider implements CredentialProvider {
    private static final String TOKEN_FILE = "aws-token";
    private static final String CONFIG_FILE = "aws-config";
    private static final int MAX_SESSION_NAME = 64;

    /** Variables by which a workspace could have its tools send the identity token, or ask for one, elsewhere. */
    private static final List<String> REDIRECTING = List.of(
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_STS",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT");

    private static final SettingRule ROLE = SettingRule.builder("ROLE_ARN", "the ARN of the IAM role")
            .perPhase()
            .required()
            .form(arn -> RoleArn.parse(arn).isPresent(), RoleArn.EXPECTED)
            .build();
    private static final SettingRule AUDIENCE = SettingRule.builder(
                    "WORKLOAD_IDENTITY_AUDIENCE", "the audience of the token, a client id of the OIDC provider in IAM")
            .defaultsTo(AwsWebIdentityExchanger.STANDARD_AUDIENCE)
            .form(AwsWebIdentityExchanger::isAudience, AwsWebIdentityExchanger.EXPECTED_AUDIENCE)
            .build();
    private static final VariableFamily FAMILY = VariableFamily.builder("AWS")
            .rules(ROLE, AUDIENCE)
            .input("tfc_aws_dynamic_credentials", "shared_config_file")
            .build();

    private final AwsSts sts;
    private final Duration sessionDuration;
    private final boolean sessionVariables;
    private final Clock clock;

    private AwsProvider(Builder builder) {
        this.sts = builder.sts.build();
        this.sessionDuration = builder.sessionDuration;
        this.sessionVariables = builder.sessionVariables;
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
        return FAMILY;
    }

    @Override
    public ConfiguredPlatform<AwsSessionCredentials> configure(PlatformSettings settings, Workload workload) {
        Setting role = settings.required(ROLE);
        role.require(
                arn -> RoleArn.parse(arn).orElseThrow().partition().equals(sts.partition()),
                "a role in partition " + sts.partition() + ", as region " + sts.region() + " is");
        AwsWebIdentityExchanger.Builder exchanger = AwsWebIdentityExchanger.builder(role.value(), sts)
                .sessionName(sessionName(workload.runId()))
                .sessionDuration(sessionDuration)
                .clock(clock);
        settings.optional(AUDIENCE).map(Setting::value).ifPresent(exchanger::audience);
        return platform(workload, exchanger.build(), surroundings(settings));
    }

    private ConfiguredPlatform<AwsSessionCredentials> platform(
            Workload workload, AwsWebIdentityExchanger exchanger, Map<String, String> surroundings) {
        EnvironmentRenderer<AwsSessionCredentials> identity = sessionVariables ? sessionKeys() : tokenFile(exchanger);
        return new ConfiguredPlatform<>(workload, exchanger, (credentials, token, environment) -> {
            identity.render(credentials, token, environment);
            surroundings.forEach(environment::sharedVariable);
        });
    }

    private static EnvironmentRenderer<AwsSessionCredentials> tokenFile(AwsWebIdentityExchanger exchanger) {
        return (credentials, token, environment) -> {
            String tokenFile = environment.file(TOKEN_FILE, token.compact()).toString();
            Map<String, Secret> profile = new LinkedHashMap<>();
            profile.put("role_arn", Secret.of(exchanger.roleArn()));
            profile.put("role_session_name", Secret.of(exchanger.sessionName()));
            profile.put("web_identity_token_file", Secret.of(tokenFile));
            environment
                    .variable("AWS_ROLE_ARN", exchanger.roleArn())
                    .variable("AWS_ROLE_SESSION_NAME", exchanger.sessionName())
                    .variable("AWS_WEB_IDENTITY_TOKEN_FILE", tokenFile)
                    .input("shared_config_file", configFile(environment, profile));
        };
    }

    private static EnvironmentRenderer<AwsSessionCredentials> sessionKeys() {
        return (credentials, token, environment) -> {
            Map<String, Secret> profile = new LinkedHashMap<>();
            profile.put("aws_access_key_id", Secret.of(credentials.accessKeyId()));
            profile.put("aws_secret_access_key", credentials.secretAccessKey());
            profile.put("aws_session_token", credentials.sessionToken());
            environment
                    .variable("AWS_ACCESS_KEY_ID", credentials.accessKeyId())
                    .secretVariable("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey())
                    .secretVariable("AWS_SESSION_TOKEN", credentials.sessionToken())
                    .variable(
                            "AWS_CREDENTIAL_EXPIRATION", credentials.expiresAt().toString())
                    .input("shared_config_file", configFile(environment, profile));
        };
    }

    /** Writes a shared config file whose default profile has these settings, and returns its path. */
    private static String configFile(ConfigurationEnvironment environment, Map<String, Secret> profile) {
        StringBuilder text = new StringBuilder("[default]\n");
        profile.forEach((name, value) ->
                text.append(name).append(" = ").append(value.reveal()).append('\n'));
        return environment.file(CONFIG_FILE, Secret.of(text.toString())).toString();
    }

    /** Makes a run id of 1 to 90 characters fit the 2 to 64 of a session name; two long ids stay two names. */
    static String sessionName(String runId) {
        if (runId.length() > MAX_SESSION_NAME) {
            String hash = Secret.of(runId).fingerprint();
            return runId.substring(0, MAX_SESSION_NAME - hash.length() - 1) + "-" + hash;
        }
        return runId.length() < 2 ? "run-" + runId : runId;
    }

    /** Returns what a run's tools need beside an identity, without what the workspace says already. */
    private Map<String, String> surroundings(PlatformSettings settings) {
        Map<String, String> variables = new TreeMap<>();
        if (sts.endpointOverridden()) {
            variables.put("AWS_ENDPOINT_URL_STS", sts.endpoint().toString());
        }
        for (String name : REDIRECTING) {
            if (!variables.containsKey(name)) {
                settings.workspaceVariable(name)
                        .ifPresent(own -> own.require(
                                value -> false,
                                "removed from the workspace, since only the host chooses where tokens are sent"));
            }
        }
        for (String name : List.copyOf(variables.keySet())) {
            // A workspace's variable reaches the run anyway, and setting it twice is refused.
            settings.workspaceVariable(name).ifPresent(own -> {
                String ours = variables.remove(name);
                own.require(value -> value.equals(ours), "absent or \"" + ours + "\", as the host has it");
            });
        }
        Optional<Setting> region = region(settings, "AWS_REGION");
        // Most tools prefer AWS_REGION, so the host's would win over a default that the workspace gives.
        Optional<Setting> preferred = region(settings, "AWS_DEFAULT_REGION");
        if (region.isEmpty()) {
            variables.put("AWS_REGION", preferred.map(Setting::value).orElse(sts.region()));
        }
        return variables;
    }

    /** Returns the workspace's region, which tools make a part of a host name without looking at it. */
    private static Optional<Setting> region(PlatformSettings settings, String variable) {
        Optional<Setting> region = settings.workspaceVariable(variable);
        region.ifPresent(own -> own.require(AwsSts::isRegion, AwsSts.EXPECTED_REGION));
        return region;
    }

    /** Collects the settings of a provider. Not safe for use by several threads. */
    public static final class Builder {
        private final AwsSts.Builder sts;
        private Duration sessionDuration = Duration.ofHours(1);
        private boolean sessionVariables;
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

        /** Sets the HTTP client, for other time-outs or a private certificate authority. */
        public Builder http(BoundedHttpClient http) {
            sts.http(http);
            return this;
        }

        /**
         * Sets how long the host's own sessions live, 15 minutes to 12 hours. Tools that assume the role themselves
         * choose their own. Default 1 hour.
         *
         * @throws IllegalArgumentException if it is outside these limits or not in whole seconds
         */
        public Builder sessionDuration(Duration sessionDuration) {
            this.sessionDuration = AwsWebIdentityExchanger.requireSessionDuration(sessionDuration);
            return this;
        }

        /**
         * Gives runs the session's keys as {@code AWS_ACCESS_KEY_ID}, {@code AWS_SECRET_ACCESS_KEY},
         * {@code AWS_SESSION_TOKEN} and {@code AWS_CREDENTIAL_EXPIRATION} instead of the identity token. A run that
         * lasts longer than the session fails. By default runs get the token.
         */
        public Builder sessionVariables() {
            this.sessionVariables = true;
            return this;
        }

        /** Sets the clock that the end of a session is held against. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** Returns the provider. */
        public AwsProvider build() {
            return new AwsProvider(this);
        }
    }
}
