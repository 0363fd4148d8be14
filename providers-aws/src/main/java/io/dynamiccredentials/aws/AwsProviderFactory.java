package io.dynamiccredentials.aws;

import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.CredentialProviderFactory;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
            return List.of();
        }
        AwsProvider.Builder builder = AwsProvider.builder(region);
        Optional.ofNullable(settings.get(ENDPOINT)).map(URI::create).ifPresent(builder::endpoint);
        return List.of(builder.build());
    }
}
