package io.dynamiccredentials.wire;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Sends one HTTP request and reads its answer, within a time and a size that the server can't stretch.
 *
 * <p>Redirects are answers like any other: they are not followed, so that a token never travels to a host that nobody
 * named. The total time-out holds on a stalled body too, which the JDK's own request time-out does not. HTTP/1.1 only,
 * since the upgrade headers of HTTP/2 upset some proxies on plain http. Safe for use by many threads; make one and
 * share it, since each holds a selector thread.
 */
public final class BoundedHttpClient implements AutoCloseable {
    private final HttpClient client;
    private final Timeouts timeouts;
    private final int maxBodyBytes;

    private BoundedHttpClient(HttpClient client, Timeouts timeouts, int maxBodyBytes) {
        this.client = client;
        this.timeouts = timeouts;
        this.maxBodyBytes = maxBodyBytes;
    }

    private BoundedHttpClient(Builder builder) {
        HttpClient.Builder http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(builder.timeouts.connect());
        if (builder.sslContext != null) {
            http.sslContext(builder.sslContext);
        }
        this.client = http.build();
        this.timeouts = builder.timeouts;
        this.maxBodyBytes = builder.maxBodyBytes;
    }

    /** Starts a client with {@link Timeouts#standard()}, bodies of at most 256 KiB and the JVM's own trust store. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns a client of the same limits that trusts whom {@code sslContext} trusts and nobody else. It has a selector
     * thread of its own, which ends as {@link #close} says.
     */
    public BoundedHttpClient trusting(SSLContext sslContext) {
        return builder()
                .timeouts(timeouts)
                .maxBodyBytes(maxBodyBytes)
                .sslContext(sslContext)
                .build();
    }

    /**
     * Returns a client with the same connections, which waits {@code patience} for the start of an answer and as long
     * for all of it. A connection still has to come about in the time that this client gives it. Closing one closes the
     * other.
     *
     * @throws IllegalArgumentException if {@code patience} is not positive
     */
    public BoundedHttpClient waiting(Duration patience) {
        Duration connect = timeouts.connect().compareTo(patience) < 0 ? timeouts.connect() : patience;
        return new BoundedHttpClient(client, new Timeouts(connect, patience, patience), maxBodyBytes);
    }

    /**
     * Sends {@code request} and returns the answer, whatever its status. Blocks for at most the total time-out.
     *
     * @throws IOException if there is no whole answer in time, or it is too large, or its body is not UTF-8; it holds
     *     nothing that the server sent
     * @throws InterruptedException if the thread is interrupted; the connection is closed
     */
    public HttpReply send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return send(request, timeouts.total());
    }

    /**
     * Sends {@code request} as {@link #send(HttpRequest.Builder)} does, and blocks for at most {@code deadline} if that
     * is shorter than the total time-out.
     *
     * @throws IOException as there
     * @throws InterruptedException as there
     */
    public HttpReply send(HttpRequest.Builder request, Duration deadline) throws IOException, InterruptedException {
        Duration total = deadline.compareTo(timeouts.total()) < 0 ? deadline : timeouts.total();
        if (total.isNegative() || total.isZero()) {
            throw new WireException("no time is left for the request");
        }
        HttpRequest bounded = request.timeout(timeouts.read()).build();
        CompletableFuture<HttpResponse<byte[]>> pending =
                client.sendAsync(bounded, answer -> new BoundedBody(maxBodyBytes));
        try {
            HttpResponse<byte[]> response = pending.get(total.toNanos(), NANOSECONDS);
            return new HttpReply(response.statusCode(), response.headers(), decode(response.body()));
        } catch (TimeoutException e) {
            throw new WireException("no whole answer within " + seconds(total));
        } catch (ExecutionException e) {
            throw describe(e.getCause());
        } finally {
            // Closes the connection if the answer is still under way; does nothing after it.
            pending.cancel(true);
        }
    }

    /**
     * Ends its threads. On Java 17, which can't end them, they end by themselves some seconds after nobody refers to
     * the client any more.
     */
    @Override
    public void close() {
        if ((Object) client instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                // Declared by the interface and never thrown by an HttpClient.
                throw new IllegalStateException(e);
            }
        }
    }

    /**
     * Says what failed in words of our own. The JDK quotes status lines and headers that it can't read, in which a
     * server may have put the token that it was sent; so nothing of its failure is kept but its kind.
     */
    private WireException describe(@Nullable Throwable failure) {
        if (failure instanceof WireException ours) {
            return ours;
        }
        if (failure instanceof HttpConnectTimeoutException) {
            return new WireException("no connection within " + seconds(timeouts.connect()));
        }
        if (failure instanceof HttpTimeoutException) {
            return new WireException("no answer within " + seconds(timeouts.read()));
        }
        if (failure instanceof ConnectException) {
            return new WireException("the host is unknown, unreachable, or refuses the connection");
        }
        if (failure instanceof SSLException) {
            return new WireException("no TLS connection: check the certificate, its authority and its host name");
        }
        String kind = failure == null ? "unknown" : failure.getClass().getSimpleName();
        return new WireException("the connection broke or the answer is no HTTP (" + kind + ")");
    }

    private static String decode(byte[] body) throws WireException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new WireException("the body is not UTF-8");
        }
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }

    /** Collects the settings of a client. Not safe for use by several threads. */
    public static final class Builder {
        private Timeouts timeouts = Timeouts.standard();
        private int maxBodyBytes = 256 * 1024;
        private @Nullable SSLContext sslContext;

        private Builder() {}

        /** Sets the time-outs. */
        public Builder timeouts(Timeouts timeouts) {
            this.timeouts = timeouts;
            return this;
        }

        /** Sets the largest body in bytes that is read, 1 to 16 MiB. Default 256 KiB. */
        public Builder maxBodyBytes(int maxBodyBytes) {
            if (maxBodyBytes < 1 || maxBodyBytes > 16 * 1024 * 1024) {
                throw new IllegalArgumentException(
                        "maxBodyBytes must be between 1 and 16777216; it was " + maxBodyBytes);
            }
            this.maxBodyBytes = maxBodyBytes;
            return this;
        }

        /**
         * Sets whom TLS trusts, for a platform with a certificate of a private authority. Default: the JVM's trust
         * store.
         */
        public Builder sslContext(SSLContext sslContext) {
            this.sslContext = sslContext;
            return this;
        }

        /** Returns the client. */
        public BoundedHttpClient build() {
            return new BoundedHttpClient(this);
        }
    }
}
