package io.dynamiccredentials.keys;

import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Fetches the key set from each public address, as a verifier does. Safe for use by many threads. */
final class HttpPublicAddresses implements PublicAddresses {
    private final List<URI> addresses;
    private final BoundedHttpClient http;

    HttpPublicAddresses(List<URI> addresses, BoundedHttpClient http) {
        this.addresses = List.copyOf(addresses);
        this.http = http;
    }

    @Override
    public Sighting look(Set<String> expectedKeyIds) {
        Set<String> everywhere = new HashSet<>(expectedKeyIds);
        Set<String> anywhere = new HashSet<>();
        List<String> failures = new ArrayList<>();
        for (URI address : addresses) {
            try {
                Set<String> shown = keyIdsAt(address);
                everywhere.retainAll(shown);
                anywhere.addAll(shown);
            } catch (IOException | IllegalArgumentException e) {
                failures.add("The key set at " + address + " can't be read: " + e.getMessage()
                        + ". No new key will sign until it can");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failures.add("The look at " + address + " was interrupted");
            }
        }
        return new Sighting(expectedKeyIds, everywhere, anywhere, failures);
    }

    private Set<String> keyIdsAt(URI address) throws IOException, InterruptedException {
        HttpReply reply = http.send(HttpRequest.newBuilder(address).GET());
        if (reply.status() != 200) {
            throw new IOException("HTTP " + reply.status() + " instead of 200");
        }
        Set<String> keyIds = new HashSet<>();
        for (PublicJwk key : JwkSet.parse(reply.body()).keys()) {
            // An id alone proves nothing: a stranger's key under our id must not count as ours.
            String thumbprint = PublicJwk.of(key.publicKey(), key.algorithm()).keyId();
            keyIds.add(thumbprint.equals(key.keyId()) ? thumbprint : thumbprint + " (under another id)");
        }
        return keyIds;
    }
}
