package io.dynamiccredentials.testkit.assertions;

import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.aws.trust.AwsTrustPolicyDocument;
import io.dynamiccredentials.azure.FederatedIdentityCredential;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.vault.VaultJwtRole;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions about what relying parties would say to a token. A failure shows the platform's own text and what did not
 * match, and no token. Not safe for use by several threads.
 */
public final class RelyingPartyAssert extends AbstractAssert<RelyingPartyAssert, String> {
    private final Trial trial;

    RelyingPartyAssert(Trial trial) {
        // AssertJ prints what it is about, and a token must not be printed.
        super(
                "the token of \"" + trial.token().subject() + "\" for \""
                        + trial.token().audience() + "\"",
                RelyingPartyAssert.class);
        this.trial = trial;
    }

    /** Goes on at another time, for example after the token's end. */
    public RelyingPartyAssert at(Instant now) {
        return new RelyingPartyAssert(new Trial(trial.token(), trial.keys(), now));
    }

    /**
     * Verifies that AWS would give it credentials of a role.
     *
     * @param policy the role's trust policy document
     * @param clientIds those of the account's OIDC identity provider for the issuer
     * @throws IllegalArgumentException if {@code roleArn} is not the ARN of a role
     */
    public RelyingPartyAssert isAcceptedByAws(String roleArn, AwsTrustPolicyDocument policy, Set<String> clientIds) {
        return accepted("AWS role \"" + roleArn + "\"", AwsTrial.judge(trial, roleArn, policy, clientIds));
    }

    /**
     * Verifies that AWS would give it credentials of a role whose trust policy {@code policy} writes.
     *
     * @throws IllegalArgumentException if {@code roleArn} is not the ARN of a role
     */
    public RelyingPartyAssert isAcceptedByAws(String roleArn, AwsTrustPolicy policy) {
        return isAcceptedByAws(roleArn, document(roleArn, policy), policy.audiences());
    }

    /**
     * Verifies that AWS would refuse it.
     *
     * @param reason a part of AWS's text, or of what the policy says did not match
     * @throws IllegalArgumentException if {@code roleArn} is not the ARN of a role
     */
    public RelyingPartyAssert isRefusedByAws(
            String roleArn, AwsTrustPolicyDocument policy, Set<String> clientIds, String reason) {
        return refused("AWS role \"" + roleArn + "\"", AwsTrial.judge(trial, roleArn, policy, clientIds), reason);
    }

    /**
     * Verifies that AWS would refuse it where {@code policy} is the trust policy.
     *
     * @param reason a part of AWS's text, or of what the policy says did not match
     * @throws IllegalArgumentException if {@code roleArn} is not the ARN of a role
     */
    public RelyingPartyAssert isRefusedByAws(String roleArn, AwsTrustPolicy policy, String reason) {
        return isRefusedByAws(roleArn, document(roleArn, policy), policy.audiences(), reason);
    }

    /** Verifies that Google Cloud would take it at a provider of a workload identity pool. */
    public RelyingPartyAssert isAcceptedByGoogleCloud(WorkloadIdentityProvider provider) {
        return accepted("provider \"" + provider.name() + "\"", GoogleCloudTrial.judge(trial, provider));
    }

    /**
     * Verifies that Google Cloud would refuse it at a provider.
     *
     * @param reason a part of Google's text, or of what the provider says did not match
     */
    public RelyingPartyAssert isRefusedByGoogleCloud(WorkloadIdentityProvider provider, String reason) {
        return refused("provider \"" + provider.name() + "\"", GoogleCloudTrial.judge(trial, provider), reason);
    }

    /** Verifies that Entra would take it for an application with these credentials. */
    public RelyingPartyAssert isAcceptedByEntra(FederatedIdentityCredential... credentials) {
        return accepted("Entra", EntraTrial.judge(trial, List.of(credentials)));
    }

    /**
     * Verifies that Entra would refuse it for an application with one credential.
     *
     * @param reason a part of Entra's text, or of what the credential says did not match
     */
    public RelyingPartyAssert isRefusedByEntra(FederatedIdentityCredential credential, String reason) {
        return refused("Entra", EntraTrial.judge(trial, List.of(credential)), reason);
    }

    /** Verifies that Vault would let it log in to a role of a JWT auth method that trusts the issuer. */
    public RelyingPartyAssert isAcceptedByVault(VaultJwtRole role) {
        return accepted("Vault's role \"" + role.name() + "\"", VaultTrial.judge(trial, role));
    }

    /**
     * Verifies that Vault would not let it log in.
     *
     * @param reason a part of Vault's text
     */
    public RelyingPartyAssert isRefusedByVault(VaultJwtRole role, String reason) {
        return refused("Vault's role \"" + role.name() + "\"", VaultTrial.judge(trial, role), reason);
    }

    private static AwsTrustPolicyDocument document(String roleArn, AwsTrustPolicy policy) {
        AwsTrial.requireRole(roleArn);
        String[] parts = roleArn.split(":", 6);
        return AwsTrustPolicyDocument.parse(policy.toJson(parts[1], parts[4]));
    }

    private RelyingPartyAssert accepted(String relyingParty, Verdict verdict) {
        if (!verdict.accepted()) {
            failWithMessage(
                    "%nExpected that %s takes%n  %s%nIt refuses it:%n  %s", relyingParty, actual, verdict.reason());
        }
        return this;
    }

    private RelyingPartyAssert refused(String relyingParty, Verdict verdict, String reason) {
        if (verdict.accepted()) {
            failWithMessage("%nExpected that %s refuses%n  %s%nIt takes it.", relyingParty, actual);
        }
        if (!verdict.reason().contains(reason)) {
            failWithMessage(
                    "%nExpected that %s refuses%n  %s%nfor%n  %s%nIt does, for:%n  %s",
                    relyingParty, actual, reason, verdict.reason());
        }
        return this;
    }
}
