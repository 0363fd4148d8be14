package io.dynamiccredentials.aws;

import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.PlatformAddress;
import java.net.URI;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.defaultsmode.DefaultsMode;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.PartitionMetadata;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.endpoints.StsEndpointProvider;
import software.amazon.awssdk.services.sts.model.AssumeRoleRequest;
import software.amazon.awssdk.services.sts.model.AssumeRoleResponse;
import software.amazon.awssdk.services.sts.model.AssumeRoleWithWebIdentityRequest;
import software.amazon.awssdk.services.sts.model.AssumeRoleWithWebIdentityResponse;

/**
 * The way to one region's Security Token Service: its endpoint and the HTTP client that goes there.
 *
 * <p>Without retries, and deaf to this machine's AWS profiles and variables: {@code AWS_ENDPOINT_URL_STS} can't send
 * tokens elsewhere, {@code AWS_USE_FIPS_ENDPOINT} and {@code AWS_DEFAULTS_MODE} change nothing. The SDK runs on
 * {@link BoundedHttpClient}, on the calling thread: bodies and times are bounded, redirects are not followed, an
 * interrupt ends a call at once. Safe for use by many threads; make one and share it. There is nothing to close.
 */
public final class AwsSts {
    static final String EXPECTED_REGION = "one such as \"eu-central-1\"";

    // A pseudo region such as aws-global has no number; its endpoint is not the one that roles are set up for.
    private static final Pattern REGION = Pattern.compile("[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}");

    private final Region region;
    private final URI endpoint;
    private final boolean endpointOverridden;
    private final BoundedHttpClient http;
    private final StsClient client;

    private AwsSts(Builder builder) {
        this.region = builder.region;
        this.endpointOverridden = builder.endpoint != null;
        this.endpoint = builder.endpoint != null ? builder.endpoint : regionalEndpoint(region);
        this.http = builder.http == null ? BoundedHttpClient.builder().build() : builder.http;
        this.client = StsClient.builder()
                .region(region)
                // Also for the regional endpoint: without an override the SDK asks the environment for one.
                .endpointOverride(endpoint)
                .fipsEnabled(false)
                .dualstackEnabled(false)
                .defaultsMode(DefaultsMode.STANDARD)
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .httpClient(new StsHttpClient(http, endpoint))
                .overrideConfiguration(overrides())
                .build();
    }

    /**
     * Starts a way to the STS of {@code region}, at its regional endpoint.
     *
     * @throws IllegalArgumentException if {@code region} does not have the form of {@code eu-central-1}
     */
    public static Builder builder(String region) {
        return new Builder(region);
    }

    /** Returns the region, for example {@code eu-central-1}. */
    public String region() {
        return region.id();
    }

    /** Returns the address that tokens go to. */
    public URI endpoint() {
        return endpoint;
    }

    boolean endpointOverridden() {
        return endpointOverridden;
    }

    /** Returns the address that the SDK would go to, whatever it made of the settings and of its surroundings. */
    URI endpointOfSdk() {
        return client.serviceClientConfiguration().endpointOverride().orElseThrow();
    }

    /** Returns the partition of the region, which a role must be in, for example {@code aws-cn}. */
    String partition() {
        return PartitionMetadata.of(region).id();
    }

    /** Returns the way to another region's own endpoint, by the same HTTP client. */
    AwsSts in(String otherRegion) {
        return builder(otherRegion).http(http).build();
    }

    /** Sends one request, unsigned. Throws the SDK's exceptions, whose messages may hold what the server sent. */
    AssumeRoleWithWebIdentityResponse send(AssumeRoleWithWebIdentityRequest request) {
        return client.assumeRoleWithWebIdentity(request);
    }

    /** Sends one request, signed by the keys of {@code caller}. Throws as the unsigned one does. */
    AssumeRoleResponse send(AssumeRoleRequest request, AwsSessionCredentials caller) {
        StaticCredentialsProvider keys =
                StaticCredentialsProvider.create(software.amazon.awssdk.auth.credentials.AwsSessionCredentials.create(
                        caller.accessKeyId(),
                        caller.secretAccessKey().reveal(),
                        caller.sessionToken().reveal()));
        return client.assumeRole(request.toBuilder()
                .overrideConfiguration(override -> override.credentialsProvider(keys))
                .build());
    }

    /** Tells whether the SDK knows the region to be one of this one's partition. */
    boolean isNeighbour(String otherRegion) {
        // Region.of would make a region of any text, and keep it for ever.
        return isRegion(otherRegion)
                && Region.regions().stream()
                        .filter(other -> other.id().equals(otherRegion))
                        .anyMatch(other -> PartitionMetadata.of(other).id().equals(partition()));
    }

    static boolean isRegion(String region) {
        return REGION.matcher(region).matches();
    }

    private static URI regionalEndpoint(Region region) {
        return StsEndpointProvider.defaultProvider()
                .resolveEndpoint(parameters -> parameters
                        .region(region)
                        .useGlobalEndpoint(false)
                        .useFips(false)
                        .useDualStack(false))
                .join()
                .endpointUrl()
                .toUri();
    }

    private static ClientOverrideConfiguration overrides() {
        // Without time-outs of its own, for which it would need threads.
        return ClientOverrideConfiguration.builder()
                .retryStrategy(AwsRetryStrategy.doNotRetry())
                .defaultProfileFile(ProfileFile.aggregator().build())
                .defaultProfileName("default")
                .build();
    }

    /** Collects the settings. Not safe for use by several threads. */
    public static final class Builder {
        private final Region region;
        private @Nullable URI endpoint;
        private @Nullable BoundedHttpClient http;

        private Builder(String region) {
            if (!isRegion(region)) {
                throw new IllegalArgumentException(
                        "The AWS region must be " + EXPECTED_REGION + "; it was \"" + region + "\"");
            }
            this.region = Region.of(region);
        }

        /**
         * Sets the address that tokens go to, for a VPC or FIPS endpoint or a fake. Default: the region's own endpoint.
         *
         * @throws IllegalArgumentException if {@code endpoint} is not https (or http on loopback), or has a path
         */
        public Builder endpoint(URI endpoint) {
            this.endpoint =
                    PlatformAddress.requireBare("endpoint of STS", endpoint, "https://sts.eu-central-1.amazonaws.com");
            return this;
        }

        /** Sets the HTTP client, for other time-outs or a private certificate authority. */
        public Builder http(BoundedHttpClient http) {
            this.http = http;
            return this;
        }

        /** Returns the way to STS. Nothing has crossed the network yet. */
        public AwsSts build() {
            return new AwsSts(this);
        }
    }
}
