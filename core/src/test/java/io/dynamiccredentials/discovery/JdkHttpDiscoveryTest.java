package io.dynamiccredentials.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.dynamiccredentials.IssuerUrl;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JdkHttpDiscoveryTest extends DiscoveryAdapterContract {
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", JdkHttpDiscovery.of(endpoint));
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Override
    RawHttp http() {
        return new RawHttp(server.getAddress().getPort());
    }

    @Test
    void get_keysNotLoaded_is503AndNotCached() throws IOException {
        server.createContext(
                "/early",
                JdkHttpDiscovery.of(
                        DiscoveryEndpoint.of(IssuerUrl.of("https://ci.example/early"), PublishedKeys.notLoaded())));

        RawHttp.Reply reply = http().get("/early/.well-known/jwks");

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.headers()).containsEntry("cache-control", "no-store").containsEntry("content-length", "0");
    }
}
