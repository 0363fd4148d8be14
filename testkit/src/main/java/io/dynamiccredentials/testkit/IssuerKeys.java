package io.dynamiccredentials.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.Timeouts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * The keys that a fake platform fetches from issuers over HTTP: first the discovery document, then the {@code jwks_uri}
 * in it.
 *
 * <p>It keeps what it fetched, and fetches anew when a token names a key that it does not know. While keys are
 * {@linkplain #hold() held} it does not: as a platform whose cache is older than a rotation. Safe for use by many
 * threads.
 */
public final class IssuerKeys implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final BoundedHttpClient http = BoundedHttpClient.builder()
            .timeouts(new Timeouts(PATIENCE, PATIENCE, PATIENCE))
            .build();
    private final Map<IssuerUrl, JwkSet> known = new ConcurrentHashMap<>();
    private final Map<IssuerUrl, Documents> documents = new ConcurrentHashMap<>();
    private final AtomicInteger fetches = new AtomicInteger();
    private volatile boolean held;

    /** Starts without any key. */
    public IssuerKeys() {}

    /** What an issuer says of a key id. */
    public sealed interface Answer {}

    /**
     * The issuer publishes that key.
     *
     * @param key the key
     */
    public record Found(PublicJwk key) implements Answer {}

    /**
     * The issuer publishes others.
     *
     * @param keys those
     */
    public record Unknown(JwkSet keys) implements Answer {}

    /**
     * The issuer's documents can't be had or used.
     *
     * @param problem why, in words fit for a message
     */
    public record Unreachable(String problem) implements Answer {}

    /**
     * What an issuer publishes, as it is. Immutable.
     *
     * @param discovery its discovery document
     * @param keySet what is at the {@code jwks_uri} in it
     */
    public record Documents(JsonNode discovery, JsonNode keySet) {}

    /**
     * Returns the documents of {@code issuer}, for a platform that reads them by rules of its own: those that are known
     * if they are held or {@code suffice}, and else what is there now; empty if they can't be had or used.
     */
    public Optional<Documents> documents(IssuerUrl issuer, Predicate<Documents> suffice) {
        Documents before = documents.get(issuer);
        if (before != null && (held || suffice.test(before))) {
            return Optional.of(before);
        }
        try {
            Documents fetched = read(issuer);
            documents.put(issuer, fetched);
            return Optional.of(fetched);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Looks for a key of {@code issuer}, over HTTP if need be. */
    public Answer find(IssuerUrl issuer, String keyId) {
        JwkSet before = known.get(issuer);
        if (before != null && (held || before.find(keyId).isPresent())) {
            return in(before, keyId);
        }
        try {
            JwkSet fetched = JwkSet.parse(read(issuer).keySet().toString());
            known.put(issuer, fetched);
            return in(fetched, keyId);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Unreachable("interrupted while it was asked");
        } catch (IOException | IllegalArgumentException e) {
            return new Unreachable(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Takes {@code keys} as those that {@code issuer} publishes, as if they had been fetched: for issuers that are not
     * there to be asked. {@link #hold} keeps them.
     */
    public void know(IssuerUrl issuer, JwkSet keys) {
        known.put(issuer, keys);
        Set<String> algorithms = new TreeSet<>();
        keys.keys().forEach(key -> algorithms.add(key.algorithm().jwsName()));
        String discovery = StrictJson.write(Map.of(
                "issuer", issuer.value(),
                "jwks_uri", issuer.keySet().toString(),
                "response_types_supported", List.of("id_token"),
                "subject_types_supported", List.of("public"),
                "id_token_signing_alg_values_supported", algorithms));
        documents.put(issuer, new Documents(StrictJson.parseObject(discovery), StrictJson.parseObject(keys.toJson())));
    }

    /** Tells whether the keys of {@code issuer} are known. */
    public boolean knows(IssuerUrl issuer) {
        return known.containsKey(issuer);
    }

    /** Keeps the keys that are known, however the issuers rotate, until {@link #release} or {@link #forget}. */
    public void hold() {
        held = true;
    }

    /** Fetches again what it does not know. */
    public void release() {
        held = false;
    }

    /** Forgets all keys, and fetches again what it does not know. */
    public void forget() {
        known.clear();
        documents.clear();
        held = false;
    }

    /** Returns how many times it fetched an issuer's documents, or tried to. */
    public int fetches() {
        return fetches.get();
    }

    @Override
    public void close() {
        http.close();
    }

    private static Answer in(JwkSet keys, String keyId) {
        Optional<PublicJwk> key = keys.find(keyId);
        return key.isPresent() ? new Found(key.get()) : new Unknown(keys);
    }

    private Documents read(IssuerUrl issuer) throws IOException, InterruptedException {
        fetches.incrementAndGet();
        JsonNode document = StrictJson.parseObject(get(issuer.discoveryDocument()));
        String named = document.path("issuer").asText();
        if (!named.equals(issuer.value())) {
            throw new IOException("issuer did not match the returned issuer, expected \"" + issuer + "\" got another");
        }
        URI place = URI.create(document.path("jwks_uri").asText());
        if (!issuer.mayReferTo(place)) {
            throw new IOException("its jwks_uri must be https, as its issuer is");
        }
        return new Documents(document, StrictJson.parseObject(get(place)));
    }

    private String get(URI address) throws IOException, InterruptedException {
        HttpReply reply = http.send(HttpRequest.newBuilder(address));
        if (reply.status() != 200) {
            throw new IOException("get keys failed: " + reply.status());
        }
        return reply.body();
    }
}
