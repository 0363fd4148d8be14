package io.dynamiccredentials.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.fixtures.LoopbackCertificate;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.token.RelyingPartyRules;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VaultProviderTest {
    private static final String GOOD = "{\"auth\":{\"client_token\":\"hvs.t0ken\",\"accessor\":\"acc-1\","
            + "\"lease_duration\":1200,\"renewable\":true,\"token_type\":\"service\"}}";

    private static final String OTHER_CA = """
            -----BEGIN CERTIFICATE-----
            MIIBfjCCASOgAwIBAgIUCSuUxoIR/0SXGjBG2yIXPcY6oHgwCgYIKoZIzj0EAwIw
            EzERMA8GA1UEAwwIb3RoZXItY2EwIBcNMjYxMTIzMDYzNTEwWhgPMjEyNjEwMzAw
            NjM1MTBaMBMxETAPBgNVBAMMCG90aGVyLWNhMFkwEwYHKoZIzj0CAQYIKoZIzj0D
            AQcDQgAE4rOurF61PeVL2PTK6/YXk9BAaWx8LqVSUIEwjX9DkJWmlOYxBEZ2GjcK
            EYp0TKbCLB0gOoXlCIdZ318lfFURXqNTMFEwHQYDVR0OBBYEFGaIc1hOf1VizTIm
            mawFKea7pf0YMB8GA1UdIwQYMBaAFGaIc1hOf1VizTImmawFKea7pf0YMA8GA1Ud
            EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAJPaWFq6doIByIvOP06vQFf8
            S4rzVOHaSd+iT46zGMsOAiEAtqForiNNgY918M1Bl9RVb3+1kpODwGbOUQRiWxFV
            B4w=
            -----END CERTIFICATE-----
            """;

    @TempDir
    Path directory;

    private final ScriptedServer server = ScriptedServer.http(
            request -> request.path().endsWith("/login") ? Answer.json(200, GOOD) : Answer.json(204, ""));
    private final Map<String, String> variables = new HashMap<>(Map.of(
            "TFC_VAULT_PROVIDER_AUTH", "true",
            "TFC_VAULT_ADDR", server.address().toString(),
            "TFC_VAULT_PLAN_ROLE", "reader",
            "TFC_VAULT_RUN_ROLE", "writer"));

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void open_run_receivesAddressTokenAndNamespace() {
        variables.put("TFC_VAULT_NAMESPACE", "team");
        try (RunLease lease = open(Phase.PLAN)) {
            assertThat(lease.environment().variables())
                    .containsEntry("VAULT_ADDR", Secret.of(server.address().toString()))
                    .containsEntry("VAULT_TOKEN", Secret.of("hvs.t0ken"))
                    .containsEntry("VAULT_NAMESPACE", Secret.of("team"));
            assertThat(lease.environment().files())
                    .singleElement()
                    .satisfies(
                            file -> assertThat(file).hasFileName("vault-token").hasContent("hvs.t0ken"));
        }
        assertThat(server.requests())
                .extracting(ScriptedServer.Request::path)
                .containsExactly("/v1/auth/jwt/login", "/v1/auth/token/revoke-self");
    }

    @Test
    void open_everyOptionalVariable_counts() {
        variables.put("TFC_VAULT_AUTH_PATH", "ci/jwt");
        variables.put("TFC_DEFAULT_VAULT_NAMESPACE", "team/");
        variables.put("TFC_VAULT_WORKLOAD_IDENTITY_AUDIENCE", "my-vault");
        open(Phase.PLAN).close();

        ScriptedServer.Request login = server.requests().get(0);
        assertThat(login.path()).isEqualTo("/v1/auth/ci/jwt/login");
        assertThat(login.headers()).containsEntry("X-Vault-Namespace", "team");
        String jwt = login.body().split("\"jwt\":\"", -1)[1].split("\"", -1)[0];
        assertThat(Jws.claims(jwt)).contains("\"aud\":\"my-vault\"");
    }

    @Test
    void open_noNamespace_setsNone() {
        try (RunLease lease = open(Phase.PLAN)) {
            assertThat(lease.environment().variables()).doesNotContainKey("VAULT_NAMESPACE");
        }
    }

    @ParameterizedTest
    @CsvSource({"PLAN, reader", "APPLY, writer"})
    void open_phase_selectsTheRole(Phase phase, String role) {
        open(phase).close();

        assertThat(server.requests().get(0).body()).contains("\"role\":\"" + role + "\"");
    }

    @ParameterizedTest
    @CsvSource({
        "TFC_VAULT_ADDR, https://evil.example, that this host allows",
        "TFC_VAULT_ADDR, https://evil.example/, that this host allows",
        "TFC_VAULT_PLAN_ROLE, ../../sys, ../../sys",
        "TFC_VAULT_NAMESPACE, a//b, a//b",
        "TFC_VAULT_AUTH_PATH, a b, TFC_VAULT_AUTH_PATH must be",
        "TFC_VAULT_WORKLOAD_IDENTITY_AUDIENCE, a b, TFC_VAULT_WORKLOAD_IDENTITY_AUDIENCE must be",
        "TFC_VAULT_ENCODED_CACERT, eA==, TFC_VAULT_ENCODED_CACERT must be",
        "TFC_DEFAULT_VAULT_ENCODED_CACERT, no base64!, TFC_DEFAULT_VAULT_ENCODED_CACERT must be",
        "TFC_VAULT_CLIENT_TIMEOUT, 0, from 1 to 600",
        "TFC_VAULT_CLIENT_TIMEOUT, 601, from 1 to 600",
        "TFC_VAULT_CLIENT_TIMEOUT, 060, from 1 to 600",
        "TFC_VAULT_CLIENT_TIMEOUT, 1.5, from 1 to 600",
        "TFC_DEFAULT_VAULT_CLIENT_TIMEOUT, 99999999999, from 1 to 600",
        "DYNAMIC_CREDENTIALS_VAULT_EXPECTED_ENTITY_ID, a b, the id of an entity",
        "TFC_VAULT_EXPECTED_ENTITY_ID, entity-1, TFC_VAULT_EXPECTED_ENTITY_ID"
    })
    void open_badSetting_isRefusedBeforeAnyRequest(String variable, String value, String text) {
        variables.put(variable, value);

        assertThatThrownBy(() -> open(Phase.PLAN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void open_certificates_areTheOnlyTrustAndReachTheRun() throws Exception {
        String encoded = Base64.getEncoder().encodeToString(("a comment\n" + loopbackPem()).getBytes(UTF_8));
        try (ScriptedServer https = ScriptedServer.https(VaultProviderTest::answer)) {
            useVaultAt(https);
            assertThatThrownBy(() -> open(Phase.PLAN, https.address()))
                    .isInstanceOf(CredentialExchangeException.class)
                    .hasMessageContaining("no TLS connection");
            variables.put("TFC_VAULT_ENCODED_CACERT", encoded);
            try (RunLease lease = open(Phase.PLAN, https.address())) {
                Secret file = lease.environment().variables().getOrDefault("VAULT_CACERT", Secret.of(""));
                assertThat(Path.of(file.reveal())).hasFileName("vault-ca.pem").hasContent(loopbackPem());
                assertThat(lease.environment()
                                .terraformInputs()
                                .getOrDefault("tfc_vault_dynamic_credentials", Secret.of(""))
                                .reveal())
                        .contains("\"ca_cert_file\":\"" + file.reveal() + "\"");
            }
        }
    }

    @Test
    void configure_certificates_opensNothingUntilTheFirstRequestAndThenOneClient() throws Exception {
        variables.put(
                "TFC_VAULT_ENCODED_CACERT",
                Base64.getEncoder().encodeToString(loopbackPem().getBytes(UTF_8)));
        variables.put("TFC_VAULT_CLIENT_TIMEOUT", "10");
        try (ScriptedServer https = ScriptedServer.https(VaultProviderTest::answer)) {
            useVaultAt(https);
            VaultProvider provider = VaultProvider.builder(https.address()).build();
            // Threads belong to the group of whoever starts them; other tests have clients too.
            ThreadGroup group = new ThreadGroup("one configuration");
            FutureTask<Void> use = new FutureTask<>(() -> {
                TerraformVariables.read(variables, run(Phase.PLAN), List.of(provider));
                assertThat(clientThreads(group)).isZero();
                RunLease lease = open(Phase.PLAN, provider);
                assertThat(clientThreads(group)).isEqualTo(1);
                lease.close();
                assertThat(clientThreads(group)).isLessThanOrEqualTo(1);
                return null;
            });
            new Thread(group, use).start();
            use.get(20, TimeUnit.SECONDS);
            assertThat(https.requests()).hasSize(2);
        }
    }

    private static long clientThreads(ThreadGroup group) {
        Thread[] threads = new Thread[100];
        int count = group.enumerate(threads);
        return Arrays.stream(threads, 0, count)
                .filter(thread -> thread.getName().endsWith("SelectorManager"))
                .count();
    }

    @Test
    void lazily_askedTwice_makesItOnceAndNotBefore() {
        AtomicInteger made = new AtomicInteger();
        Lazily<Integer> lazily = new Lazily<>(made::incrementAndGet);
        assertThat(made).hasValue(0);

        assertThat(lazily.get()).isEqualTo(lazily.get()).isEqualTo(1);
    }

    @Test
    void open_certificatesOfAnotherAuthority_areRefusedByTls() throws Exception {
        variables.put("TFC_VAULT_ENCODED_CACERT", Base64.getEncoder().encodeToString(OTHER_CA.getBytes(UTF_8)));
        try (ScriptedServer https = ScriptedServer.https(VaultProviderTest::answer)) {
            useVaultAt(https);
            VaultProvider trusting = VaultProvider.builder(https.address())
                    .http(BoundedHttpClient.builder()
                            .sslContext(LoopbackCertificate.shared().sslContext())
                            .build())
                    .build();

            assertThatThrownBy(() -> open(Phase.PLAN, trusting))
                    .isInstanceOf(CredentialExchangeException.class)
                    .hasMessageContaining("no TLS connection");
        }
    }

    @Test
    void certificates_brokenOrWithAKey_areNone() throws Exception {
        String pem = loopbackPem();
        assertThat(CaCertificates.isEncoded(encode(pem))).isTrue();
        assertThat(CaCertificates.isEncoded(encode(pem + pem))).isTrue();
        // The command line's base64 breaks lines.
        assertThat(CaCertificates.isEncoded(Base64.getMimeEncoder().encodeToString(pem.getBytes(UTF_8))))
                .isTrue();
        assertThat(CaCertificates.isEncoded(encode(pem.repeat(101)))).isFalse();
        assertThat(CaCertificates.isEncoded(pem)).isFalse();
        assertThat(CaCertificates.isEncoded(encode(pem.replace("MII", "MIJ")))).isFalse();
        assertThat(CaCertificates.isEncoded(
                        encode(pem + "-----BEGIN PRIVATE KEY-----\neA==\n-----END PRIVATE KEY-----")))
                .isFalse();
        assertThat(CaCertificates.isEncoded(encode("no certificate"))).isFalse();
    }

    @Test
    void open_clientTimeout_endsAStalledRequest() {
        variables.put("TFC_VAULT_CLIENT_TIMEOUT", "1");
        try (ScriptedServer silent = ScriptedServer.http(Answer.json(200, "").manner(Answer.Manner.STALLED))) {
            useVaultAt(silent);

            assertThatThrownBy(() -> open(Phase.PLAN, silent.address()))
                    .isInstanceOf(CredentialExchangeException.class)
                    .hasMessageContaining("within 1.0 s");
        }
    }

    @Test
    void open_otherEntityThanExpected_isRefused() {
        variables.put("DYNAMIC_CREDENTIALS_VAULT_EXPECTED_ENTITY_ID", "entity-1");

        assertThatThrownBy(() -> open(Phase.PLAN))
                .isInstanceOf(CredentialExchangeException.class)
                .hasMessageContaining("expected \"entity-1\"");
        assertThat(server.requests())
                .extracting(ScriptedServer.Request::path)
                .containsExactly("/v1/auth/jwt/login", "/v1/auth/token/revoke-self");
    }

    @Test
    void builder_badAddress_isRefused() {
        assertThatThrownBy(() -> VaultProvider.builder(URI.create("http://vault.example")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Answer answer(ScriptedServer.Request request) {
        return request.path().endsWith("/login") ? Answer.json(200, GOOD) : Answer.json(204, "");
    }

    private static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    /** Takes the certificate from a handshake, since the fixture does not give it. */
    private static String loopbackPem() throws Exception {
        SSLContext context = LoopbackCertificate.shared().sslContext();
        try (ScriptedServer server = ScriptedServer.https(VaultProviderTest::answer);
                SSLSocket socket = (SSLSocket) context.getSocketFactory()
                        .createSocket("127.0.0.1", server.address().getPort())) {
            socket.startHandshake();
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'})
                            .encodeToString(
                                    socket.getSession().getPeerCertificates()[0].getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        }
    }

    private void useVaultAt(ScriptedServer other) {
        variables.put("TFC_VAULT_ADDR", other.address().toString());
    }

    private RunLease open(Phase phase) {
        return open(phase, server.address());
    }

    private RunLease open(Phase phase, URI address) {
        return open(phase, VaultProvider.builder(address).build());
    }

    private RunLease open(Phase phase, VaultProvider provider) {
        return DynamicCredentials.builder(JwtTokenIssuer.builder(
                                IssuerUrl.of("https://ci.example"), SigningKeys.generate(SigningAlgorithm.ES256))
                        .relyingParties(RelyingPartyRules.vault())
                        .build())
                .provider(provider)
                .directory(directory)
                .build()
                .open(run(phase), variables);
    }

    private static TerraformRun run(Phase phase) {
        return TerraformRun.builder("acme", "shop", "prod", "run-1")
                .phase(phase)
                .build();
    }
}
