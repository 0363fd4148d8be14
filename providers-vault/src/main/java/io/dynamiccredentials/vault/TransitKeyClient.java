package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The requests about one transit key, and what can go wrong with each. None asks for key material.
 *
 * <p>Every failure is an {@link IllegalStateException} in the words that the login uses. Safe for use by many threads.
 */
final class TransitKeyClient {
    private static final Pattern REFERENCE = Pattern.compile("(.+):([1-9][0-9]{0,8})");

    private final Place place;
    private final Supplier<Secret> token;
    private final BoundedHttpClient http;

    TransitKeyClient(Place place, Supplier<Secret> token, BoundedHttpClient http) {
        this.place = place;
        this.token = token;
        this.http = http;
    }

    /** Where the key is; {@code namespace} is empty for the root namespace. */
    record Place(URI address, String mount, String keyName, String namespace) {
        String key() {
            return mount + "/" + keyName;
        }

        URI uri(String verb, String rest) {
            return URI.create(address + "/v1/" + mount + "/" + verb + "/" + keyName + rest);
        }

        @Override
        public String toString() {
            return "transit key \"" + key() + "\" at \"" + address + "\""
                    + (namespace.isEmpty() ? "" : " in namespace \"" + namespace + "\"");
        }
    }

    /** Reads the key; empty if there is none of that name. */
    Optional<TransitKey> read(SigningAlgorithm algorithm) {
        String step = "the reading";
        VaultFailures failures = failuresOf(step);
        HttpReply reply = send(request(place.uri("keys", "")).GET(), failures);
        // Vault says so without a word when the engine is there and the key is not.
        if (reply.status() == 404 && VaultFailures.errors(reply).isEmpty()) {
            return Optional.empty();
        }
        if (reply.status() != 200) {
            throw unchecked(failures.of(reply));
        }
        try {
            return Optional.of(TransitKey.parse(data(step, reply), algorithm));
        } catch (TransitKey.UnfitException e) {
            throw new IllegalStateException(
                    "The " + place + " can't hold signing keys: " + e.getMessage() + ". " + e.remedy());
        }
    }

    TransitKey readRequired(SigningAlgorithm algorithm) {
        return read(algorithm).orElseThrow(() -> absent(algorithm));
    }

    void create(String type) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", type);
        body.put("exportable", false);
        body.put("allow_plaintext_backup", false);
        post("the creation", place.uri("keys", ""), body);
    }

    void rotate() {
        post("the rotation", place.uri("keys", "/rotate"), Map.of());
    }

    void raiseMinEncryptionVersion(int version) {
        post("the locking of old versions", place.uri("keys", "/config"), Map.of("min_encryption_version", version));
    }

    /** Returns the signature as Vault writes it, for example {@code vault:v7:…}. */
    String sign(int version, Map<String, Object> body) {
        String step = "the signature of version " + version;
        JsonNode data = data(step, post(step, place.uri("sign", ""), body));
        return StrictJson.text(data, "signature")
                .orElseThrow(() -> failure(step, "data.signature is absent", VaultFailures.CHECK_ADDRESS));
    }

    /** Returns the name of a version, by which {@link #versionOf} finds it again. */
    String reference(int version) {
        return place.key() + ":" + version;
    }

    int versionOf(Secret reference) {
        Matcher matcher = REFERENCE.matcher(reference.reveal());
        if (!matcher.matches() || !matcher.group(1).equals(place.key())) {
            throw new IllegalStateException("The stored reference names no version of the " + place
                    + ", expected \"" + place.key()
                    + ":\" and a number. Check the mount and the name of the transit key: "
                    + "keys that were made with others need a factory with those, added by alsoOpening");
        }
        return Integer.parseInt(matcher.group(2));
    }

    IllegalStateException absent(SigningAlgorithm algorithm) {
        return new IllegalStateException("There is no " + place + ". Check its name, or make it: vault write -f "
                + place.mount() + "/keys/" + place.keyName() + " type=" + TransitKey.newType(algorithm)
                + "; or allow it with createIfAbsent()");
    }

    IllegalStateException failure(String step, String why, String remedy) {
        return new IllegalStateException(
                "Vault gave no usable answer about " + step + " of the " + place + ": " + why + ". " + remedy);
    }

    private HttpReply post(String step, URI uri, Map<String, ?> body) {
        VaultFailures failures = failuresOf(step);
        HttpReply reply = send(request(uri).POST(BodyPublishers.ofString(StrictJson.write(body))), failures);
        // Older servers answer a rotation with nothing, newer ones with the key.
        if (reply.status() != 200 && reply.status() != 204) {
            throw unchecked(failures.of(reply));
        }
        return reply;
    }

    private HttpRequest.Builder request(URI uri) {
        Secret current = token.get();
        if (!UntrustedText.isVisibleAscii(current.reveal())) {
            throw new IllegalStateException("The Vault token for the " + place
                    + " is empty or has characters that no token has. Check the supplier of the token");
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json")
                .header("X-Vault-Request", "true")
                .header("X-Vault-Token", current.reveal());
        return place.namespace().isEmpty() ? request : request.header("X-Vault-Namespace", place.namespace());
    }

    private HttpReply send(HttpRequest.Builder request, VaultFailures failures) {
        try {
            return http.send(request);
        } catch (IOException e) {
            throw unchecked(failures.noAnswer(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unchecked(failures.interrupted());
        }
    }

    private VaultFailures failuresOf(String step) {
        return VaultFailures.ofTransit(step + " of the " + place);
    }

    private JsonNode data(String step, HttpReply reply) {
        try {
            JsonNode data = StrictJson.parseObject(reply.body()).path("data");
            if (data.isObject()) {
                return data;
            }
            throw failure(step, "its data is absent (HTTP " + reply.status() + ")", VaultFailures.CHECK_ADDRESS);
        } catch (IllegalArgumentException e) {
            throw failure(
                    step,
                    "the body is " + e.getMessage() + " (HTTP " + reply.status() + ")",
                    VaultFailures.CHECK_ADDRESS);
        }
    }

    /** Keeps the words and the cause, which are ours; only the type is that of another contract. */
    private static IllegalStateException unchecked(CredentialExchangeException e) {
        return new IllegalStateException(e.getMessage(), e.getCause());
    }
}
