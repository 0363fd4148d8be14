package io.dynamiccredentials.aws;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.util.Optional;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;

/** What a host's KMS client may run on: this module brings no HTTP client of the SDK, and its tests must not either. */
final class PlainHttpClient implements SdkHttpClient {
    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                return send(request);
            }

            // Does nothing: no test aborts a call.
            @Override
            public void abort() {}
        };
    }

    // Does nothing: each call has its own connection.
    @Override
    public void close() {}

    private static HttpExecuteResponse send(HttpExecuteRequest request) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) request.httpRequest().getUri().toURL().openConnection();
        connection.setReadTimeout(20_000);
        connection.setRequestMethod(request.httpRequest().method().name());
        request.httpRequest()
                .forEachHeader((name, values) -> connection.setRequestProperty(name, String.join(",", values)));
        connection.setDoOutput(true);
        try (InputStream body = request.contentStreamProvider().orElseThrow().newStream()) {
            body.transferTo(connection.getOutputStream());
        }
        SdkHttpFullResponse.Builder response = SdkHttpFullResponse.builder().statusCode(connection.getResponseCode());
        connection.getHeaderFields().forEach((name, values) -> {
            if (name != null) {
                response.putHeader(name, values);
            }
        });
        return HttpExecuteResponse.builder()
                .response(response.build())
                .responseBody(AbortableInputStream.create(new ByteArrayInputStream(body(connection))))
                .build();
    }

    private static byte[] body(HttpURLConnection connection) throws IOException {
        boolean failed = connection.getResponseCode() >= 400;
        Optional<InputStream> body =
                Optional.ofNullable(failed ? connection.getErrorStream() : connection.getInputStream());
        return body.isPresent() ? body.get().readAllBytes() : new byte[0];
    }
}
