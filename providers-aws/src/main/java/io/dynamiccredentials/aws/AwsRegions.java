package io.dynamiccredentials.aws;

import io.dynamiccredentials.config.Setting;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The regions whose STS a workspace may choose: where a token is sent is for the host to decide. Safe for use by many
 * threads.
 */
final class AwsRegions {
    private final AwsSts own;
    private final Set<String> named;
    private final Map<String, AwsSts> others = new ConcurrentHashMap<>();

    /**
     * Allows the region of {@code own}, those {@code named} by the host, and the partition's if it has its endpoint.
     */
    AwsRegions(AwsSts own, Set<String> named) {
        if (own.endpointOverridden() && !named.isEmpty()) {
            throw new IllegalArgumentException("Set endpoint or allowRegion, not both: the endpoint of STS is that of "
                    + "region " + own.region() + " alone; the other regions are " + named);
        }
        this.own = own;
        this.named = new TreeSet<>(named);
    }

    AwsSts own() {
        return own;
    }

    /**
     * Returns the way to the region that a workspace chose.
     *
     * @throws IllegalArgumentException if the host does not allow it
     */
    AwsSts of(Setting setting) {
        String region = setting.require(this::isAllowed, expected());
        return region.equals(own.region()) ? own : others.computeIfAbsent(region, own::in);
    }

    private boolean isAllowed(String region) {
        return region.equals(own.region())
                || (!own.endpointOverridden() && (named.contains(region) || own.isNeighbour(region)));
    }

    private String expected() {
        String ours = "\"" + own.region() + "\"";
        if (own.endpointOverridden()) {
            return ours + ", since the host set an endpoint for this region alone";
        }
        return ours + " or another region of partition " + own.partition()
                + (named.isEmpty() ? "" : ", or one of " + named + ", which the host allows");
    }
}
