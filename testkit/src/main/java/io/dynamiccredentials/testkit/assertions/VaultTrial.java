package io.dynamiccredentials.testkit.assertions;

import io.dynamiccredentials.testkit.vault.FakeVault;
import io.dynamiccredentials.vault.VaultJwtMethod;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.util.Map;

/** Asks Vault about a token. */
final class VaultTrial {

    private VaultTrial() {}

    static Verdict judge(Trial trial, VaultJwtRole role) {
        try (FakeVault vault = FakeVault.start(trial.clock())) {
            vault.method("jwt", VaultJwtMethod.trusting(trial.issuer())).role(role);
            trial.introduceTo(vault);
            HttpReply reply = Trial.post(
                    URI.create(vault.address() + "/v1/auth/jwt/login"),
                    "application/json",
                    StrictJson.write(Map.of("role", role.name(), "jwt", trial.compact())));
            return reply.status() == 200
                    ? Verdict.ACCEPTED
                    : Verdict.refused(
                            StrictJson.parseObject(reply.body())
                                    .path("errors")
                                    .path(0)
                                    .asText(),
                            "");
        }
    }
}
