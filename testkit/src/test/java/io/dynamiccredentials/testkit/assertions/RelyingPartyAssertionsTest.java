package io.dynamiccredentials.testkit.assertions;

import static io.dynamiccredentials.testkit.assertions.RelyingPartyAssertions.assertThatToken;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.azure.FederatedIdentityCredential;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.testkit.FakeTokenIssuer;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.vault.VaultJwtRole;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A token of an issuer that nobody can reach, held against what operators of four platforms wrote. */
class RelyingPartyAssertionsTest {
    private static final IssuerUrl URL = IssuerUrl.of("https://ci.example");
    private static final IssuerUrl OTHER = IssuerUrl.of("https://other.example");
    private static final String ROLE = "arn:aws:iam::123456789012:role/teams/deploy";
    private static final String PROVIDER =
            "projects/1234567890/locations/global/workloadIdentityPools/ci-pool/providers/ci-server";
    private static final String ENTRA = "api://AzureADTokenExchange";

    private final FakeTokenIssuer issuer = FakeTokenIssuer.of(URL, SigningAlgorithm.RS256, SettableClock.at(Runs.NOW));

    @Test
    void aws_tokenThatThePolicyWants_isAccepted() {
        about("sts.amazonaws.com").isAcceptedByAws(ROLE, policy(Runs.SUBJECTS));
    }

    @Test
    void aws_otherSubject_isRefusedWithTheCondition() {
        AwsTrustPolicy policy = policy("organization:acme:project:bank:*");

        about("sts.amazonaws.com")
                .isRefusedByAws(ROLE, policy, "AccessDenied")
                .isRefusedByAws(ROLE, policy, "ci.example:sub")
                .isRefusedByAws(ROLE, policy, "project:bank");
        assertThatThrownBy(() -> about("sts.amazonaws.com").isAcceptedByAws(ROLE, policy))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("It refuses it")
                .hasMessageContaining("ci.example:sub");
    }

    @Test
    void aws_otherAudience_isRefused() {
        about("somebody").isRefusedByAws(ROLE, policy(Runs.SUBJECTS), "InvalidIdentityToken");
    }

    @Test
    void aws_noRole_isTheCallersMistake() {
        assertThatThrownBy(() -> about("a").isAcceptedByAws("deploy", policy(Runs.SUBJECTS)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void googleCloud_tokenThatTheProviderWants_isAcceptedAndOthersAreNot() {
        String audience = "https://iam.googleapis.com/" + PROVIDER;

        about(audience)
                .isAcceptedByGoogleCloud(WorkloadIdentityProvider.of(PROVIDER, URL, Runs.SUBJECTS))
                .isRefusedByGoogleCloud(
                        WorkloadIdentityProvider.of(PROVIDER, URL, "organization:acme:project:bank:*"),
                        "rejected by the attribute condition")
                .isRefusedByGoogleCloud(
                        WorkloadIdentityProvider.of(PROVIDER, OTHER, Runs.SUBJECTS), "does not match the expected one");
    }

    @Test
    void googleCloud_condition_isEvaluated() {
        about("https://iam.googleapis.com/" + PROVIDER)
                .isAcceptedByGoogleCloud(WorkloadIdentityProvider.builder(PROVIDER, URL)
                        .map("google.subject", "assertion.terraform_run_id")
                        .attributeCondition("assertion.terraform_workspace_name == 'prod'")
                        .build())
                .isRefusedByGoogleCloud(
                        WorkloadIdentityProvider.builder(PROVIDER, URL)
                                .map("google.subject", "assertion.terraform_run_id")
                                .attributeCondition("assertion.terraform_workspace_name == 'test'")
                                .build(),
                        "terraform_workspace_name == 'test'");
    }

    @Test
    void entra_exactCredential_isAcceptedAndOthersAreNot() {
        about(ENTRA)
                .isAcceptedByEntra(
                        FederatedIdentityCredential.exact(
                                "apply", URL, Runs.apply().subject(), ENTRA),
                        FederatedIdentityCredential.exact(
                                "plan", URL, Runs.plan().subject(), ENTRA))
                .isRefusedByEntra(
                        FederatedIdentityCredential.exact(
                                "apply", URL, Runs.apply().subject(), ENTRA),
                        "AADSTS700213")
                .isRefusedByEntra(
                        FederatedIdentityCredential.exact(
                                "plan", OTHER, Runs.plan().subject(), ENTRA),
                        "AADSTS700211");
    }

    @Test
    void vault_boundSubject_isAcceptedAndOthersAreNot() {
        Set<String> audiences = Set.of("vault.workload.identity");

        about("vault.workload.identity")
                .isAcceptedByVault(VaultJwtRole.of("ci", audiences, Runs.SUBJECTS, Duration.ofMinutes(20)))
                .isRefusedByVault(
                        VaultJwtRole.of("ci", audiences, "organization:acme:project:bank:*", Duration.ofMinutes(20)),
                        "claim \"sub\" does not match any associated bound claim values");
    }

    @Test
    void at_afterTheEnd_everybodyRefuses() {
        IdentityToken token = issuer.issue(Runs.plan(), ENTRA);

        assertThatToken(token, issuer.keys())
                .at(token.expiresAt().plus(Duration.ofMinutes(6)))
                .isRefusedByEntra(
                        FederatedIdentityCredential.exact(
                                "plan", URL, Runs.plan().subject(), ENTRA),
                        "AADSTS700024")
                .isRefusedByAws(ROLE, new AwsTrustPolicy(URL, Set.of(ENTRA), Runs.SUBJECTS), "ExpiredTokenException")
                .isRefusedByVault(
                        VaultJwtRole.of("ci", Set.of(ENTRA), Runs.SUBJECTS, Duration.ofMinutes(20)),
                        "token is expired");
    }

    @Test
    void signatureOfAnother_everybodyRefuses() {
        IdentityToken token = issuer.bad().withBadSignature(Runs.plan(), ENTRA);

        assertThatToken(token, issuer.keys())
                .isRefusedByAws(ROLE, new AwsTrustPolicy(URL, Set.of(ENTRA), Runs.SUBJECTS), "InvalidIdentityToken")
                .isRefusedByEntra(
                        FederatedIdentityCredential.exact(
                                "plan", URL, Runs.plan().subject(), ENTRA),
                        "AADSTS")
                .isRefusedByVault(
                        VaultJwtRole.of("ci", Set.of(ENTRA), Runs.SUBJECTS, Duration.ofMinutes(20)), "signature");
    }

    @Test
    void keyThatIsNotPublished_everybodyRefusesWithoutAskingAnybody() {
        IdentityToken token = issuer.bad().withUnpublishedKey(Runs.plan(), ENTRA);

        assertThatToken(token, issuer.keys())
                .isRefusedByAws(
                        ROLE,
                        new AwsTrustPolicy(URL, Set.of(ENTRA), Runs.SUBJECTS),
                        "Couldn't retrieve verification key")
                .isRefusedByEntra(
                        FederatedIdentityCredential.exact(
                                "plan", URL, Runs.plan().subject(), ENTRA),
                        "AADSTS7000272");
    }

    @Test
    void refusedForAnotherReasonOrNotAtAll_fails() {
        assertThatThrownBy(() -> about("sts.amazonaws.com").isRefusedByAws(ROLE, policy(Runs.SUBJECTS), "AccessDenied"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("It takes it");
        assertThatThrownBy(() -> about("other").isRefusedByAws(ROLE, policy(Runs.SUBJECTS), "AccessDenied"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("It does, for")
                .hasMessageContaining("InvalidIdentityToken");
    }

    @Test
    void message_showsNoToken() {
        IdentityToken token = issuer.issue(Runs.plan(), "other");

        assertThatThrownBy(() -> assertThatToken(token, issuer.keys()).isAcceptedByAws(ROLE, policy(Runs.SUBJECTS)))
                .message()
                .contains(Runs.plan().subject())
                .doesNotContain(token.compact().reveal().split("\\.", -1)[2]);
    }

    private RelyingPartyAssert about(String audience) {
        return assertThatToken(issuer.issue(Runs.plan(), audience), issuer.keys());
    }

    private static AwsTrustPolicy policy(String subjects) {
        return new AwsTrustPolicy(URL, Set.of("sts.amazonaws.com"), subjects);
    }
}
