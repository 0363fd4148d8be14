package io.dynamiccredentials.vault;

import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.CredentialProviderFactory;
import io.dynamiccredentials.config.HostSettings;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Makes a {@link VaultProvider}, and each {@link VaultBackedProvider} upon it, for the addresses in the setting
 * {@code vault.addresses}, separated by commas; without it there is none. Immutable.
 */
public final class VaultProviderFactory implements CredentialProviderFactory {
    private static final String ADDRESSES = "vault.addresses";
    private static final Pattern COMMA = Pattern.compile("\\s*,\\s*");

    @Override
    public Set<String> settings() {
        return Set.of(ADDRESSES);
    }

    @Override
    public List<CredentialProvider> create(Map<String, String> settings) {
        String addresses = settings.get(ADDRESSES);
        if (addresses == null) {
            return List.of();
        }
        List<URI> all = COMMA.splitAsStream(addresses.strip())
                .map(address -> HostSettings.address(ADDRESSES, address))
                .toList();
        VaultProvider.Builder builder = VaultProvider.builder(all.get(0));
        all.forEach(builder::allow);
        VaultProvider vault = builder.build();
        return List.of(
                vault,
                VaultBackedProvider.aws(vault),
                VaultBackedProvider.gcp(vault),
                VaultBackedProvider.azure(vault));
    }
}
