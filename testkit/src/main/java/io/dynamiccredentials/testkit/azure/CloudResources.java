package io.dynamiccredentials.testkit.azure;

import io.dynamiccredentials.azure.AzureCloud;
import java.util.Set;

/** What each cloud's Resource Manager is called as an audience. */
final class CloudResources {
    private CloudResources() {}

    static Set<String> managers(AzureCloud cloud) {
        return switch (cloud) {
            case PUBLIC -> Set.of("https://management.core.windows.net/", "https://management.azure.com");
            case US_GOVERNMENT ->
                Set.of("https://management.core.usgovcloudapi.net/", "https://management.usgovcloudapi.net");
            case CHINA -> Set.of("https://management.core.chinacloudapi.cn/", "https://management.chinacloudapi.cn");
        };
    }
}
