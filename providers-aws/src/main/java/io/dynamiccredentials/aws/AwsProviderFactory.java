package io.dynamiccredentials.aws;

import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.CredentialProviderFactory;
import io.dynamiccredentials.config.Delivery;
import io.dynamiccredentials.config.HostSettings;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes an {@link AwsProvider} of the settings {@code aws.region}, without which there is none, {@code aws.endpoint}
 * and {@code aws.delivery} ({@code files}, {@code broker} or {@code variables}). Immutable.
 */
public final class AwsProviderFactory implements CredentialProviderFactory {
    private static final String REGION = "aws.region";
    private static final String ENDPOINT = "aws.endpoint";
    private static final String DELIVERY = "aws.delivery";

    @Override
    public Set<String> settings() {
        return Set.of(REGION, ENDPOINT, DELIVERY);
    }

    @Override
    public List<CredentialProvider> create(Map<String, String> settings) {
        String region = settings.get(REGION);
        if (region == null) {
            List.of(ENDPOINT, DELIVERY).forEach(name -> requireAbsent(settings, name));
            return List.of();
        }
        AwsProvider.Builder builder = AwsProvider.builder(region);
        HostSettings.address(settings, ENDPOINT).ifPresent(builder::endpoint);
        Delivery.of(settings, DELIVERY).ifPresent(builder::delivery);
        return List.of(builder.build());
    }

    private static void requireAbsent(Map<String, String> settings, String name) {
        if (settings.containsKey(name)) {
            throw new IllegalArgumentException("The setting " + name + " needs " + REGION
                    + " beside it, or there would be no provider of AWS. Set that too");
        }
    }
}
