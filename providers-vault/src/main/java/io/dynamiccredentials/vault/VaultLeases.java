package io.dynamiccredentials.vault;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Renews and revokes leases. Safe for use by many threads. */
final class VaultLeases {
    private final VaultClient client;
    private final Clock clock;

    VaultLeases(VaultClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    /** What became of the wish to end a secret. */
    enum Ending {
        /** The engine has ended it. */
        CONFIRMED,
        /** Vault will see to it. */
        ACCEPTED,
        /** The token may not ask for it, as with Vault's {@code default} policy, or is dead. */
        FORBIDDEN
    }

    VaultLease renew(VaultLease lease, VaultTokenCredentials login) {
        VaultFailures failures = VaultFailures.ofLease("the renewal of lease " + UntrustedText.quoteName(lease.id()));
        Instant before = clock.instant();
        HttpReply reply = client.post(
                "sys/leases/renew", login.token(), StrictJson.write(Map.of("lease_id", lease.id())), failures);
        if (reply.status() != 200) {
            throw failures.of(reply);
        }
        try {
            VaultLease renewed = EngineReply.parse(reply, before).lease();
            if (!renewed.id().equals(lease.id())) {
                throw new IllegalArgumentException("it is about another lease");
            }
            return renewed;
        } catch (IllegalArgumentException e) {
            throw failures.unintelligible(reply, String.valueOf(e.getMessage()));
        }
    }

    /**
     * Ends a secret and waits until its platform has done so. One that Vault does not know any more has ended.
     *
     * @throws CredentialExchangeException if Vault neither does nor refuses it
     */
    Ending revoke(String leaseId, VaultTokenCredentials login) {
        VaultFailures failures = VaultFailures.ofLease("the revocation of lease " + UntrustedText.quoteName(leaseId));
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("lease_id", leaseId);
        // Without it Vault queues the order and answers before anything has happened.
        body.put("sync", true);
        HttpReply reply = client.post("sys/leases/revoke", login.token(), StrictJson.write(body), failures);
        if (VaultFailures.saysGone(reply, "invalid lease")) {
            return Ending.CONFIRMED;
        }
        return switch (reply.status()) {
            case 200, 204 -> Ending.CONFIRMED;
            case 202 -> Ending.ACCEPTED;
            case 403 -> Ending.FORBIDDEN;
            default -> throw failures.of(reply);
        };
    }
}
