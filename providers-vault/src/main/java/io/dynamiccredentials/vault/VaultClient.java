package io.dynamiccredentials.vault;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Sends requests to one namespace of one Vault. Safe for use by many threads. */
final class VaultClient {
    private final URI address;
    private final @Nullable String namespace;
    private final Supplier<BoundedHttpClient> http;

    /** Asks {@code http} for the client with each request: it holds a thread, and many configurations are only read. */
    VaultClient(URI address, @Nullable String namespace, Supplier<BoundedHttpClient> http) {
        this.address = address;
        this.namespace = namespace;
        this.http = http;
    }

    URI address() {
        return address;
    }

    Optional<String> namespace() {
        return Optional.ofNullable(namespace);
    }

    /** Returns a client of the same Vault that waits that long for an answer. */
    VaultClient waiting(Duration patience) {
        return new VaultClient(address, namespace, () -> http.get().waiting(patience));
    }

    HttpReply get(String pathAndQuery, Secret vaultToken, VaultFailures failures) {
        return send(
                request(pathAndQuery)
                        .header("X-Vault-Token", vaultToken.reveal())
                        .GET(),
                failures);
    }

    HttpReply post(String path, Secret vaultToken, String body, VaultFailures failures) {
        return send(
                request(path)
                        .header("X-Vault-Token", vaultToken.reveal())
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body)),
                failures);
    }

    HttpReply postWithoutToken(String path, String body, VaultFailures failures) {
        return send(
                request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)), failures);
    }

    private HttpRequest.Builder request(String pathAndQuery) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + "/v1/" + pathAndQuery))
                // Vault's agent may be set to refuse requests that a browser could be tricked into.
                .header("X-Vault-Request", "true");
        return namespace == null ? request : request.header("X-Vault-Namespace", namespace);
    }

    private HttpReply send(HttpRequest.Builder request, VaultFailures failures) {
        try {
            return http.get().send(request);
        } catch (IOException e) {
            throw failures.noAnswer(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failures.interrupted();
        }
    }
}
