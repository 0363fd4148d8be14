package io.dynamiccredentials.aws;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.EnvironmentRenderer;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.environment.LoopbackAnswer;
import io.dynamiccredentials.environment.LoopbackEndpoint;
import io.dynamiccredentials.environment.LoopbackScript;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.StrictJson;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tells tools where they find the newest keys of the session: by the protocol of containers, which variables name, and
 * by a command, which a shared config file names. Immutable.
 */
record AwsBrokeredKeys(String region) implements EnvironmentRenderer<AwsSessionCredentials> {
    private static final int ACCOUNT_IN_ARN = 4;

    @Override
    public void render(AwsSessionCredentials session, IdentityToken token, ConfigurationEnvironment environment) {
        LoopbackEndpoint container = environment.endpoint("aws-container", answer(session, containerForm(session)));
        LoopbackEndpoint process = environment.endpoint("aws-process", answer(session, processForm(session)));
        String command =
                LoopbackScript.write(environment, "aws-process", process).command();
        environment
                .variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url().toString())
                .secretVariable("AWS_CONTAINER_AUTHORIZATION_TOKEN", container.bearer())
                .input(AwsProfile.INPUT, AwsProfile.process(region, command, environment));
    }

    private static LoopbackAnswer answer(AwsSessionCredentials session, Map<String, Object> members) {
        return LoopbackAnswer.json(Secret.of(StrictJson.write(members)), session.expiresAt());
    }

    private static Map<String, Object> containerForm(AwsSessionCredentials session) {
        Map<String, Object> members = keys(session);
        members.put("Token", session.sessionToken().reveal());
        return members;
    }

    private static Map<String, Object> processForm(AwsSessionCredentials session) {
        Map<String, Object> members = keys(session);
        members.put("SessionToken", session.sessionToken().reveal());
        members.put("Version", 1);
        return members;
    }

    private static Map<String, Object> keys(AwsSessionCredentials session) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("AccessKeyId", session.accessKeyId());
        members.put("SecretAccessKey", session.secretAccessKey().reveal());
        // Some readers know no fractions of a second.
        members.put(
                "Expiration",
                session.expiresAt().truncatedTo(ChronoUnit.SECONDS).toString());
        members.put("AccountId", session.assumedRoleArn().split(":", -1)[ACCOUNT_IN_ARN]);
        return members;
    }
}
