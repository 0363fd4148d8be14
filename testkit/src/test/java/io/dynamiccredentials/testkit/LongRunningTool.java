package io.dynamiccredentials.testkit;

import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.google.auth.oauth2.GoogleCredentials;
import io.github.jopenlibs.vault.Vault;
import io.github.jopenlibs.vault.VaultConfig;
import io.github.jopenlibs.vault.VaultException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.StsException;

/**
 * A process that uses four platforms for a long time, by their official clients and with nothing but the environment
 * that it was started in. It knows nothing of this library.
 *
 * <p>Ends with status 1 at the first call that fails. Else it prints a line for each client: its name, how many calls
 * it made, how many different credentials it made them with, and whether the platform refuses the first of these now.
 */
final class LongRunningTool {
    /** With lives of seconds no client can keep what it has, and a lease's endpoints answer 10 times a second. */
    private static final long PAUSE_MILLIS = 500;

    private LongRunningTool() {}

    /** One client of one platform. */
    interface Client {
        /** Makes a call that the platform lets nobody make without live credentials, and returns these. */
        String call() throws Exception;

        /** Makes the call with the credentials of the first one. */
        boolean isRefused(String first) throws Exception;
    }

    /**
     * Runs.
     *
     * @param arguments for how many seconds; the address of an API of Google Cloud; the one of an API of Azure
     */
    public static void main(String[] arguments) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[0]));
        List<Thread> threads = List.of(
                start("aws", new Aws(), end),
                start("google", new Google(URI.create(arguments[1])), end),
                start("azure", new Azure(URI.create(arguments[2])), end),
                start("vault", new VaultReader(), end));
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static Thread start(String name, Client client, long end) {
        Thread thread = new Thread(() -> use(name, client, end), name);
        thread.start();
        return thread;
    }

    private static void use(String name, Client client, long end) {
        Set<String> seen = new LinkedHashSet<>();
        int calls = 0;
        try {
            do {
                seen.add(client.call());
                calls++;
            } while (!new CountDownLatch(1).await(PAUSE_MILLIS, TimeUnit.MILLISECONDS) && System.nanoTime() - end < 0);
            String first = client.isRefused(seen.iterator().next()) ? "refused" : "alive";
            System.out.println(String.join(" ", name, "" + calls, "" + seen.size(), first));
        } catch (Throwable e) {
            System.out.println(name + " failed after " + calls + " calls with " + seen.size() + " credentials: " + e);
            Runtime.getRuntime().halt(1);
        }
    }

    /** The default chain of the SDK. */
    private static final class Aws implements Client {
        private final DefaultCredentialsProvider chain =
                DefaultCredentialsProvider.builder().build();
        private final StsClient client =
                StsClient.builder().credentialsProvider(this::resolve).build();
        private volatile AwsCredentials last = chain.resolveCredentials();
        private final AwsCredentials first = last;

        Aws() {
            // What the SDK loads for its first request takes longer on a busy machine than some keys have left.
            if (!isRefused(AwsBasicCredentials.create("ASIAUNKNOWNUNKNOWN00", "unknown"), "InvalidClientTokenId")) {
                throw new IllegalStateException("AWS lets anybody in");
            }
        }

        private AwsCredentials resolve() {
            last = chain.resolveCredentials();
            return last;
        }

        @Override
        public String call() {
            client.getCallerIdentity();
            AwsCredentials used = last;
            return used.accessKeyId();
        }

        @Override
        public boolean isRefused(String firstKey) {
            return isRefused(first, "ExpiredToken");
        }

        private static boolean isRefused(AwsCredentials credentials, String code) {
            try (StsClient client = StsClient.builder()
                    .credentialsProvider(StaticCredentialsProvider.create(credentials))
                    .build()) {
                client.getCallerIdentity();
                return false;
            } catch (StsException e) {
                return code.equals(e.awsErrorDetails().errorCode());
            }
        }
    }

    /** Application default credentials. */
    private static final class Google implements Client {
        private final URI api;
        private final GoogleCredentials credentials;

        Google(URI api) throws IOException {
            this.api = api;
            this.credentials = GoogleCredentials.getApplicationDefault();
        }

        @Override
        public String call() throws Exception {
            List<String> header =
                    Objects.requireNonNull(credentials.getRequestMetadata(api).get("Authorization"));
            requireOk(get(api, header.get(0)));
            return header.get(0);
        }

        @Override
        public boolean isRefused(String first) throws Exception {
            return get(api, first).statusCode() == 401;
        }
    }

    /** The default credential, which finds the file of a workload's identity. */
    private static final class Azure implements Client {
        private final URI api;
        private final TokenRequestContext request =
                new TokenRequestContext().addScopes("https://management.azure.com/.default");
        // The library asks Microsoft which hosts are its own, unless it is told not to. The fake is none of them.
        private final TokenCredential credential =
                new DefaultAzureCredentialBuilder().disableInstanceDiscovery().build();

        Azure(URI api) {
            this.api = api;
        }

        @Override
        public String call() throws Exception {
            String header = "Bearer " + credential.getTokenSync(request).getToken();
            requireOk(get(api, header));
            return header;
        }

        @Override
        public boolean isRefused(String first) throws Exception {
            return get(api, first).statusCode() == 401;
        }
    }

    /** A client that is made for each call, as by each start of a command: it finds the token by itself. */
    private static final class VaultReader implements Client {
        @Override
        public String call() throws Exception {
            VaultConfig found = new VaultConfig().build();
            Vault.create(found).auth().lookupSelf();
            return found.getToken();
        }

        @Override
        public boolean isRefused(String first) throws Exception {
            try {
                Vault.create(new VaultConfig().token(first).build()).auth().lookupSelf();
                return false;
            } catch (VaultException e) {
                return e.getHttpStatusCode() == 403;
            }
        }
    }

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static HttpResponse<String> get(URI api, String authorization) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(api)
                        .header("Authorization", authorization)
                        .build(),
                BodyHandlers.ofString());
    }

    private static void requireOk(HttpResponse<String> response) {
        if (response.statusCode() != 200) {
            throw new IllegalStateException("HTTP status " + response.statusCode() + ": " + response.body());
        }
    }
}
