package io.dynamiccredentials.vault;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.exchange.HandleRevoker;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.exchange.RevocationHandle;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.vault.VaultLeases.Ending;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends Vault tokens and leases whose owner died: logs in with a token of the host's own, revokes the lease, then by its
 * accessor the token, and then its own token.
 *
 * <p>Where the lease may not be revoked, Vault ends it after the token. Safe for use by many threads.
 */
final class VaultSweeper implements HandleRevoker {
    private static final Logger LOG = LoggerFactory.getLogger(VaultSweeper.class);
    private static final Duration FOR_OTHER_PLATFORMS = Duration.ofSeconds(60);

    private final Set<String> allowedAddresses;
    private final SweeperLogin login;
    private final BoundedHttpClient http;
    private final Clock clock;

    VaultSweeper(Set<String> allowedAddresses, SweeperLogin login, BoundedHttpClient http, Clock clock) {
        this.allowedAddresses = Set.copyOf(allowedAddresses);
        this.login = login;
        this.http = http;
        this.clock = clock;
    }

    /** How the host itself logs in. Immutable. */
    record SweeperLogin(String role, String authPath, String audience) {}

    @Override
    public String platform() {
        return VaultJwtExchanger.PLATFORM;
    }

    @Override
    public Revocation revoke(RevocationHandle handle, Instant expiresAt, Function<String, IdentityToken> tokens) {
        VaultHandle named = VaultHandle.read(handle);
        VaultJwtExchanger exchanger = exchanger(named);
        VaultTokenCredentials own = exchanger.exchange(tokens.apply(exchanger.audience()));
        Revocation revocation;
        try {
            revocation = end(named, expiresAt, exchanger.client(), own);
        } catch (RuntimeException | Error e) {
            Undisturbed.run(e, () -> exchanger.revoke(own));
            throw e;
        }
        endOwn(exchanger, own);
        return revocation;
    }

    private VaultJwtExchanger exchanger(VaultHandle named) {
        if (!allowedAddresses.contains(named.address().toString())) {
            throw new IllegalArgumentException("The host allows " + new TreeSet<>(allowedAddresses)
                    + " as addresses of Vault; the handle in the journal names "
                    + UntrustedText.quote(named.address().toString())
                    + ". Allow that one, or check who writes to the journal of leases");
        }
        VaultJwtExchanger.Builder builder = VaultJwtExchanger.builder(named.address(), login.role(), http)
                .authPath(login.authPath())
                .audience(login.audience())
                .clock(clock);
        named.namespace().ifPresent(builder::namespace);
        return builder.build();
    }

    private Revocation end(VaultHandle named, Instant expiresAt, VaultClient client, VaultTokenCredentials own) {
        Ending lease = Ending.CONFIRMED;
        if (named.lease().isPresent()) {
            try {
                lease = new VaultLeases(client.waiting(FOR_OTHER_PLATFORMS), clock)
                        .revoke(named.lease().get(), own);
            } catch (RuntimeException e) {
                // The token is to be ended all the same.
                named.accessor().ifPresent(accessor -> Undisturbed.run(e, () -> endToken(accessor, client, own)));
                throw e;
            }
        }
        named.accessor().ifPresent(accessor -> endToken(accessor, client, own));
        if (named.outlives()) {
            return new Revocation.LivesUntil(expiresAt);
        }
        return switch (lease) {
            case CONFIRMED -> new Revocation.Revoked();
            case ACCEPTED -> new Revocation.Ordered(expiresAt);
            case FORBIDDEN -> ordered(named, expiresAt);
        };
    }

    /** Vault ends the leases of a token that it has ended; a batch token has no accessor to end it by. */
    private static Revocation ordered(VaultHandle named, Instant expiresAt) {
        if (named.accessor().isEmpty()) {
            throw VaultFailures.ofLease("the revocation of lease "
                            + UntrustedText.quoteName(named.lease().orElse("")))
                    .forbidden("the sweeper's role may not revoke leases");
        }
        return new Revocation.Ordered(expiresAt);
    }

    private void endToken(String accessor, VaultClient client, VaultTokenCredentials own) {
        VaultFailures failures = VaultFailures.ofAccessor(
                "the revocation of the token of accessor \"" + accessor + "\" by role \"" + login.role() + "\"");
        HttpReply reply = client.post(
                "auth/token/revoke-accessor", own.token(), StrictJson.write(Map.of("accessor", accessor)), failures);
        boolean done = reply.status() == 204 || reply.status() == 200;
        if (!done && !VaultFailures.saysGone(reply, "invalid accessor")) {
            throw failures.of(reply);
        }
    }

    /** What was to be ended is ended; that this one lives a little longer changes nothing about that. */
    private static void endOwn(VaultJwtExchanger exchanger, VaultTokenCredentials own) {
        try {
            exchanger.revoke(own);
        } catch (CredentialExchangeException e) {
            LOG.warn("The sweeper's own Vault token lives until {}: {}", own.expiresAt(), e.getMessage());
        }
    }
}
