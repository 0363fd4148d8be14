package io.dynamiccredentials.testkit.assertions;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.testkit.FakePlatform;
import io.dynamiccredentials.testkit.LoopbackTls;
import io.dynamiccredentials.testkit.ReceivedToken;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A token that is shown to fakes, which know its issuer's keys without asking for them.
 *
 * @param token the token
 * @param keys what its issuer publishes
 * @param now what the time is
 */
record Trial(IdentityToken token, JwkSet keys, Instant now) {

    /** Made once, when the first relying party that speaks https is asked: it takes about a second. */
    private static final class Tls {
        static final LoopbackTls SHARED = LoopbackTls.create();
        static final BoundedHttpClient HTTP =
                BoundedHttpClient.builder().sslContext(SHARED.clientContext()).build();
    }

    static LoopbackTls tls() {
        return Tls.SHARED;
    }

    SettableClock clock() {
        return SettableClock.at(now);
    }

    String compact() {
        return token.compact().reveal();
    }

    /** Returns the issuer that the token names. */
    IssuerUrl issuer() {
        String name = token.issuer();
        return name.startsWith("https:") ? IssuerUrl.of(name) : IssuerUrl.loopback(name);
    }

    /** Returns the claims, unverified. */
    JsonNode claims() {
        return ReceivedToken.parse(compact())
                .map(ReceivedToken::claims)
                .orElseThrow(() -> new AssertionError("The token must be a signed JWT in compact form"));
    }

    /** Lets a fake know the issuer's keys, and keeps it from asking anybody for others. */
    void introduceTo(FakePlatform platform) {
        platform.issuerKeys().know(issuer(), keys);
        platform.issuerKeys().hold();
    }

    static HttpReply post(URI address, Map<String, String> form) {
        String body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
        return post(address, "application/x-www-form-urlencoded", body);
    }

    static HttpReply post(URI address, String contentType, String body) {
        try {
            return Tls.HTTP.send(HttpRequest.newBuilder(address)
                    .header("Content-Type", contentType)
                    .POST(BodyPublishers.ofString(body)));
        } catch (IOException e) {
            throw new UncheckedIOException("The fake at " + address + " can't be asked", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while the fake at " + address + " was asked", e);
        }
    }
}
