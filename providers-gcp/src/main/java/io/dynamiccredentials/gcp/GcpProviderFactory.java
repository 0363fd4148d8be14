package io.dynamiccredentials.gcp;

import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.CredentialProviderFactory;
import io.dynamiccredentials.config.Delivery;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes a {@link GcpProvider} that speaks to Google's own addresses, of the setting {@code gcp.delivery}
 * ({@code files}, {@code broker} or {@code variables}), which is not required. Immutable.
 */
public final class GcpProviderFactory implements CredentialProviderFactory {
    private static final String DELIVERY = "gcp.delivery";

    @Override
    public Set<String> settings() {
        return Set.of(DELIVERY);
    }

    @Override
    public List<CredentialProvider> create(Map<String, String> settings) {
        GcpProvider.Builder builder = GcpProvider.builder();
        Delivery.of(settings, DELIVERY).ifPresent(builder::delivery);
        return List.of(builder.build());
    }
}
