package io.dynamiccredentials.handover;

import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.CredentialProviderFactory;
import io.dynamiccredentials.config.Delivery;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes the providers of platforms that take tokens as they are. {@link ManualTokenProvider} is among them only if the
 * setting {@code manual-tokens} is {@code true}, since it lets workspaces choose any audience. The setting
 * {@code kubernetes.delivery} is {@code files} or {@code broker}. Immutable.
 */
public final class HandoverProviderFactory implements CredentialProviderFactory {
    private static final String MANUAL = "manual-tokens";
    private static final String KUBERNETES_DELIVERY = "kubernetes.delivery";

    @Override
    public Set<String> settings() {
        return Set.of(MANUAL, KUBERNETES_DELIVERY);
    }

    @Override
    public List<CredentialProvider> create(Map<String, String> settings) {
        String manual = settings.getOrDefault(MANUAL, "false");
        if (!Set.of("true", "false").contains(manual)) {
            throw new IllegalArgumentException(
                    "The setting " + MANUAL + " must be \"true\" or \"false\"; it was \"" + manual + "\"");
        }
        KubernetesProvider.Builder kubernetes = KubernetesProvider.builder();
        Delivery.of(settings, KUBERNETES_DELIVERY).ifPresent(kubernetes::delivery);
        List<CredentialProvider> providers =
                new ArrayList<>(List.of(kubernetes.build(), HcpProvider.create(), TencentCloudProvider.create()));
        if (manual.equals("true")) {
            providers.add(ManualTokenProvider.create());
        }
        return providers;
    }
}
