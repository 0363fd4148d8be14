package io.dynamiccredentials.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.IssuerUrl;
import java.io.IOException;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs in an embedded Tomcat, whose reading of paths is the richest of all containers. */
class ServletDiscoveryTest extends DiscoveryAdapterContract {
    /** Held here, since a logger that nobody holds forgets its level. */
    private static final Logger TOMCAT_LOG = Logger.getLogger("org.apache");

    private final Tomcat tomcat = new Tomcat();

    @TempDir
    Path directory;

    @BeforeEach
    void start() throws LifecycleException {
        TOMCAT_LOG.setLevel(Level.OFF);
        tomcat.setBaseDir(directory.toString());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        mount("", "/", endpoint);
        // Other contexts and mappings of the same container.
        mount("/nested", "/.well-known/*", of("https://ci.example/nested"));
        mount(
                "/early",
                "/.well-known/*",
                DiscoveryEndpoint.of(IssuerUrl.of("https://ci.example/early"), PublishedKeys.notLoaded()));
        tomcat.start();
    }

    @AfterEach
    void stop() throws LifecycleException {
        tomcat.stop();
        tomcat.destroy();
    }

    @Override
    RawHttp http() {
        return new RawHttp(tomcat.getConnector().getLocalPort());
    }

    @Test
    void get_contextPathIsTheIssuersPath_answers() throws IOException {
        RawHttp.Reply reply = http().get("/nested/.well-known/openid-configuration");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).contains("\"issuer\":\"https://ci.example/nested\"");
        assertThat(http().get("/nested/.well-known/jwks").status()).isEqualTo(200);
        assertThat(http().get("/nested/jwks").status()).isEqualTo(404);
    }

    @Test
    void get_keysNotLoaded_is503AndNotCached() throws IOException {
        RawHttp.Reply reply = http().get("/early/.well-known/jwks");

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.headers()).containsEntry("cache-control", "no-store");
    }

    private DiscoveryEndpoint of(String issuer) {
        return DiscoveryEndpoint.of(IssuerUrl.of(issuer), keys);
    }

    private void mount(String contextPath, String mapping, DiscoveryEndpoint discovery) {
        Context context = tomcat.addContext(contextPath, null);
        // Tomcat gives the log of each context a level of its own.
        Logger.getLogger(context.getLogName()).setLevel(Level.OFF);
        Tomcat.addServlet(context, "discovery", ServletDiscovery.of(discovery));
        context.addServletMappingDecoded(mapping, "discovery");
    }
}
