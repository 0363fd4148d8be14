package io.dynamiccredentials.handover;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.EnvironmentRenderer;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.exchange.HandedOnToken;
import io.dynamiccredentials.exchange.TokenHandover;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.workload.Workload;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Plugs Tencent Cloud in. Reads {@code TFC_TENCENTCLOUD_RUN_ROLE_ARN} (or {@code PLAN}, {@code APPLY}) and
 * {@code TFC_TENCENTCLOUD_WORKLOAD_IDENTITY_AUDIENCE}; gives a run {@code TENCENTCLOUD_ASSUME_ROLE_ARN},
 * {@code TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN}, {@code TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME} unless the
 * workspace has it, and the Terraform input {@code tfc_tencentcloud_dynamic_credentials}.
 *
 * <p>Tencent's Terraform provider trades the token itself, once, when it starts. It looks for an identity provider of
 * the name {@code OIDC} in CAM, unless its block or the workspace's {@code TENCENTCLOUD_ASSUME_ROLE_PROVIDER_ID} says
 * otherwise. The input's {@code token_file} is in that provider's own format, {@code {"web_identity_token": "…"}}; it
 * has the same path in plan and apply, while {@code web_identity_token} in a saved plan stays the token of the
 * planning. Refuses a workspace whose {@code TENCENTCLOUD_DOMAIN} or {@code TENCENTCLOUD_PROTOCOL} would send the token
 * elsewhere, or unencrypted. Immutable.
 */
public final class TencentCloudProvider implements CredentialProvider {
    private static final String STANDARD_AUDIENCE = "tencentcloud.workload.identity";
    private static final String ROLE_VARIABLE = "TENCENTCLOUD_ASSUME_ROLE_ARN";
    private static final String SESSION_VARIABLE = "TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME";
    private static final Set<String> DOMAINS = Set.of("tencentcloudapi.com", "intl.tencentcloudapi.com");
    private static final Pattern ROLE_FORM =
            Pattern.compile("qcs::cam::uin/[0-9]{1,20}:roleName/[A-Za-z0-9_+=,.@-]{1,128}");

    private static final SettingRule ROLE = SettingRule.builder("ROLE_ARN", "the ARN of the CAM role")
            .perPhase()
            .required()
            .form(
                    arn -> ROLE_FORM.matcher(arn).matches(),
                    "the ARN of a CAM role, such as \"qcs::cam::uin/100000000001:roleName/deploy\"")
            .build();
    private static final SettingRule AUDIENCE = SettingRule.builder(
                    "WORKLOAD_IDENTITY_AUDIENCE",
                    "the audience of the token, a client id of the identity provider in CAM")
            .defaultsTo(STANDARD_AUDIENCE)
            .form(Audience::isWellFormed, Audience.EXPECTED)
            .build();
    private static final VariableFamily FAMILY = VariableFamily.builder("TENCENTCLOUD")
            .rules(ROLE, AUDIENCE)
            .input("tfc_tencentcloud_dynamic_credentials", "role_arn", "token_file", "web_identity_token")
            .build();

    private TencentCloudProvider() {}

    /** Returns a provider. */
    public static TencentCloudProvider create() {
        return new TencentCloudProvider();
    }

    @Override
    public VariableFamily family() {
        return FAMILY;
    }

    @Override
    public ConfiguredPlatform<HandedOnToken> configure(PlatformSettings settings, Workload workload) {
        settings.requireNoDetour("TENCENTCLOUD_DOMAIN", DOMAINS);
        settings.requireNoDetour("TENCENTCLOUD_PROTOCOL", Set.of("HTTPS"));
        String role = settings.required(ROLE).value();
        settings.workspaceVariable(ROLE_VARIABLE)
                .ifPresent(own -> own.require(role::equals, "removed from the workspace, or the run's role " + role));
        String audience = settings.optional(AUDIENCE).map(Setting::value).orElse(STANDARD_AUDIENCE);
        Optional<String> sessionName =
                settings.workspaceVariable(SESSION_VARIABLE).isPresent()
                        ? Optional.empty()
                        : Optional.of(sessionName(workload.runId()));
        return new ConfiguredPlatform<>(
                workload, new TokenHandover("Tencent Cloud", audience), renderer(role, sessionName));
    }

    private static EnvironmentRenderer<HandedOnToken> renderer(String role, Optional<String> sessionName) {
        return (credentials, token, environment) -> {
            Secret jwt = token.compact();
            Secret json = Secret.of(StrictJson.write(Map.of("web_identity_token", jwt.reveal())));
            environment
                    .variable(ROLE_VARIABLE, role)
                    // A role and a session without a token in a variable would have the provider look for static keys.
                    .secretVariable("TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN", jwt)
                    .input("role_arn", role)
                    .input(
                            "token_file",
                            environment.file("tencentcloud-token.json", json).toString())
                    .secretInput("web_identity_token", jwt);
            sessionName.ifPresent(name -> environment.variable(SESSION_VARIABLE, name));
        };
    }

    /** Makes a run id of 1 to 90 characters fit the 2 to 128 of a session name. */
    private static String sessionName(String runId) {
        return runId.length() < 2 ? "run-" + runId : runId;
    }
}
