package io.dynamiccredentials.gcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.api.client.http.LowLevelHttpResponse;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A 200 with JSON that a step has checked, in the form that Google's library reads. Nothing else gets as far as here.
 */
final class CheckedAnswer extends LowLevelHttpResponse {
    private final byte[] body;

    CheckedAnswer(String body) {
        this.body = body.getBytes(UTF_8);
    }

    @Override
    public InputStream getContent() {
        return new ByteArrayInputStream(body);
    }

    @Override
    public @Nullable String getContentEncoding() {
        return null;
    }

    @Override
    public long getContentLength() {
        return body.length;
    }

    @Override
    public String getContentType() {
        return "application/json; charset=UTF-8";
    }

    @Override
    public String getStatusLine() {
        return "HTTP/1.1 200 OK";
    }

    @Override
    public int getStatusCode() {
        return 200;
    }

    @Override
    public String getReasonPhrase() {
        return "OK";
    }

    @Override
    public int getHeaderCount() {
        return 0;
    }

    @Override
    public String getHeaderName(int index) {
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public String getHeaderValue(int index) {
        throw new IndexOutOfBoundsException(index);
    }
}
