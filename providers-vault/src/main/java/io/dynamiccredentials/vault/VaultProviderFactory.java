package io.dynamiccredentials.vault;

import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.CredentialProviderFactory;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.config.HostSettings;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Makes a {@link VaultProvider}, and each {@link VaultBackedProvider} upon it, for the addresses in the setting
 * {@code vault.addresses}, separated by commas; without it there is none. Beside it, {@code vault.delivery} is
 * {@code variables} or {@code files}, and {@code vault.sweeper-role}, {@code vault.sweeper-auth-path} and
 * {@code vault.sweeper-audience} are as {@link VaultProvider.Builder} has them. Immutable.
 */
public final class VaultProviderFactory implements CredentialProviderFactory {
    private static final String ADDRESSES = "vault.addresses";
    private static final String DELIVERY = "vault.delivery";
    private static final String SWEEPER_ROLE = "vault.sweeper-role";
    private static final String SWEEPER_AUTH_PATH = "vault.sweeper-auth-path";
    private static final String SWEEPER_AUDIENCE = "vault.sweeper-audience";
    private static final List<String> FURTHER = List.of(DELIVERY, SWEEPER_ROLE, SWEEPER_AUTH_PATH, SWEEPER_AUDIENCE);
    private static final Pattern COMMA = Pattern.compile("\\s*,\\s*");

    @Override
    public Set<String> settings() {
        return Set.of(ADDRESSES, DELIVERY, SWEEPER_ROLE, SWEEPER_AUTH_PATH, SWEEPER_AUDIENCE);
    }

    @Override
    public List<CredentialProvider> create(Map<String, String> settings) {
        String addresses = settings.get(ADDRESSES);
        if (addresses == null) {
            FURTHER.forEach(name -> requireAbsent(settings, name));
            return List.of();
        }
        List<URI> all = COMMA.splitAsStream(addresses.strip())
                .map(address -> HostSettings.address(ADDRESSES, address))
                .toList();
        VaultProvider.Builder builder = VaultProvider.builder(all.get(0));
        all.forEach(builder::allow);
        Delivery.of(settings, DELIVERY).ifPresent(builder::delivery);
        Optional.ofNullable(settings.get(SWEEPER_ROLE)).ifPresent(builder::sweeperRole);
        Optional.ofNullable(settings.get(SWEEPER_AUTH_PATH)).ifPresent(builder::sweeperAuthPath);
        Optional.ofNullable(settings.get(SWEEPER_AUDIENCE)).ifPresent(builder::sweeperAudience);
        VaultProvider vault = builder.build();
        return List.of(
                vault,
                VaultBackedProvider.aws(vault),
                VaultBackedProvider.gcp(vault),
                VaultBackedProvider.azure(vault));
    }

    private static void requireAbsent(Map<String, String> settings, String name) {
        if (settings.containsKey(name)) {
            throw new IllegalArgumentException("The setting " + name + " needs " + ADDRESSES
                    + " beside it, or there would be no provider of Vault. Set that too");
        }
    }
}
