package io.dynamiccredentials.gcp;

import com.google.api.client.http.HttpTransport;
import com.google.api.client.http.LowLevelHttpRequest;
import com.google.api.client.http.LowLevelHttpResponse;
import com.google.auth.http.HttpTransportFactory;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.UntrustedText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP transport of one exchange, below Google's library.
 *
 * <p>It sends each step at most once and to no other address than the step's, checks the answer before the library sees
 * it, and keeps the failure, of which the library loses status and code. Not safe for use by several threads.
 */
final class GoogleCall extends HttpTransport implements HttpTransportFactory {
    private final BoundedHttpClient http;
    private final Clock clock;
    private final List<? extends GoogleStep> steps;
    private final Map<GoogleStep, HttpReply> replies = new HashMap<>();
    private GoogleStep asked;
    private @Nullable Instant expiresAt;
    private Optional<String> requestId = Optional.empty();
    private @Nullable CredentialExchangeException failure;

    GoogleCall(BoundedHttpClient http, Clock clock, List<? extends GoogleStep> steps) {
        this.http = http;
        this.clock = clock;
        this.steps = steps;
        this.asked = steps.get(0);
    }

    @Override
    public HttpTransport create() {
        return this;
    }

    /** Returns when the token of the last answer ends. */
    Optional<Instant> expiresAt() {
        return Optional.ofNullable(expiresAt);
    }

    /** Returns the id of the last request that was answered, cleaned; empty if Google told none. */
    Optional<String> requestId() {
        return requestId;
    }

    /** Returns why there is no token: what a step answered, or that the library can't read what it answered. */
    CredentialExchangeException failure() {
        return failure == null ? asked.unreadable() : failure;
    }

    @Override
    protected LowLevelHttpRequest buildRequest(String method, String url) throws IOException {
        for (GoogleStep step : steps) {
            if (method.equals("POST") && step.url().equals(url)) {
                return new Request(step);
            }
        }
        throw new IOException("an exchange has no business at this address");
    }

    private HttpReply ask(GoogleStep step, HttpRequest.Builder request) throws IOException {
        asked = step;
        HttpReply earlier = replies.get(step);
        if (earlier != null) {
            // The library asks STS again if the first answer ends within minutes. A second one would end no later.
            return earlier;
        }
        Instant askedAt = clock.instant();
        try {
            HttpReply reply = http.send(request);
            expiresAt = step.endOf(reply, askedAt);
            requestId = GoogleError.requestId(reply).map(UntrustedText::clean);
            replies.put(step, reply);
            return reply;
        } catch (CredentialExchangeException e) {
            failure = e;
            // An answer of 401 would make the library repeat both steps, eleven times over.
            throw new IOException("refused");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = step.interrupted();
            throw new InterruptedIOException();
        } catch (IOException e) {
            failure = step.noAnswer(e);
            throw e;
        }
    }

    private final class Request extends LowLevelHttpRequest {
        private final GoogleStep step;
        private final HttpRequest.Builder request;

        Request(GoogleStep step) {
            this.step = step;
            this.request = HttpRequest.newBuilder(URI.create(step.url()));
        }

        @Override
        public void addHeader(String name, String value) {
            // Without compression the bound on the body's size is one on what comes out of it.
            if (!name.equalsIgnoreCase("Accept-Encoding")) {
                request.header(name, value);
            }
        }

        @Override
        public LowLevelHttpResponse execute() throws IOException {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            getStreamingContent().writeTo(body);
            request.header("Content-Type", getContentType()).POST(BodyPublishers.ofByteArray(body.toByteArray()));
            return new CheckedAnswer(ask(step, request).body());
        }
    }
}
