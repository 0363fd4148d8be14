package io.dynamiccredentials.gcp;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.config.EnvironmentRenderer;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.environment.LoopbackAnswer;
import io.dynamiccredentials.environment.LoopbackEndpoint;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.StrictJson;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Gives a run a file from which its tools do the exchange themselves, or the access token where no file can say what
 * they should ask for. Immutable.
 *
 * @param delivery how: {@code VARIABLES} stands for the access token
 * @param universe the domain of the universe
 * @param universeVariables those variables that say which universe it is and that the workspace does not set
 */
record GcpRenderer(
        GcpWorkloadIdentityExchanger exchanger, Delivery delivery, String universe, Set<String> universeVariables)
        implements EnvironmentRenderer<GcpAccessCredentials> {

    private static final String TOKEN_NAME = "gcp-token";
    private static final String TOKEN_FIELD = "value";
    private static final String FILE_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS";

    /** Where tools of Google's find no credentials, they go on looking, and end with the machine's. */
    private static final String NO_CREDENTIALS = "/dev/null";

    @Override
    public void render(GcpAccessCredentials credentials, IdentityToken token, ConfigurationEnvironment environment) {
        if (!isPublic()) {
            universeVariables.forEach(name -> environment.variable(name, universe));
        }
        environment.sharedVariable("CLOUDSDK_CORE_CHECK_GCE_METADATA", "false");
        switch (delivery) {
            case FILES -> renderFile(fileSource(token, environment), environment);
            case BROKER -> renderFile(urlSource(token, environment), environment);
            case VARIABLES -> renderToken(credentials.accessToken(), environment);
        }
    }

    private static void renderToken(Secret accessToken, ConfigurationEnvironment environment) {
        environment
                .sharedVariable(FILE_VARIABLE, NO_CREDENTIALS)
                .secretVariable("GOOGLE_OAUTH_ACCESS_TOKEN", accessToken)
                .variable(
                        "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE",
                        environment.file("gcp-access-token", accessToken).toString())
                .secretInput("access_token", accessToken);
    }

    private static Map<String, Object> fileSource(IdentityToken token, ConfigurationEnvironment environment) {
        Map<String, Object> source = new LinkedHashMap<>();
        source.put("file", environment.file(TOKEN_NAME, token.compact()).toString());
        source.put("format", Map.of("type", "text"));
        return source;
    }

    private static Map<String, Object> urlSource(IdentityToken token, ConfigurationEnvironment environment) {
        Secret body =
                Secret.of(StrictJson.write(Map.of(TOKEN_FIELD, token.compact().reveal())));
        LoopbackEndpoint endpoint = environment.endpoint(TOKEN_NAME, LoopbackAnswer.json(body, token.expiresAt()));
        Map<String, Object> format = new LinkedHashMap<>();
        format.put("type", "json");
        format.put("subject_token_field_name", TOKEN_FIELD);
        Map<String, Object> source = new LinkedHashMap<>();
        source.put("url", endpoint.url().toString());
        source.put(
                "headers", Map.of("Authorization", "Bearer " + endpoint.bearer().reveal()));
        source.put("format", format);
        return source;
    }

    private void renderFile(Map<String, Object> source, ConfigurationEnvironment environment) {
        String file = environment
                .file("gcp-credentials.json", Secret.of(externalAccount(source)))
                .toString();
        environment
                .variableOr(FILE_VARIABLE, file, NO_CREDENTIALS)
                .variable("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", file)
                .backend(Map.of("credentials", file))
                .input("credentials", file);
    }

    private String externalAccount(Map<String, Object> source) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("type", "external_account");
        if (!isPublic()) {
            members.put("universe_domain", universe);
        }
        // Names the provider to STS. It is not the audience of the token, which the workspace may set.
        members.put("audience", exchanger.provider().resource());
        members.put("subject_token_type", GcpWorkloadIdentityExchanger.SUBJECT_TOKEN_TYPE);
        members.put("token_url", exchanger.tokenUrl().toString());
        exchanger.impersonation().ifPresent(as -> {
            members.put(
                    "service_account_impersonation_url",
                    exchanger.impersonationUrl().orElseThrow());
            members.put(
                    "service_account_impersonation",
                    Map.of("token_lifetime_seconds", as.lifetime().toSeconds()));
        });
        members.put("credential_source", source);
        return StrictJson.write(members);
    }

    private boolean isPublic() {
        return universe.equals(GoogleAddresses.PUBLIC_UNIVERSE);
    }
}
