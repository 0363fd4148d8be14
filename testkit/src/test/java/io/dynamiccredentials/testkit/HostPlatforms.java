package io.dynamiccredentials.testkit;

import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.READ;
import static io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability.UPDATE;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.azure.FederatedIdentityCredential;
import io.dynamiccredentials.discovery.DiscoveryEndpoint;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.testkit.aws.FakeAws;
import io.dynamiccredentials.testkit.azure.FakeEntra;
import io.dynamiccredentials.testkit.gcp.FakeGoogleCloud;
import io.dynamiccredentials.testkit.vault.FakeVault;
import io.dynamiccredentials.testkit.vault.FakeVaultAws;
import io.dynamiccredentials.testkit.vault.FakeVaultAzure;
import io.dynamiccredentials.testkit.vault.FakeVaultGcp;
import io.dynamiccredentials.testkit.vault.FakeVaultPolicy;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.vault.VaultTokenParameters;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What outlives the hosts: the platforms, and the keys that all hosts publish. */
final class HostPlatforms implements AutoCloseable {
    private static final Set<String> VAULT_AUDIENCES = Set.of("vault.workload.identity");

    /** So short that a lease that is held has its token renewed, and long enough to be opened on a busy machine. */
    private static final Duration SHORT = Duration.ofSeconds(5);

    final HostFile file = new HostFile();
    final FakeVault vault;
    private final FakeServer discovery = FakeServer.bind();
    private final FakeAws aws;
    private final FakeGoogleCloud google;
    private final FakeEntra entra;

    HostPlatforms(Path trustStore) throws GeneralSecurityException {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2048);
        file.key(rsa.generateKeyPair()).trust(FourPlatforms.TLS, trustStore);
        IssuerUrl issuer = IssuerUrl.loopback(discovery.address().toString());
        discovery.serve(new IssuerSite(DiscoveryEndpoint.of(issuer, SigningKeys.of(file.signingKey()))));
        Clock clock = Clock.systemUTC();
        this.vault = vault(issuer, clock);
        this.aws = FakeAws.start(clock)
                .role(
                        FourPlatforms.ROLE_ARN,
                        new AwsTrustPolicy(issuer, Set.of("aws.workload.identity"), Runs.SUBJECTS));
        this.google = FakeGoogleCloud.start(clock, FourPlatforms.TLS)
                .provider(WorkloadIdentityProvider.of(FourPlatforms.GCP_PROVIDER, issuer, Runs.SUBJECTS))
                .serviceAccount(FourPlatforms.SERVICE_ACCOUNT, FourPlatforms.GCP_EVERYBODY);
        this.entra = FakeEntra.start(clock, FourPlatforms.TLS)
                .tenant(FourPlatforms.TENANT)
                .application(
                        FourPlatforms.TENANT,
                        FourPlatforms.CLIENT,
                        FederatedIdentityCredential.exact(
                                "shop-prod-plan", issuer, Runs.plan().subject(), "api://AzureADTokenExchange"));
        file.set("issuer", issuer.value())
                .set("vault", vault.address())
                .set("aws", aws.address())
                .set("google", google.address())
                .set("entra", entra.address());
    }

    private static FakeVault vault(IssuerUrl issuer, Clock clock) {
        return FakeVault.start(clock)
                .trust(issuer)
                .role(VaultJwtRole.of("ci", VAULT_AUDIENCES, Runs.SUBJECTS, Duration.ofMinutes(20)))
                .role(VaultJwtRole.of("short", VAULT_AUDIENCES, Runs.SUBJECTS, SHORT))
                .role(VaultJwtRole.builder("sweeper", "sub")
                        .boundAudiences(VAULT_AUDIENCES)
                        .boundSubject(HostFile.SWEEPER.subject())
                        .tokens(VaultTokenParameters.builder()
                                .ttl(Duration.ofMinutes(20))
                                .policies("sweeping")
                                .build())
                        .build())
                .policy(FakeVaultPolicy.named("sweeping").rule("auth/token/revoke-accessor", UPDATE))
                .permit("sys/leases/revoke", UPDATE)
                .permit("+/*", READ, UPDATE)
                .engine(FakeVaultAws.builder()
                        .iamUser("user", Duration.ofHours(1))
                        .build())
                .engine(FakeVaultGcp.builder(clock).roleset("ci").build())
                .engine(FakeVaultAzure.builder().role("ci", Duration.ofHours(1)).build());
    }

    /** Returns the {@code jti} of each token that bought something at Google or Entra. */
    Set<String> spentElsewhere() {
        Set<String> ids = google.live().stream().map(HandedOut::tokenId).collect(Collectors.toSet());
        entra.live().forEach(token -> ids.add(token.tokenId()));
        return ids;
    }

    /** Returns the runs that have a session of AWS, which is named by them. */
    Set<String> runsWithSessions() {
        return aws.live().stream()
                .map(session ->
                        session.principal().substring(session.principal().lastIndexOf('/') + 1))
                .collect(Collectors.toSet());
    }

    /** Returns the Vault tokens of sweepers that are alive. */
    List<HandedOut> sweepers() {
        return vault.live().stream()
                .filter(token -> token.subject().equals(HostFile.SWEEPER.subject()))
                .toList();
    }

    @Override
    public void close() {
        List.of(vault, aws, google, entra).forEach(platform -> {
            try {
                platform.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        discovery.close();
    }
}
