package example.ciserver;

import static io.dynamiccredentials.testkit.assertions.RelyingPartyAssertions.assertThatToken;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.aws.trust.AwsTrustPolicyDocument;
import io.dynamiccredentials.azure.FederatedIdentityCredential;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.workload.PipelineJob;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Holds the token of a job against what the operators of the platforms wrote. */
class TrustOfThePlatformsTest {
    private final IssuerUrl url = IssuerUrl.of("https://ci.example");
    private final SigningKeys keys = SigningKeys.generate(SigningAlgorithm.RS256);
    private final JwtTokenIssuer issuer = JwtTokenIssuer.builder(url, keys).build();
    private final PipelineJob job =
            PipelineJob.builder("acme", "shop", "release", "7").build();
    private final PipelineJob otherJob =
            PipelineJob.builder("acme", "bank", "release", "8").build();

    // README: begin
    @Test
    void trustPolicy_ofTheDeployRole_trustsThisProjectAlone() {
        String role = "arn:aws:iam::123456789012:role/deploy";
        Set<String> clientIds = Set.of("aws.workload.identity");
        AwsTrustPolicyDocument policy = AwsTrustPolicyDocument.parse("""
                {"Version": "2012-10-17", "Statement": [{
                  "Effect": "Allow",
                  "Action": "sts:AssumeRoleWithWebIdentity",
                  "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/ci.example"},
                  "Condition": {
                    "StringEquals": {"ci.example:aud": "aws.workload.identity"},
                    "StringLike": {"ci.example:sub": "org:acme:project:shop:*"}}}]}""");

        assertThatToken(issuer.issue(job, "aws.workload.identity"), keys.published())
                .isAcceptedByAws(role, policy, clientIds);
        assertThatToken(issuer.issue(otherJob, "aws.workload.identity"), keys.published())
                .isRefusedByAws(role, policy, clientIds, "ci.example:sub");
    }
    // README: end

    @Test
    void googleCloudAndEntra_takeThisJobAlone() {
        WorkloadIdentityProvider provider = WorkloadIdentityProvider.of(
                "projects/1/locations/global/workloadIdentityPools/pool/providers/ci-server",
                url,
                "org:acme:project:shop:*");
        String audience = "api://AzureADTokenExchange";

        assertThatToken(issuer.issue(job, audience), keys.published())
                .isAcceptedByEntra(FederatedIdentityCredential.exact("release", url, job.subject(), audience))
                .isRefusedByGoogleCloud(provider, "does not match the expected audience");
    }
}
