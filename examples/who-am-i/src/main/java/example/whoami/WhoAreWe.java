package example.whoami;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.services.sts.StsClient;

/**
 * A tool that is told of several configurations as Terraform is, and says who it is in each.
 *
 * <p>It reads {@code TF_VAR_tfc_…_dynamic_credentials} and hands the files named there to the vendors' libraries, as
 * provider blocks do. It prints one line for each configuration: input and tag, a tab, the identity.
 */
public final class WhoAreWe {
    private static final JsonMapper JSON = new JsonMapper();

    private WhoAreWe() {}

    /** Asks for each configuration; the process exits with 0 only if all answered. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        for (Map.Entry<String, JsonNode> one : configurations("tfc_aws").entrySet()) {
            print(
                    one.getKey(),
                    aws(ProfileFile.Type.CONFIGURATION, one.getValue().path("shared_config_file")));
        }
        for (Map.Entry<String, JsonNode> one :
                configurations("tfc_vault_backed_aws").entrySet()) {
            print(one.getKey(), aws(ProfileFile.Type.CREDENTIALS, one.getValue().path("shared_credentials_file")));
        }
        for (Map.Entry<String, JsonNode> one : configurations("tfc_vault").entrySet()) {
            print(one.getKey(), vault(one.getValue()));
        }
    }

    /** Returns what an input says of each configuration, by the input's name and the tag. */
    private static Map<String, JsonNode> configurations(String input) throws IOException {
        JsonNode value = JSON.readTree(Optional.ofNullable(System.getenv("TF_VAR_" + input + "_dynamic_credentials"))
                .orElse("{}"));
        Map<String, JsonNode> configurations = new LinkedHashMap<>();
        if (value.path("default").isObject()) {
            configurations.put(input, value.path("default"));
        }
        value.path("aliases")
                .properties()
                .forEach(alias -> configurations.put(input + " " + alias.getKey(), alias.getValue()));
        return configurations;
    }

    private static String aws(ProfileFile.Type type, JsonNode file) {
        ProfileFile profiles =
                ProfileFile.builder().content(Path.of(file.asText())).type(type).build();
        try (ProfileCredentialsProvider credentials = ProfileCredentialsProvider.builder()
                        .profileFile(profiles)
                        .build();
                StsClient sts =
                        StsClient.builder().credentialsProvider(credentials).build()) {
            return sts.getCallerIdentity().arn();
        }
    }

    private static String vault(JsonNode configuration) throws IOException, InterruptedException {
        String address = configuration.path("address").asText();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + "/v1/auth/token/lookup-self"))
                .header(
                        "X-Vault-Token",
                        Files.readString(
                                Path.of(configuration.path("token_filename").asText())));
        String namespace = configuration.path("namespace").asText();
        if (!namespace.isEmpty()) {
            request.header("X-Vault-Namespace", namespace);
        }
        var response = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(address + " answered HTTP " + response.statusCode());
        }
        return namespace + "/"
                + JSON.readTree(response.body())
                        .path("data")
                        .path("meta")
                        .path("role")
                        .asText();
    }

    private static void print(String configuration, String identity) {
        System.out.println(configuration + "\t" + identity);
    }
}
