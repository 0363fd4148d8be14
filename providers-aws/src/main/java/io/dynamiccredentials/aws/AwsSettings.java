package io.dynamiccredentials.aws;

import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the variables of a workspace say about one configuration of AWS. Immutable. */
final class AwsSettings {
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
    private static final SettingRule CHAINED_ROLE = SettingRule.builder(
                    "CHAINED_ROLE_ARN", "the ARN of a second role, which the first one assumes and the run works as")
            .beyondTerraform()
            .perPhase()
            .form(arn -> RoleArn.parse(arn).isPresent(), RoleArn.EXPECTED)
            .build();
    private static final SettingRule EXTERNAL_ID = SettingRule.builder(
                    "EXTERNAL_ID", "the external id that the second role asks for; not secret")
            .beyondTerraform()
            .perPhase()
            .form(Pattern.compile("[\\w+=,.@:/-]{2,1224}").asMatchPredicate(), "2 to 1224 of \"A-Za-z0-9_+=,.@:/-\"")
            .build();
    private static final SettingRule EXPECTED_ACCOUNT = SettingRule.builder(
                    "EXPECTED_ACCOUNT", "the id of the account that the run must work in")
            .beyondTerraform()
            .form(Pattern.compile("[0-9]{12}").asMatchPredicate(), "an account id of 12 digits")
            .build();
    private static final SettingRule SESSION_NAME = SettingRule.builder(
                    "SESSION_NAME", "the name of the sessions, which CloudTrail shows")
            .beyondTerraform()
            .form(AwsWebIdentityExchanger::isSessionName, AwsWebIdentityExchanger.EXPECTED_SESSION_NAME)
            .build();
    private static final SettingRule SESSION_SECONDS = SettingRule.builder(
                    "SESSION_SECONDS", "how long the session lives; the run gets its keys and no token")
            .beyondTerraform()
            .perPhase()
            .form(seconds -> isSeconds(seconds, 43_200), "a number of seconds from 900 to 43200")
            .build();
    private static final SettingRule SESSION_POLICY = SettingRule.builder(
                    "SESSION_POLICY", "an inline session policy; the run gets the session's keys and no token")
            .beyondTerraform()
            .perPhase()
            .form(AwsWebIdentityExchanger::isSessionPolicy, AwsWebIdentityExchanger.EXPECTED_POLICY)
            .build();
    private static final SettingRule SESSION_TAGS = SettingRule.builder(
                    "SESSION_TAGS", "names of claims of the run, joined by commas, that become session tags")
            .beyondTerraform()
            .form(SessionTags::isList, SessionTags.EXPECTED)
            .build();
    private static final SettingRule REGION = SettingRule.builder("REGION", "the region of STS and of the run's tools")
            .beyondTerraform()
            .form(AwsSts::isRegion, AwsSts.EXPECTED_REGION)
            .build();

    static final VariableFamily FAMILY = VariableFamily.builder("AWS")
            .rules(ROLE, AUDIENCE, CHAINED_ROLE, EXTERNAL_ID, EXPECTED_ACCOUNT)
            .rules(SESSION_NAME, SESSION_SECONDS, SESSION_POLICY, SESSION_TAGS, REGION)
            .input("tfc_aws_dynamic_credentials", "shared_config_file")
            .build();

    private static final int MAX_SECONDS_CHAINED = 3600;

    private final PlatformSettings settings;

    private AwsSettings(PlatformSettings settings) {
        this.settings = settings;
    }

    /**
     * Reads the settings.
     *
     * @throws IllegalArgumentException if they contradict each other
     */
    static AwsSettings of(PlatformSettings settings) {
        AwsSettings all = new AwsSettings(settings);
        all.requireChainForItsId();
        all.requireChainWithinItsHour();
        all.requireExpectedAccount();
        all.requireOneRegion();
        return all;
    }

    /**
     * Returns the role that trusts the issuer.
     *
     * @throws IllegalArgumentException if it is of another partition than {@code sts}
     */
    RoleArn role(AwsSts sts) {
        return inPartition(settings.required(ROLE), sts);
    }

    /**
     * Returns the role that the first one assumes.
     *
     * @throws IllegalArgumentException if it is of another partition than {@code sts}
     */
    Optional<RoleArn> chainedRole(AwsSts sts) {
        return settings.optional(CHAINED_ROLE).map(setting -> inPartition(setting, sts));
    }

    Optional<String> externalId() {
        return value(EXTERNAL_ID);
    }

    Optional<String> audience() {
        return value(AUDIENCE);
    }

    Optional<String> sessionName() {
        return value(SESSION_NAME);
    }

    Optional<Duration> sessionDuration() {
        return value(SESSION_SECONDS).map(Long::valueOf).map(Duration::ofSeconds);
    }

    Optional<String> sessionPolicy() {
        return value(SESSION_POLICY);
    }

    Optional<Setting> sessionTags() {
        return settings.optional(SESSION_TAGS);
    }

    Optional<Setting> region() {
        return settings.optional(REGION);
    }

    private Optional<String> value(SettingRule rule) {
        return settings.optional(rule).map(Setting::value);
    }

    private static RoleArn inPartition(Setting role, AwsSts sts) {
        role.require(
                arn -> RoleArn.parse(arn).orElseThrow().partition().equals(sts.partition()),
                "a role in partition " + sts.partition() + ", as region " + sts.region() + " is");
        return RoleArn.parse(role.value()).orElseThrow();
    }

    private void requireChainForItsId() {
        Optional<Setting> externalId = settings.explicit(EXTERNAL_ID);
        boolean chained = settings.optional(CHAINED_ROLE).isPresent()
                || settings.explicit(CHAINED_ROLE).isPresent();
        if (externalId.isPresent() && !chained) {
            throw new IllegalArgumentException(externalId.get().variable() + " is for a chained role, and none is set. "
                    + "Set DYNAMIC_CREDENTIALS_AWS_RUN_CHAINED_ROLE_ARN of the same configuration, or remove it");
        }
    }

    private void requireChainWithinItsHour() {
        if (settings.optional(CHAINED_ROLE).isPresent()) {
            settings.optional(SESSION_SECONDS)
                    .ifPresent(seconds -> seconds.require(
                            value -> isSeconds(value, MAX_SECONDS_CHAINED),
                            "900 to 3600 with a chained role, by the limit of AWS"));
        }
    }

    /** What STS answers is held against the role's ARN, and so against its account. */
    private void requireExpectedAccount() {
        Setting role = settings.optional(CHAINED_ROLE).orElseGet(() -> settings.required(ROLE));
        value(EXPECTED_ACCOUNT)
                .ifPresent(account -> role.require(
                        arn -> RoleArn.parse(arn).orElseThrow().account().equals(account),
                        "a role of account " + account + ", which is the expected one"));
    }

    /** A variable that tools read by themselves wins over the region in a file of ours. */
    private void requireOneRegion() {
        region().ifPresent(region -> List.of("AWS_REGION", "AWS_DEFAULT_REGION")
                .forEach(name -> settings.workspaceVariable(name)
                        .ifPresent(own -> own.require(
                                value -> value.equals(region.value()),
                                "absent or \"" + region.value() + "\", as " + region.variable() + " is"))));
    }

    private static boolean isSeconds(String seconds, int max) {
        return seconds.matches("[1-9][0-9]{2,4}")
                && Integer.parseInt(seconds) >= 900
                && Integer.parseInt(seconds) <= max;
    }
}
