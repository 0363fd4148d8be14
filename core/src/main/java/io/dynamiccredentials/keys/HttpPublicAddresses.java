package io.dynamiccredentials.keys;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Fetches the discovery document and the key set from each public address, as a verifier does, and takes for ours only
 * what is ours to the letter: some verifiers read what others leave out. Safe for use by many threads.
 */
final class HttpPublicAddresses implements PublicAddresses {
    private final IssuerUrl issuer;
    private final List<URI> keySets;
    private final BoundedHttpClient http;

    HttpPublicAddresses(IssuerUrl issuer, List<URI> mirrors, BoundedHttpClient http) {
        this.issuer = issuer;
        this.keySets = new ArrayList<>(List.of(issuer.keySet()));
        this.keySets.addAll(mirrors);
        this.http = http;
    }

    @Override
    public Sighting look(Set<String> expectedKeyIds) {
        Set<String> everywhere = new HashSet<>(expectedKeyIds);
        Set<String> anywhere = new HashSet<>();
        List<String> failures = new ArrayList<>();
        attempt("discovery document", issuer.discoveryDocument(), failures, this::requireOwnDocument);
        for (URI address : keySets) {
            attempt("key set", address, failures, body -> {
                Set<String> shown = keyIds(body);
                everywhere.retainAll(shown);
                anywhere.addAll(shown);
            });
        }
        return new Sighting(expectedKeyIds, everywhere, anywhere, failures);
    }

    /** What is done with a body; refuses one that is not as it should be. */
    @FunctionalInterface
    private interface Reader {
        void read(String body) throws IOException;
    }

    private void attempt(String what, URI address, List<String> failures, Reader reader) {
        try {
            HttpReply reply = http.send(HttpRequest.newBuilder(address).GET());
            if (reply.status() != 200) {
                throw new IOException("HTTP " + reply.status() + " instead of 200");
            }
            reader.read(reply.body());
        } catch (IOException | RuntimeException e) {
            failures.add("The " + what + " at " + address + " can't be read: " + e.getMessage()
                    + ". No new key will sign until it can. Serve it there; if only this process can't reach it, see "
                    + "http(…) and assumingPublication()");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failures.add("The look at " + address + " was interrupted");
        }
    }

    /** Whoever changes the address of the keys there decides whose tokens verify. */
    private void requireOwnDocument(String body) throws IOException {
        JsonNode document = StrictJson.parseObject(body);
        String keySet = issuer.keySet().toString();
        if (!issuer.value().equals(document.path("issuer").textValue())
                || !keySet.equals(document.path("jwks_uri").textValue())) {
            throw new IOException("it does not name issuer \"" + issuer + "\" with the key set at \"" + keySet
                    + "\". If you did not change it, somebody else did");
        }
    }

    private static Set<String> keyIds(String body) {
        Set<String> keyIds = new HashSet<>();
        int entry = 0;
        for (JsonNode node : StrictJson.parseObject(body).path("keys")) {
            entry++;
            keyIds.add(keyId(node, entry));
        }
        if (keyIds.isEmpty()) {
            throw new IllegalArgumentException("it shows no keys");
        }
        return keyIds;
    }

    /** Returns the thumbprint of a key that has exactly the members that we give it, or else what it is. */
    private static String keyId(JsonNode node, int entry) {
        PublicJwk read;
        try {
            read = JwkSet.parse("{\"keys\":[" + node + "]}").keys().get(0);
        } catch (IllegalArgumentException e) {
            return "entry " + entry + " (no key of the kind that we publish)";
        }
        PublicJwk own = PublicJwk.of(read.publicKey(), read.algorithm());
        Map<String, Object> shown = new HashMap<>();
        node.properties()
                .forEach(member -> shown.put(member.getKey(), member.getValue().asText()));
        boolean certified = node.has("x5c");
        shown.remove("x5c");
        boolean exact = own.members().equals(shown) && (!certified || isFor(own, node.path("x5c")));
        return exact ? own.keyId() : own.keyId() + " (with an id or members that we did not give it)";
    }

    /** Tells whether a chain certifies that key: some verifiers read the key from the certificate alone. */
    private static boolean isFor(PublicJwk key, JsonNode chain) {
        try {
            byte[] leaf = Base64.getDecoder().decode(chain.path(0).asText());
            return CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(leaf))
                    .getPublicKey()
                    .equals(key.publicKey());
        } catch (CertificateException | IllegalArgumentException e) {
            return false;
        }
    }
}
