package io.dynamiccredentials.testkit;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.aws.AwsProvider;
import io.dynamiccredentials.azure.AzureProvider;
import io.dynamiccredentials.gcp.GcpProvider;
import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.vault.VaultBackedProvider;
import io.dynamiccredentials.vault.VaultProvider;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.workload.PipelineJob;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** All that a host has to know to be one, in a file, so that hosts can die and others can take their place. */
final class HostFile {
    static final PipelineJob SWEEPER =
            PipelineJob.builder("acme", "ci", "sweeper", "1").build();

    private static final String PASSWORD = "loopback";

    private final Properties texts = new Properties();

    static HostFile read(Path file) throws IOException {
        HostFile settings = new HostFile();
        try (Reader reader = Files.newBufferedReader(file)) {
            settings.texts.load(reader);
        }
        return settings;
    }

    void write(Path file) throws IOException {
        try (Writer writer = Files.newBufferedWriter(file)) {
            texts.store(writer, null);
        }
    }

    HostFile set(String name, Object value) {
        texts.setProperty(name, value.toString());
        return this;
    }

    HostFile trust(LoopbackTls tls, Path file) {
        tls.writeTrustStore(file, PASSWORD);
        return set("trust", file);
    }

    HostFile key(KeyPair pair) {
        set("privateKey", Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded()));
        return set(
                "publicKey", Base64.getEncoder().encodeToString(pair.getPublic().getEncoded()));
    }

    String text(String name) {
        return texts.getProperty(name);
    }

    Path path(String name) {
        return Path.of(text(name));
    }

    /** Returns the key that all hosts sign with. */
    SigningKey signingKey() throws GeneralSecurityException {
        KeyFactory rsa = KeyFactory.getInstance("RSA");
        Base64.Decoder base64 = Base64.getDecoder();
        PublicKey publicKey = rsa.generatePublic(new X509EncodedKeySpec(base64.decode(text("publicKey"))));
        PrivateKey privateKey = rsa.generatePrivate(new PKCS8EncodedKeySpec(base64.decode(text("privateKey"))));
        return SigningKey.of(PublicJwk.of(publicKey, SigningAlgorithm.RS256), input -> sign(privateKey, input));
    }

    /** Returns a door to all platforms, with everything that outlives its host. */
    DynamicCredentials.Builder door(LeaseJournal journal) throws IOException, GeneralSecurityException {
        BoundedHttpClient http =
                BoundedHttpClient.builder().sslContext(trusting(path("trust"))).build();
        VaultProvider vault = VaultProvider.builder(URI.create(text("vault")))
                .http(http)
                .sweeperRole("sweeper")
                .build();
        return DynamicCredentials.builder(
                        JwtTokenIssuer.builder(IssuerUrl.loopback(text("issuer")), SigningKeys.of(signingKey()))
                                .build())
                .provider(vault)
                .provider(VaultBackedProvider.aws(vault))
                .provider(VaultBackedProvider.gcp(vault))
                .provider(VaultBackedProvider.azure(vault))
                .provider(AwsProvider.builder("eu-central-1")
                        .endpoint(URI.create(text("aws")))
                        .build())
                .provider(GcpProvider.builder()
                        .tokenUrl(URI.create(text("google") + "/v1/token"))
                        .iamCredentialsUrl(URI.create(text("google")))
                        .http(http)
                        .build())
                .provider(AzureProvider.builder()
                        .authorityHost(URI.create(text("entra")))
                        .http(http)
                        .build())
                .directory(path("leases"))
                .journal(journal)
                .sweepAs(SWEEPER);
    }

    /** Returns the variables of a run that has Vault and what Vault makes. */
    Map<String, String> vaultVariables(String role) {
        return new TreeMap<>(Map.ofEntries(
                Map.entry("TFC_VAULT_PROVIDER_AUTH", "true"),
                Map.entry("TFC_VAULT_ADDR", text("vault")),
                Map.entry("TFC_VAULT_RUN_ROLE", role),
                Map.entry("TFC_VAULT_BACKED_AWS_AUTH", "true"),
                Map.entry("TFC_VAULT_BACKED_AWS_AUTH_TYPE", "iam_user"),
                Map.entry("TFC_VAULT_BACKED_AWS_RUN_VAULT_ROLE", "user"),
                Map.entry("TFC_VAULT_BACKED_GCP_AUTH", "true"),
                Map.entry("TFC_VAULT_BACKED_GCP_AUTH_TYPE", "roleset/access_token"),
                Map.entry("TFC_VAULT_BACKED_GCP_RUN_VAULT_ROLESET", "ci"),
                Map.entry("TFC_VAULT_BACKED_AZURE_AUTH", "true"),
                Map.entry("TFC_VAULT_BACKED_AZURE_RUN_VAULT_ROLE", "ci")));
    }

    /** Returns the variables of a run that has the four platforms. */
    Map<String, String> platformVariables() {
        return new TreeMap<>(Map.ofEntries(
                Map.entry("TFC_VAULT_PROVIDER_AUTH", "true"),
                Map.entry("TFC_VAULT_ADDR", text("vault")),
                Map.entry("TFC_VAULT_RUN_ROLE", "ci"),
                Map.entry("TFC_AWS_PROVIDER_AUTH", "true"),
                Map.entry("TFC_AWS_RUN_ROLE_ARN", FourPlatforms.ROLE_ARN),
                Map.entry("TFC_GCP_PROVIDER_AUTH", "true"),
                Map.entry("TFC_GCP_WORKLOAD_PROVIDER_NAME", FourPlatforms.GCP_PROVIDER),
                Map.entry("TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL", FourPlatforms.SERVICE_ACCOUNT),
                Map.entry("TFC_AZURE_PROVIDER_AUTH", "true"),
                Map.entry("TFC_AZURE_RUN_CLIENT_ID", FourPlatforms.CLIENT),
                Map.entry("ARM_TENANT_ID", FourPlatforms.TENANT)));
    }

    private static byte[] sign(PrivateKey key, byte[] input) {
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key);
            signature.update(input);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SSLContext trusting(Path file) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            trusted.load(in, PASSWORD.toCharArray());
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
