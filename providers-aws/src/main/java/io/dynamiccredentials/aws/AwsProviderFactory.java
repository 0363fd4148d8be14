package io.dynamiccredentials.aws;

import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.CredentialProviderFactory;
import io.dynamiccredentials.config.HostSettings;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes an {@link AwsProvider} of the settings {@code aws.region}, without which there is none, and
 * {@code aws.endpoint}. Immutable.
 */
public final class AwsProviderFactory implements CredentialProviderFactory {
    private static final String REGION = "aws.region";
    private static final String ENDPOINT = "aws.endpoint";

    @Override
    public Set<String> settings() {
        return Set.of(REGION, ENDPOINT);
    }

    @Override
    public List<CredentialProvider> create(Map<String, String> settings) {
        String region = settings.get(REGION);
        if (region == null) {
            if (settings.containsKey(ENDPOINT)) {
                throw new IllegalArgumentException("The setting " + ENDPOINT + " needs " + REGION
                        + " beside it, or there would be no provider of AWS. Set that too");
            }
            return List.of();
        }
        AwsProvider.Builder builder = AwsProvider.builder(region);
        HostSettings.address(settings, ENDPOINT).ifPresent(builder::endpoint);
        return List.of(builder.build());
    }
}
