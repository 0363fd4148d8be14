package io.dynamiccredentials.vault;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.workload.Workload;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/** Keys of AWS that Vault makes. */
final class VaultBackedAws implements VaultBackedPlatform {
    private static final String ASSUMED_ROLE = "assumed_role";
    private static final Map<String, AwsEngine.Type> TYPES = Map.of(
            "iam_user",
            AwsEngine.Type.IAM_USER,
            ASSUMED_ROLE,
            AwsEngine.Type.ASSUMED_ROLE,
            "federation_token",
            AwsEngine.Type.FEDERATION_TOKEN);

    private static final SettingRule TYPE = SettingRule.builder("AUTH_TYPE", "the type of the credentials")
            .required()
            .form(TYPES::containsKey, "one of " + new TreeSet<>(TYPES.keySet()))
            .build();
    private static final SettingRule ROLE_ARN = SettingRule.builder("ROLE_ARN", "the ARN of the role to assume")
            .perPhase()
            .requiredWhen("with AUTH_TYPE assumed_role", settings -> settings.is(TYPE, ASSUMED_ROLE))
            .voidWhen(
                    "with another AUTH_TYPE than assumed_role",
                    settings -> settings.is(TYPE, "iam_user") || settings.is(TYPE, "federation_token"))
            .form(AwsEngine::isRoleArn, AwsEngine.EXPECTED_ARN)
            .build();
    private static final SettingRule MOUNT = VaultBackedSettings.mountPath("aws");
    private static final VariableFamily FAMILY = VariableFamily.builder("VAULT_BACKED_AWS")
            .switchName("AUTH")
            .tools("AWS")
            .rules(
                    TYPE,
                    VaultBackedSettings.VAULT_ROLE,
                    ROLE_ARN,
                    MOUNT,
                    VaultBackedSettings.SLEEP_SECONDS,
                    VaultBackedSettings.VAULT_CONFIG)
            .input("tfc_vault_backed_aws_dynamic_credentials", "shared_credentials_file")
            .build();

    @Override
    public VariableFamily family() {
        return FAMILY;
    }

    @Override
    public ConfiguredPlatform<VaultBackedCredentials<AwsKeys>> configure(
            PlatformSettings settings, Workload workload, VaultConnection vault) {
        AwsEngine.Type type =
                Objects.requireNonNull(TYPES.get(settings.required(TYPE).value()));
        Optional<String> roleArn = type == AwsEngine.Type.ASSUMED_ROLE
                ? Optional.of(settings.required(ROLE_ARN).value())
                : Optional.empty();
        AwsEngine engine = new AwsEngine(
                VaultBackedSettings.mount(settings, MOUNT),
                settings.required(VaultBackedSettings.VAULT_ROLE).value(),
                type,
                roleArn);
        return new ConfiguredPlatform<>(
                        workload,
                        new VaultBackedExchanger<>("Vault-backed AWS", vault, engine),
                        (credentials, token, environment) -> render(credentials.secret(), environment))
                .settlingFor(VaultBackedSettings.settling(settings));
    }

    private static void render(AwsKeys keys, ConfigurationEnvironment environment) {
        StringBuilder file = new StringBuilder("[default]\n")
                .append("aws_access_key_id = ")
                .append(keys.accessKeyId())
                .append("\naws_secret_access_key = ")
                .append(keys.secretAccessKey().reveal())
                .append('\n');
        keys.sessionToken()
                .ifPresent(session -> file.append("aws_session_token = ")
                        .append(session.reveal())
                        .append('\n'));
        String path = environment
                .file("vault-aws-credentials", Secret.of(file.toString()))
                .toString();
        environment
                .variable("AWS_ACCESS_KEY_ID", keys.accessKeyId())
                .secretVariable("AWS_SECRET_ACCESS_KEY", keys.secretAccessKey())
                .input("shared_credentials_file", path)
                .backend(Map.of("profile", "default", "shared_credentials_files", List.of(path)));
        keys.sessionToken().ifPresent(session -> environment.secretVariable("AWS_SESSION_TOKEN", session));
    }
}
