package io.dynamiccredentials.azure;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.Credentials;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An access token of Microsoft Entra ID for one resource. Immutable.
 *
 * @param accessToken the token itself, opaque to all but its resource
 * @param tenantId the tenant, as it was configured: a GUID or a domain
 * @param clientId the application's client id
 * @param expiresAt when resources stop accepting it, counted from before the request that obtained it
 * @param requestId the id of that request, by which Entra's sign-in logs know it
 */
public record AzureAccessCredentials(
        Secret accessToken, String tenantId, String clientId, Instant expiresAt, Optional<String> requestId)
        implements Credentials {

    /** Makes credentials of which no request is known. */
    public AzureAccessCredentials(Secret accessToken, String tenantId, String clientId, Instant expiresAt) {
        this(accessToken, tenantId, clientId, expiresAt, Optional.empty());
    }

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
