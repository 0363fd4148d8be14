package io.dynamiccredentials.azure;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.Credentials;
import java.time.Instant;
import java.util.List;

/**
 * An access token of Microsoft Entra ID for one resource. Immutable.
 *
 * @param accessToken the token itself, opaque to all but its resource
 * @param tenantId the tenant, as it was configured: a GUID or a domain
 * @param clientId the application's client id
 * @param expiresAt when resources stop accepting it, counted from before the request that obtained it
 */
public record AzureAccessCredentials(Secret accessToken, String tenantId, String clientId, Instant expiresAt)
        implements Credentials {

    /** Returns {@code application … in tenant …}, by which Entra's sign-in logs name the holder. */
    @Override
    public String principal() {
        return "application " + clientId + " in tenant " + tenantId;
    }

    @Override
    public List<Secret> secrets() {
        return List.of(accessToken);
    }
}
