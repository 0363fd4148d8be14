package io.dynamiccredentials.aws;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * Reads each answer to its end, up to 256 KiB, before the SDK's parser sees it.
 *
 * <p>The SDK reads without a limit, and takes a connection that breaks inside a body for a body that says nothing. The
 * JDK's URL connection takes a body that is shorter than promised for a whole one.
 */
final class BoundedAnswer implements ExecutionInterceptor {
    static final int MAX_BODY_BYTES = 256 * 1024;

    /** Thrown for an answer over the limit. */
    static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1;

        TooLargeException() {
            super("the body is larger than " + MAX_BODY_BYTES + " bytes");
        }
    }

    @Override
    public Optional<InputStream> modifyHttpResponseContent(
            Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
        Optional<String> promised = context.httpResponse().firstMatchingHeader("Content-Length");
        return context.responseBody().map(body -> {
            // Closing hangs up on what is left of a body that is too large.
            try (body) {
                byte[] whole = read(body);
                if (promised.isPresent() && !promised.get().equals(Integer.toString(whole.length))) {
                    throw new EOFException("the body ended after " + whole.length + " bytes, before its end");
                }
                return new ByteArrayInputStream(whole);
            } catch (IOException e) {
                // Any other exception would leave the SDK as it is.
                throw SdkClientException.create("The answer can't be read", e);
            }
        });
    }

    private static byte[] read(InputStream body) throws IOException {
        byte[] bytes = new byte[MAX_BODY_BYTES + 1];
        int length = 0;
        for (int n = 0; n >= 0; n = body.read(bytes, length, bytes.length - length)) {
            length += n;
            if (length > MAX_BODY_BYTES) {
                throw new TooLargeException();
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while reading the answer");
            }
        }
        return Arrays.copyOf(bytes, length);
    }
}
