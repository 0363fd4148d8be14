package io.dynamiccredentials.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate for {@code localhost} that is made at run time, for the fakes of platforms whose SDKs insist on https.
 *
 * <p>The JDK's own {@code keytool} makes it in about a second, since the JDK has no public API to issue one. Share one
 * among all fakes of a test run. Its private key never reaches a file that outlives {@link #create()}. Immutable.
 */
public final class LoopbackTls {
    private static final String ALIAS = "loopback";

    /** Protects nothing: the file that it opens is gone again before anybody knows it. */
    private static final String PASSWORD = "loopback";

    private final SSLContext serverContext;
    private final SSLContext clientContext;
    private final KeyStore trusted;

    private LoopbackTls(SSLContext serverContext, SSLContext clientContext, KeyStore trusted) {
        this.serverContext = serverContext;
        this.clientContext = clientContext;
        this.trusted = trusted;
    }

    /**
     * Makes a certificate that is valid for two days.
     *
     * @throws IllegalStateException if the JDK's keytool is missing or fails
     */
    public static LoopbackTls create() {
        try {
            KeyStore own = generate();
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, PASSWORD.toCharArray());
            SSLContext server = SSLContext.getInstance("TLS");
            server.init(keys.getKeyManagers(), null, null);

            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry(ALIAS, own.getCertificate(ALIAS));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext client = SSLContext.getInstance("TLS");
            client.init(null, trust.getTrustManagers(), null);
            return new LoopbackTls(server, client, trusted);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(
                    "The JDK's keytool made no usable certificate. Run the tests on a full JDK", e);
        }
    }

    /** Returns a context for clients that trust this certificate and no other. */
    public SSLContext clientContext() {
        return clientContext;
    }

    /**
     * Writes the certificate, without its key, as a PKCS #12 trust store for {@code -Djavax.net.ssl.trustStore} of a
     * child JVM.
     *
     * @param password the store's password, at least 6 characters; it guards nothing secret
     * @throws UncheckedIOException if {@code file} can't be written
     */
    public void writeTrustStore(Path file, String password) {
        try (OutputStream out = Files.newOutputStream(file)) {
            trusted.store(out, password.toCharArray());
        } catch (IOException e) {
            throw new UncheckedIOException("The trust store \"" + file + "\" can't be written", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java platform can't write a PKCS #12 store", e);
        }
    }

    SSLContext serverContext() {
        return serverContext;
    }

    private static KeyStore generate() throws IOException, GeneralSecurityException {
        // createTempDirectory gives 0700, so that the key is out of reach while it is on disk.
        Path directory = Files.createTempDirectory("loopback-tls");
        Path file = directory.resolve("keystore.p12");
        try {
            keytool(file);
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(file)) {
                store.load(in, PASSWORD.toCharArray());
            }
            return store;
        } finally {
            Files.deleteIfExists(file);
            Files.delete(directory);
        }
    }

    private static void keytool(Path file) throws IOException {
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String arguments = "-genkeypair -alias " + ALIAS + " -keyalg EC -groupname secp256r1 -dname CN=localhost"
                + " -ext san=dns:localhost,ip:127.0.0.1 -validity 2 -storetype PKCS12 -storepass " + PASSWORD
                + " -keystore";
        ProcessBuilder builder = new ProcessBuilder(arguments.split(" ", -1));
        builder.command().add(0, keytool);
        builder.command().add(file.toString());
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException("keytool failed or hung");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while keytool ran", e);
        }
    }
}
