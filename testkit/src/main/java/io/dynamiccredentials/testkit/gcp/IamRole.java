package io.dynamiccredentials.testkit.gcp;

/** A role that a member of a policy can have on a service account of {@link FakeGoogleCloud}. */
public enum IamRole {
    /** {@code roles/iam.workloadIdentityUser}: may have tokens of the account. */
    WORKLOAD_IDENTITY_USER,
    /**
     * {@code roles/iam.serviceAccountTokenCreator}: may have tokens of the account, and go through it to the next one
     * of a chain of delegation.
     */
    TOKEN_CREATOR
}
