package io.dynamiccredentials.run;

import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.CredentialProviderFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Makes the providers of all modules on the class path. */
final class InstalledProviders {
    private InstalledProviders() {}

    /**
     * Makes them from settings of the host.
     *
     * @throws IllegalArgumentException if no module reads one of the settings, or one is malformed
     */
    static List<CredentialProvider> make(Map<String, String> hostSettings) {
        List<CredentialProviderFactory> factories = ServiceLoader.load(CredentialProviderFactory.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
        Set<String> known = new TreeSet<>();
        factories.forEach(factory -> known.addAll(factory.settings()));
        if (!known.containsAll(hostSettings.keySet())) {
            throw new IllegalArgumentException("Settings of the host must be some of " + known + "; they were "
                    + new TreeSet<>(hostSettings.keySet())
                    + ". Correct the name, or add the module that reads it");
        }
        List<CredentialProvider> providers = new ArrayList<>();
        for (CredentialProviderFactory factory : factories) {
            Map<String, String> own = new TreeMap<>(hostSettings);
            own.keySet().retainAll(factory.settings());
            providers.addAll(factory.create(own));
        }
        return providers;
    }
}
