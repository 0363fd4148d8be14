package io.dynamiccredentials.aws;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.EnvironmentRenderer;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the tools of a run find their identity and region by: variables, if it is the run's only one, and always a
 * shared config file.
 */
final class AwsProfile {
    private static final String TOKEN_FILE = "aws-token";
    private static final String CONFIG_FILE = "aws-config";
    static final String INPUT = "shared_config_file";
    private static final String WEB_IDENTITY = "web-identity";

    private final String region;
    private final StringBuilder text = new StringBuilder();

    private AwsProfile(String region) {
        this.region = region;
    }

    /** Writes a shared config file that names a command, which prints credentials, and returns its path. */
    static String process(String region, String command, ConfigurationEnvironment environment) {
        return new AwsProfile(region)
                .section("default", Map.of("credential_process", Secret.of(command)))
                .write(environment);
    }

    /** Hands over the session's keys. */
    static EnvironmentRenderer<AwsSessionCredentials> sessionKeys(String region) {
        return (credentials, token, environment) -> {
            Map<String, Secret> keys = new LinkedHashMap<>();
            keys.put("aws_access_key_id", Secret.of(credentials.accessKeyId()));
            keys.put("aws_secret_access_key", credentials.secretAccessKey());
            keys.put("aws_session_token", credentials.sessionToken());
            environment
                    .variable("AWS_ACCESS_KEY_ID", credentials.accessKeyId())
                    .secretVariable("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey())
                    .secretVariable("AWS_SESSION_TOKEN", credentials.sessionToken())
                    .variable(
                            "AWS_CREDENTIAL_EXPIRATION", credentials.expiresAt().toString())
                    .input(
                            INPUT,
                            new AwsProfile(region).section("default", keys).write(environment));
        };
    }

    /** Hands over the identity token, by which tools assume the role themselves. */
    static EnvironmentRenderer<AwsSessionCredentials> tokenFile(AwsWebIdentityExchanger exchanger, String region) {
        return (credentials, token, environment) -> {
            String tokenFile = environment.file(TOKEN_FILE, token.compact()).toString();
            environment
                    .variable("AWS_ROLE_ARN", exchanger.roleArn())
                    .variable("AWS_ROLE_SESSION_NAME", exchanger.sessionName())
                    .variable("AWS_WEB_IDENTITY_TOKEN_FILE", tokenFile)
                    .input(
                            INPUT,
                            new AwsProfile(region)
                                    .section("default", webIdentity(exchanger, tokenFile))
                                    .write(environment));
        };
    }

    /** Hands over the identity token, by which tools assume the first role, and by that the second one. */
    static EnvironmentRenderer<AwsSessionCredentials> chain(AwsChainedExchanger exchanger, String region) {
        return (credentials, token, environment) -> {
            String tokenFile = environment.file(TOKEN_FILE, token.compact()).toString();
            Map<String, Secret> chained = new LinkedHashMap<>();
            chained.put("role_arn", Secret.of(exchanger.role().text()));
            chained.put("role_session_name", Secret.of(exchanger.first().sessionName()));
            chained.put("source_profile", Secret.of(WEB_IDENTITY));
            exchanger.externalId().ifPresent(id -> chained.put("external_id", Secret.of(id)));
            String file = new AwsProfile(region)
                    .section("default", chained)
                    .section("profile " + WEB_IDENTITY, webIdentity(exchanger.first(), tokenFile))
                    .write(environment);
            // No variable can tell of two roles. Older tools overlook the file without AWS_SDK_LOAD_CONFIG.
            environment
                    .variable("AWS_CONFIG_FILE", file)
                    .variable("AWS_SDK_LOAD_CONFIG", "1")
                    .input(INPUT, file);
        };
    }

    private static Map<String, Secret> webIdentity(AwsWebIdentityExchanger exchanger, String tokenFile) {
        Map<String, Secret> profile = new LinkedHashMap<>();
        profile.put("role_arn", Secret.of(exchanger.roleArn()));
        profile.put("role_session_name", Secret.of(exchanger.sessionName()));
        profile.put("web_identity_token_file", Secret.of(tokenFile));
        return profile;
    }

    private AwsProfile section(String name, Map<String, Secret> settings) {
        text.append('[').append(name).append("]\n");
        settings.forEach((key, value) ->
                text.append(key).append(" = ").append(value.reveal()).append('\n'));
        text.append("region = ").append(region).append('\n');
        return this;
    }

    /** Writes the shared config file and returns its path. */
    private String write(ConfigurationEnvironment environment) {
        String file = environment.file(CONFIG_FILE, Secret.of(text.toString())).toString();
        // A profile that is named wins over the variables of the providers.
        environment.backend(Map.of("profile", "default", "shared_config_files", List.of(file)));
        return file;
    }
}
