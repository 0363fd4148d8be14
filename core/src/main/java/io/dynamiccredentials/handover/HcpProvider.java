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
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Plugs the HashiCorp Cloud Platform in. Reads {@code TFC_HCP_RUN_PROVIDER_RESOURCE_NAME} (or {@code PLAN},
 * {@code APPLY}) and {@code TFC_HCP_WORKLOAD_IDENTITY_AUDIENCE}; gives a run {@code HCP_CRED_FILE} and the Terraform
 * input {@code tfc_hcp_dynamic_credentials}.
 *
 * <p>Both name a file {@code hcp-credentials.json} of HCP's scheme {@code workload}, from which the tools trade the
 * token in the file {@code hcp-token} themselves, as often as they need to while it lives. Refuses a workspace with
 * {@code HCP_API_ADDRESS}, {@code HCP_API_HOST}, {@code HCP_API_TLS}, {@code HCP_AUTH_URL} or {@code HCP_AUTH_TLS},
 * which would have them send it elsewhere. Immutable.
 */
public final class HcpProvider implements CredentialProvider {
    private static final List<String> REDIRECTING =
            List.of("HCP_API_ADDRESS", "HCP_API_HOST", "HCP_API_TLS", "HCP_AUTH_URL", "HCP_AUTH_TLS");

    /** Becomes a part of a path in HCP's own library. So long that a whole name is still an audience. */
    private static final String PART = "[A-Za-z0-9_-]{1,64}";

    private static final Pattern RESOURCE = Pattern.compile(
            "iam/project/" + PART + "/service-principal/" + PART + "/workload-identity-provider/" + PART);

    private static final SettingRule RESOURCE_NAME = SettingRule.builder(
                    "PROVIDER_RESOURCE_NAME", "the resource name of the workload identity provider")
            .perPhase()
            .required()
            .form(
                    name -> RESOURCE.matcher(name).matches(),
                    "a resource name such as "
                            + "\"iam/project/PROJECT-ID/service-principal/NAME/workload-identity-provider/NAME\"")
            .build();
    private static final SettingRule AUDIENCE = SettingRule.builder(
                    "WORKLOAD_IDENTITY_AUDIENCE", "the audience of the token, one that the provider allows")
            .defaultsTo("the provider's resource name")
            .form(Audience::isWellFormed, Audience.EXPECTED)
            .build();
    private static final VariableFamily FAMILY = VariableFamily.builder("HCP")
            .rules(RESOURCE_NAME, AUDIENCE)
            .input("tfc_hcp_dynamic_credentials", "credential_file")
            .build();

    private HcpProvider() {}

    /** Returns a provider. */
    public static HcpProvider create() {
        return new HcpProvider();
    }

    @Override
    public VariableFamily family() {
        return FAMILY;
    }

    @Override
    public ConfiguredPlatform<HandedOnToken> configure(PlatformSettings settings, Workload workload) {
        REDIRECTING.forEach(variable -> settings.requireNoDetour(variable, Set.of()));
        String name = settings.required(RESOURCE_NAME).value();
        String audience = settings.optional(AUDIENCE).map(Setting::value).orElse(name);
        return new ConfiguredPlatform<>(workload, new TokenHandover("HCP", audience), renderer(name));
    }

    private static EnvironmentRenderer<HandedOnToken> renderer(String resourceName) {
        return (credentials, token, environment) -> {
            Path tokenFile = environment.file("hcp-token", token.compact());
            String file = environment
                    .file("hcp-credentials.json", Secret.of(credentialFile(resourceName, tokenFile)))
                    .toString();
            environment.variable("HCP_CRED_FILE", file).input("credential_file", file);
        };
    }

    private static String credentialFile(String resourceName, Path tokenFile) {
        Map<String, Object> workload = new LinkedHashMap<>();
        workload.put("provider_resource_name", resourceName);
        workload.put("file", Map.of("path", tokenFile.toString()));
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("scheme", "workload");
        members.put("workload", workload);
        return StrictJson.write(members);
    }
}
