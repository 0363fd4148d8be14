package io.dynamiccredentials.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.UntrustedText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.HttpStatusFamily;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;

/**
 * The HTTP client that the SDK sees: it sends on the calling thread, to one address whatever the SDK makes of its
 * settings, and hands over only bodies that are whole, bounded and fit for the SDK's parser.
 *
 * <p>Safe for use by many threads.
 */
final class StsHttpClient implements SdkHttpClient {
    static final String REQUEST_ID = "x-amzn-RequestId";

    /**
     * What the JDK's client sets by itself and refuses from others, and the offer to take compressed answers: without
     * it the bound on the body's size is one on what comes out of it.
     */
    private static final Set<String> NOT_SENT =
            Set.of("accept-encoding", "connection", "content-length", "expect", "host", "upgrade");

    private final BoundedHttpClient http;
    private final URI address;

    StsHttpClient(BoundedHttpClient http, URI endpoint) {
        this.http = http;
        this.address = endpoint.resolve("/");
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                return answer(send(translate(request)));
            }

            // Does nothing: an interrupt of the thread is what ends a call.
            @Override
            public void abort() {}
        };
    }

    /** Does nothing: the client belongs to whoever made it, and the SDK does not own this one either. */
    @Override
    public void close() {}

    private HttpReply send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw AbortedException.create("interrupted", e);
        }
    }

    private HttpRequest.Builder translate(HttpExecuteRequest request) throws IOException {
        HttpRequest.Builder translated = HttpRequest.newBuilder(address)
                .method(request.httpRequest().method().name(), body(request));
        request.httpRequest().forEachHeader((name, values) -> {
            if (!NOT_SENT.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> translated.header(name, value));
            }
        });
        return translated;
    }

    private static BodyPublisher body(HttpExecuteRequest request) throws IOException {
        if (request.contentStreamProvider().isEmpty()) {
            return BodyPublishers.noBody();
        }
        try (InputStream body = request.contentStreamProvider().get().newStream()) {
            return BodyPublishers.ofByteArray(body.readAllBytes());
        }
    }

    private static HttpExecuteResponse answer(HttpReply reply) throws IOException {
        SdkHttpFullResponse.Builder response = SdkHttpFullResponse.builder().statusCode(reply.status());
        // The SDK logs the id, and goes by more headers than these three: one unpacks bodies, another moves its clock.
        reply.header(REQUEST_ID).ifPresent(id -> response.putHeader(REQUEST_ID, UntrustedText.clean(id)));
        reply.header("Retry-After").ifPresent(pause -> response.putHeader("Retry-After", UntrustedText.clean(pause)));
        reply.header("Location").ifPresent(location -> response.putHeader("Location", location));
        return HttpExecuteResponse.builder()
                .response(response.build())
                .responseBody(AbortableInputStream.create(new ByteArrayInputStream(body(reply))))
                .build();
    }

    private static byte[] body(HttpReply reply) throws UnusableAnswerException {
        Optional<String> flaw = reply.header("Content-Encoding")
                .map(encoding -> "the answer has a Content-Encoding, and none was asked for")
                .or(() -> ShallowXml.flaw(reply.body()));
        if (flaw.isEmpty()) {
            return reply.body().getBytes(UTF_8);
        }
        if (HttpStatusFamily.of(reply.status()) == HttpStatusFamily.SUCCESSFUL) {
            throw new UnusableAnswerException(flaw.get(), reply);
        }
        // A proxy's page with a DOCTYPE must not hide that it said 503: without a body the status alone decides.
        return new byte[0];
    }
}
