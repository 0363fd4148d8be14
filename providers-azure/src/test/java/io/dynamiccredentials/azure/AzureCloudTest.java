package io.dynamiccredentials.azure;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AzureCloudTest {

    @ParameterizedTest
    @CsvSource({
        "PUBLIC, https://login.microsoftonline.com, api://AzureADTokenExchange, https://management.azure.com/.default",
        "US_GOVERNMENT, https://login.microsoftonline.us, api://AzureADTokenExchangeUSGov, "
                + "https://management.usgovcloudapi.net/.default",
        "CHINA, https://login.chinacloudapi.cn, api://AzureADTokenExchangeChina, "
                + "https://management.chinacloudapi.cn/.default"
    })
    void cloud_names_areMicrosofts(AzureCloud cloud, URI authority, String audience, String scope) {
        assertThat(cloud.authorityHost()).isEqualTo(authority);
        assertThat(cloud.audience()).isEqualTo(audience);
        assertThat(cloud.scope()).isEqualTo(scope);
    }
}
