package io.dynamiccredentials.gcp;

import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.CredentialProviderFactory;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes a {@link GcpProvider} that speaks to Google's own addresses. Has no settings. Immutable. */
public final class GcpProviderFactory implements CredentialProviderFactory {

    @Override
    public Set<String> settings() {
        return Set.of();
    }

    @Override
    public List<CredentialProvider> create(Map<String, String> settings) {
        return List.of(GcpProvider.builder().build());
    }
}
