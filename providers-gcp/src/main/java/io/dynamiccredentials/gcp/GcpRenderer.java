package io.dynamiccredentials.gcp;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.EnvironmentRenderer;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.StrictJson;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Gives a run a file from which its tools do the exchange themselves, or the access token where no file can say what
 * they should ask for. Immutable.
 *
 * @param universe the domain of the universe
 * @param universeVariables those variables that say which universe it is and that the workspace does not set
 */
record GcpRenderer(
        GcpWorkloadIdentityExchanger exchanger, boolean handsTokenOver, String universe, Set<String> universeVariables)
        implements EnvironmentRenderer<GcpAccessCredentials> {

    private static final String FILE_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS";

    /** Where tools of Google's find no credentials, they go on looking, and end with the machine's. */
    private static final String NO_CREDENTIALS = "/dev/null";

    @Override
    public void render(GcpAccessCredentials credentials, IdentityToken token, ConfigurationEnvironment environment) {
        if (!isPublic()) {
            universeVariables.forEach(name -> environment.variable(name, universe));
        }
        environment.sharedVariable("CLOUDSDK_CORE_CHECK_GCE_METADATA", "false");
        if (handsTokenOver) {
            renderToken(credentials.accessToken(), environment);
        } else {
            renderFile(token.compact(), environment);
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

    private void renderFile(Secret token, ConfigurationEnvironment environment) {
        Path tokenFile = environment.file("gcp-token", token);
        String file = environment
                .file("gcp-credentials.json", Secret.of(externalAccount(tokenFile)))
                .toString();
        environment
                .variableOr(FILE_VARIABLE, file, NO_CREDENTIALS)
                .variable("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", file)
                .input("credentials", file);
    }

    private String externalAccount(Path tokenFile) {
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
        Map<String, Object> source = new LinkedHashMap<>();
        source.put("file", tokenFile.toString());
        source.put("format", Map.of("type", "text"));
        members.put("credential_source", source);
        return StrictJson.write(members);
    }

    private boolean isPublic() {
        return universe.equals(GoogleAddresses.PUBLIC_UNIVERSE);
    }
}
