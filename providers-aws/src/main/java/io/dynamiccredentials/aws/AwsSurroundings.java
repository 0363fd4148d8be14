package io.dynamiccredentials.aws;

import io.dynamiccredentials.config.EnvironmentRenderer;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a run's tools need beside an identity, without what the workspace says already.
 *
 * @param shared variables for all configurations of the run
 * @param region the region of this configuration
 * @param regionIsSet whether the workspace sets {@code AWS_REGION} itself
 */
record AwsSurroundings(Map<String, String> shared, String region, boolean regionIsSet) {
    /** Variables by which a workspace could have its tools send the identity token, or ask for one, elsewhere. */
    private static final List<String> REDIRECTING = List.of(
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_STS",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT");

    /**
     * Reads them.
     *
     * @throws IllegalArgumentException if the workspace sends tokens elsewhere, or has a region that is none
     */
    static AwsSurroundings of(PlatformSettings settings, AwsSts sts) {
        Optional<Setting> own = region(settings, "AWS_REGION");
        // Most tools prefer AWS_REGION, so the host's would win over a default that the workspace gives.
        Optional<Setting> preferred = region(settings, "AWS_DEFAULT_REGION");
        return new AwsSurroundings(
                endpoint(settings, sts),
                own.or(() -> preferred).map(Setting::value).orElse(sts.region()),
                own.isPresent());
    }

    private static Map<String, String> endpoint(PlatformSettings settings, AwsSts sts) {
        Map<String, String> variables = new TreeMap<>();
        if (sts.endpointOverridden()) {
            variables.put("AWS_ENDPOINT_URL_STS", sts.endpoint().toString());
        }
        for (String name : REDIRECTING) {
            Optional<String> ours = Optional.ofNullable(variables.get(name));
            settings.requireNoDetour(name, ours.map(Set::of).orElse(Set.of()));
            // A workspace's variable reaches the run anyway, and setting it twice is refused.
            settings.workspaceVariable(name).ifPresent(own -> variables.remove(name));
        }
        return variables;
    }

    /** Returns the workspace's region, which tools make a part of a host name without looking at it. */
    private static Optional<Setting> region(PlatformSettings settings, String variable) {
        Optional<Setting> region = settings.workspaceVariable(variable);
        region.ifPresent(own -> own.require(AwsSts::isRegion, AwsSts.EXPECTED_REGION));
        return region;
    }

    /** Returns a renderer that gives a run what {@code identity} gives, and these. */
    EnvironmentRenderer<AwsSessionCredentials> around(EnvironmentRenderer<AwsSessionCredentials> identity) {
        return (credentials, token, environment) -> {
            identity.render(credentials, token, environment);
            shared.forEach(environment::sharedVariable);
            if (!regionIsSet) {
                // Where there are several configurations, each has the region in its file, and this would win over it.
                environment.variable("AWS_REGION", region);
            }
        };
    }
}
