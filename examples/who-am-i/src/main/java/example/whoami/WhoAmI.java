package example.whoami;

import com.azure.core.credential.TokenRequestContext;
import com.azure.identity.WorkloadIdentityCredentialBuilder;
import com.google.auth.oauth2.GoogleCredentials;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.sts.StsClient;

/**
 * A tool that knows the vendors' libraries and nothing else, and says who it is on each platform.
 *
 * <p>It stands for terraform, a deploy script or any other program of a run: it finds its credentials where the
 * vendors' libraries look by default. It prints one line for each platform: the platform, a tab, the identity.
 */
public final class WhoAmI {
    private static final Pattern PRINCIPAL = Pattern.compile("\"(?:principal|client_id|role)\":\"([^\"]+)\"");

    private WhoAmI() {}

    /** Asks all four platforms; the process exits with 0 only if all answered. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        requireAlone();
        Map<String, String> environment = System.getenv();
        print("AWS", aws());
        print("Google Cloud", googleCloud(environment.get("WHO_AM_I_GOOGLE_CLOUD")));
        print("Azure", azure(environment.get("WHO_AM_I_AZURE")));
        print("Vault", vault(environment));
    }

    private static String aws() {
        try (StsClient sts = StsClient.create()) {
            return sts.getCallerIdentity().arn();
        }
    }

    private static String googleCloud(String resource) throws IOException, InterruptedException {
        GoogleCredentials credentials = GoogleCredentials.getApplicationDefault();
        credentials.refreshIfExpired();
        return principal(get(
                resource,
                "Authorization",
                "Bearer " + credentials.getAccessToken().getTokenValue()));
    }

    private static String azure(String resource) throws IOException, InterruptedException {
        // Instance discovery asks login.microsoftonline.com about every unknown authority, which a test must not do.
        String token = new WorkloadIdentityCredentialBuilder()
                .disableInstanceDiscovery()
                .build()
                .getTokenSync(new TokenRequestContext().addScopes("https://management.azure.com/.default"))
                .getToken();
        return principal(get(resource, "Authorization", "Bearer " + token));
    }

    private static String vault(Map<String, String> environment) throws IOException, InterruptedException {
        String lookup = environment.get("VAULT_ADDR") + "/v1/auth/token/lookup-self";
        return principal(get(lookup, "X-Vault-Token", environment.get("VAULT_TOKEN")));
    }

    private static String get(String address, String header, String value) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address))
                .header(header, value)
                .build();
        var response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(address + " answered HTTP " + response.statusCode());
        }
        return response.body();
    }

    private static String principal(String json) throws IOException {
        Matcher matcher = PRINCIPAL.matcher(json);
        if (!matcher.find()) {
            throw new IOException("the answer names no identity");
        }
        return matcher.group(1);
    }

    /** Checks that no class of the library that gave the credentials is here. */
    private static void requireAlone() {
        try {
            Class.forName("io.dynamiccredentials.Secret");
        } catch (ClassNotFoundException e) {
            return;
        }
        throw new IllegalStateException("Dynamic Credentials is on the class path of a program that must not need it");
    }

    private static void print(String platform, String identity) {
        System.out.println(platform + "\t" + identity);
    }
}
