package io.dynamiccredentials.azure;

import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.CredentialProviderFactory;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.config.HostSettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes an {@link AzureProvider} of the settings {@code azure.tenant}, {@code azure.authority}, {@code azure.scope} and
 * {@code azure.delivery} ({@code files} or {@code broker}), none of which is required. Immutable.
 */
public final class AzureProviderFactory implements CredentialProviderFactory {
    private static final String TENANT = "azure.tenant";
    private static final String AUTHORITY = "azure.authority";
    private static final String SCOPE = "azure.scope";
    private static final String DELIVERY = "azure.delivery";

    @Override
    public Set<String> settings() {
        return Set.of(TENANT, AUTHORITY, SCOPE, DELIVERY);
    }

    @Override
    public List<CredentialProvider> create(Map<String, String> settings) {
        AzureProvider.Builder builder = AzureProvider.builder();
        Optional.ofNullable(settings.get(TENANT)).ifPresent(builder::tenantId);
        HostSettings.address(settings, AUTHORITY).ifPresent(builder::authorityHost);
        Optional.ofNullable(settings.get(SCOPE)).ifPresent(builder::scope);
        Delivery.of(settings, DELIVERY).ifPresent(builder::delivery);
        return List.of(builder.build());
    }
}
