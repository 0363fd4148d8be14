package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.testkit.aws.FakeAws;
import io.dynamiccredentials.testkit.aws.FakeAwsKey;
import java.util.UUID;

/** Has a fake AWS make the keys that a fake Vault hands out. Immutable. */
record FakeAwsForVault(FakeAws aws, String account) implements FakeVaultAws.Keys {

    /** Returns the ARN of the user as whom Vault asks AWS, which roles must trust. */
    static String vaultUser(String account) {
        return "arn:aws:iam::" + account + ":user/vault";
    }

    @Override
    public FakeVaultAws.Key make(FakeVaultAws.Order order) {
        // Names of users and sessions have at most 64 characters.
        String role = order.role().substring(0, Math.min(order.role().length(), 40));
        String name = "vault-" + role + "-" + UUID.randomUUID().toString().substring(0, 8);
        FakeAwsKey key = switch (order.type()) {
            case IAM_USER -> aws.createUserKey(account, name, order.role());
            case ASSUMED_ROLE -> assumed(order, name);
            case FEDERATION_TOKEN, SESSION_TOKEN ->
                throw new IllegalStateException(
                        "The fake AWS knows neither GetFederationToken nor GetSessionToken. Use another type");
        };
        return new FakeVaultAws.Key(key.accessKeyId(), key.secretKey(), key.token());
    }

    @Override
    public void delete(FakeVaultAws.Key key) {
        aws.deleteUserKey(key.accessKeyId());
    }

    private FakeAwsKey assumed(FakeVaultAws.Order order, String sessionName) {
        String role = order.roleArn().orElseThrow();
        return aws.assumeRole(vaultUser(account), role, sessionName, order.ttl(), order.role())
                .orElseThrow(() -> new IllegalStateException("User: " + vaultUser(account)
                        + " is not authorized to perform: sts:AssumeRole on resource: " + role));
    }
}
