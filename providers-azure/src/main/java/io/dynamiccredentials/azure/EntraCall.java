package io.dynamiccredentials.azure;

import com.azure.core.http.HttpHeader;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The HTTP client that the SDK sees during one exchange: it lets exactly one request through, to the token endpoint.
 *
 * <p>The SDK gets to see good answers only. Of any other it would lose status and ids, log the text, and try again
 * after a second; so each failure is described here, kept, and thrown through the SDK. For one thread.
 */
final class EntraCall implements com.azure.core.http.HttpClient {
    /** What the JDK's client sets by itself and refuses from others. */
    private static final Set<String> NOT_OURS = Set.of("connection", "content-length", "expect", "host", "upgrade");

    private static final HttpHeaderName REQUEST_ID = HttpHeaderName.fromString("client-request-id");

    private final BoundedHttpClient http;
    private final URI endpoint;
    private final EntraFailures failures;
    private boolean sent;
    private @Nullable EntraGrant grant;
    private @Nullable CredentialExchangeException failure;

    EntraCall(BoundedHttpClient http, URI endpoint, EntraFailures failures) {
        this.http = http;
        this.endpoint = endpoint;
        this.failures = failures;
    }

    /** Returns what Entra granted; empty if it did not, or was not asked. */
    Optional<EntraGrant> grant() {
        return Optional.ofNullable(grant);
    }

    /** Returns why there is no grant; empty if there is one, or nothing was asked. */
    Optional<CredentialExchangeException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public Mono<HttpResponse> send(HttpRequest request) {
        return Mono.fromCallable(() -> sendSync(request, Context.NONE));
    }

    @Override
    public HttpResponse sendSync(HttpRequest request, Context context) {
        // The SDK's own idea of the address is not enough: some of its settings, and its environment variables, move
        // it.
        if (sent
                || request.getHttpMethod() != HttpMethod.POST
                || !request.getUrl().toString().equals(endpoint.toString())) {
            throw new IllegalStateException("An exchange is one request, and to the token endpoint");
        }
        sent = true;
        try {
            HttpReply reply = http.send(translate(request));
            if (reply.status() != 200) {
                throw failures.of(reply);
            }
            grant = EntraGrant.read(reply, failures);
            return new GoodAnswer(request, grant, reply.header(REQUEST_ID.getCaseInsensitiveName()));
        } catch (IOException e) {
            throw keep(failures.noAnswer(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw keep(failures.interrupted());
        } catch (CredentialExchangeException e) {
            throw keep(e);
        }
    }

    private CredentialExchangeException keep(CredentialExchangeException e) {
        failure = e;
        return e;
    }

    private java.net.http.HttpRequest.Builder translate(HttpRequest request) {
        java.net.http.HttpRequest.Builder translated = java.net.http.HttpRequest.newBuilder(endpoint)
                .POST(BodyPublishers.ofString(request.getBodyAsBinaryData().toString()));
        for (HttpHeader header : request.getHeaders()) {
            if (!NOT_OURS.contains(header.getName().toLowerCase(Locale.ROOT))) {
                header.getValuesList().forEach(value -> translated.header(header.getName(), value));
            }
        }
        return translated;
    }

    /**
     * The checked members of an answer, in the SDK's terms and already whole in memory. What was not checked stays out:
     * the SDK logs values that it can't parse.
     */
    private static final class GoodAnswer extends HttpResponse {
        private final String body;
        private final HttpHeaders headers = new HttpHeaders();

        GoodAnswer(HttpRequest request, EntraGrant grant, Optional<String> requestId) {
            super(request);
            this.body = StrictJson.write(Map.of(
                    "token_type", "Bearer",
                    "expires_in", grant.lifetime().toSeconds(),
                    "access_token", grant.accessToken().reveal()));
            // The SDK notes on every exchange if its own id does not come back; another text than that id stays out
            // too.
            requestId
                    .filter(id -> id.equals(request.getHeaders().getValue(REQUEST_ID)))
                    .ifPresent(id -> headers.set(REQUEST_ID, id));
        }

        @Override
        public int getStatusCode() {
            return 200;
        }

        @Override
        @Deprecated
        public @Nullable String getHeaderValue(String name) {
            return headers.getValue(HttpHeaderName.fromString(name));
        }

        @Override
        public HttpHeaders getHeaders() {
            return headers;
        }

        @Override
        public BinaryData getBodyAsBinaryData() {
            return BinaryData.fromString(body);
        }

        @Override
        public Flux<ByteBuffer> getBody() {
            return Flux.just(ByteBuffer.wrap(bytes()));
        }

        @Override
        public Mono<byte[]> getBodyAsByteArray() {
            return Mono.just(bytes());
        }

        @Override
        public Mono<String> getBodyAsString() {
            return Mono.just(body);
        }

        @Override
        public Mono<String> getBodyAsString(Charset charset) {
            return Mono.just(body);
        }

        private byte[] bytes() {
            return body.getBytes(StandardCharsets.UTF_8);
        }
    }
}
