package io.dynamiccredentials.azure;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.ExchangeFailures;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.UntrustedText;

/**
 * Keeps credentials of any other tenant than one from a run. Safe for use by many threads.
 *
 * <p>An access token that says of which tenant it is (claim {@code tid}) is believed. One that doesn't passes only if
 * the token was sent to the tenant by its id: of a domain nobody knows the tenant.
 */
record ExpectedTenant(AzureFederatedExchanger exchanger, String tenantId, String asked)
        implements CredentialExchanger<AzureAccessCredentials> {

    @Override
    public String platform() {
        return exchanger.platform();
    }

    @Override
    public String audience() {
        return exchanger.audience();
    }

    @Override
    public AzureAccessCredentials exchange(IdentityToken token) {
        AzureAccessCredentials credentials = exchanger.exchange(token);
        String told = AccessTokenClaims.of(credentials.accessToken()).tenant().orElse("");
        boolean right = told.isEmpty() ? asked.equalsIgnoreCase(tenantId) : told.equalsIgnoreCase(tenantId);
        if (!right) {
            throw otherTenant(credentials, told);
        }
        return credentials;
    }

    private CredentialExchangeException otherTenant(AzureAccessCredentials credentials, String told) {
        String found = told.isEmpty() ? "a tenant that it does not name" : "tenant " + UntrustedText.quote(told);
        return ExchangeFailures.of(platform(), "the token for " + credentials.principal())
                .answered(
                        Kind.MISCONFIGURED,
                        200,
                        "The access token is of " + found + ", expected is \"" + tenantId
                                + "\". Name the tenant by its id, or expect another one")
                .build();
    }
}
