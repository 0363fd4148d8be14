package io.dynamiccredentials.vault;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The certificates of a Vault's private authority. Immutable. */
final class CaCertificates {
    static final String EXPECTED = "the base64 text of 1 to 100 PEM certificates and of no private key";

    private static final int MAX_CERTIFICATES = 100;
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]+)-----END CERTIFICATE-----");

    private final List<Certificate> certificates;

    private CaCertificates(List<Certificate> certificates) {
        this.certificates = List.copyOf(certificates);
    }

    static boolean isEncoded(String text) {
        try {
            return parse(text).certificates.size() <= MAX_CERTIFICATES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Reads base64 text, with or without line breaks, of PEM.
     *
     * @throws IllegalArgumentException if there is no certificate in it, one is broken, or there is a key
     */
    static CaCertificates parse(String encoded) {
        // The command line's base64 breaks lines, Terraform's does not.
        String pem = new String(Base64.getDecoder().decode(encoded.replaceAll("\\s", "")), ISO_8859_1);
        List<Certificate> certificates = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(pem);
        while (blocks.find()) {
            certificates.add(certificate(blocks.group(1)));
        }
        boolean broken = pem.split("-----BEGIN", -1).length - 1 != certificates.size();
        if (certificates.isEmpty() || broken) {
            throw new IllegalArgumentException("Expected " + EXPECTED);
        }
        return new CaCertificates(certificates);
    }

    private static Certificate certificate(String base64) {
        try {
            byte[] der = Base64.getDecoder().decode(base64.replaceAll("\\s", ""));
            return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new IllegalArgumentException("Expected " + EXPECTED, e);
        }
    }

    /** Returns the certificates alone as PEM: nothing that stood between them. */
    String pem() {
        return certificates.stream().map(CaCertificates::pem).collect(Collectors.joining());
    }

    private static String pem(Certificate certificate) {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (CertificateException e) {
            throw new IllegalStateException("A certificate that was read can be written", e);
        }
    }

    /** Returns a TLS context that trusts them and nobody else. */
    SSLContext sslContext() {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            for (int i = 0; i < certificates.size(); i++) {
                trusted.setCertificateEntry("ca-" + i, certificates.get(i));
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("Every Java platform can trust certificates", e);
        }
    }
}
