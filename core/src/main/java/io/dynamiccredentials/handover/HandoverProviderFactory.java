package io.dynamiccredentials.handover;

import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.CredentialProviderFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes the providers of platforms that take tokens as they are. {@link ManualTokenProvider} is among them only if the
 * setting {@code manual-tokens} is {@code true}, since it lets workspaces choose any audience. Immutable.
 */
public final class HandoverProviderFactory implements CredentialProviderFactory {
    private static final String MANUAL = "manual-tokens";

    @Override
    public Set<String> settings() {
        return Set.of(MANUAL);
    }

    @Override
    public List<CredentialProvider> create(Map<String, String> settings) {
        String manual = settings.getOrDefault(MANUAL, "false");
        if (!Set.of("true", "false").contains(manual)) {
            throw new IllegalArgumentException(
                    "The setting " + MANUAL + " must be \"true\" or \"false\"; it was \"" + manual + "\"");
        }
        List<CredentialProvider> providers = new ArrayList<>(
                List.of(KubernetesProvider.create(), HcpProvider.create(), TencentCloudProvider.create()));
        if (manual.equals("true")) {
            providers.add(ManualTokenProvider.create());
        }
        return providers;
    }
}
