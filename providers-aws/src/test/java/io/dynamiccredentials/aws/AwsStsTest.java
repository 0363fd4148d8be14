package io.dynamiccredentials.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.fixtures.LoopbackCertificate;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.net.URI;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.SdkHttpService;
import software.amazon.awssdk.http.async.SdkAsyncHttpService;

/** Runs on a machine whose own AWS variables would break or redirect every call; see the module's build file. */
class AwsStsTest {

    @Test
    void environment_ofTheseTests_isHostile() {
        assertThat(System.getenv())
                .containsEntry("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
                .containsEntry("AWS_USE_FIPS_ENDPOINT", "true")
                .containsEntry("AWS_PROFILE", "nobody");
    }

    @Test
    void classPath_ofTheseTests_hasNoHttpClientOfTheSdk() {
        assertThat(ServiceLoader.load(SdkHttpService.class)).isEmpty();
        assertThat(ServiceLoader.load(SdkAsyncHttpService.class)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "eu-central-1,aws,https://sts.eu-central-1.amazonaws.com",
        "us-east-1,aws,https://sts.us-east-1.amazonaws.com",
        "cn-north-1,aws-cn,https://sts.cn-north-1.amazonaws.com.cn",
        "us-gov-west-1,aws-us-gov,https://sts.us-gov-west-1.amazonaws.com",
        "us-iso-east-1,aws-iso,https://sts.us-iso-east-1.c2s.ic.gov",
        "us-isob-east-1,aws-iso-b,https://sts.us-isob-east-1.sc2s.sgov.gov",
        "eu-isoe-west-1,aws-iso-e,https://sts.eu-isoe-west-1.cloud.adc-e.uk",
        "us-isof-south-1,aws-iso-f,https://sts.us-isof-south-1.csp.hci.ic.gov",
        "eusc-de-east-1,aws-eusc,https://sts.eusc-de-east-1.amazonaws.eu"
    })
    void endpoint_notSet_isTheRegionsOwn(String region, String partition, URI endpoint) {
        AwsSts sts = AwsSts.builder(region).build();
        assertThat(sts.endpoint()).isEqualTo(endpoint);
        assertThat(sts.endpointOverridden()).isFalse();
        assertThat(sts.endpointOfSdk()).isEqualTo(endpoint);
        assertThat(sts.partition()).isEqualTo(partition);
        assertThat(AwsWebIdentityExchanger.builder("arn:" + partition + ":iam::123456789012:role/deploy", sts)
                        .build()
                        .roleArn())
                .startsWith("arn:" + partition + ":");
    }

    @Test
    void endpoint_set_winsOverTheEnvironment() {
        try (ScriptedServer server = ScriptedServer.http(Sts.success())) {
            AwsSts sts = Sts.at(server.address());

            Sts.exchanger(sts).exchange(Sts.token());

            assertThat(sts.endpoint()).isEqualTo(server.address());
            assertThat(sts.endpointOverridden()).isTrue();
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void http_ofAPrivateAuthority_isUsed() {
        try (ScriptedServer server = ScriptedServer.https(Sts.success())) {
            AwsSts sts = AwsSts.builder("eu-central-1")
                    .endpoint(server.address())
                    .http(BoundedHttpClient.builder()
                            .sslContext(LoopbackCertificate.shared().sslContext())
                            .build())
                    .build();

            assertThat(Sts.exchanger(sts).exchange(Sts.token()).assumedRoleArn())
                    .isEqualTo(Sts.ASSUMED);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://sts.example",
                "http://127.0.0.1.example",
                "https://sts.example/",
                "https://sts.example/path",
                "https://sts.example?x=y",
                "https://user@sts.example",
                "ftp://sts.example",
                "sts.example"
            })
    void endpoint_malformed_isRefused(URI endpoint) {
        AwsSts.Builder builder = AwsSts.builder("eu-central-1");

        assertThatThrownBy(() -> builder.endpoint(endpoint))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("https")
                .hasMessageContaining("it was \"" + endpoint + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "aws-global", "EU-CENTRAL-1", "eu-central-1.evil.example", "eu-central-1/x", "eu central 1"})
    void builder_badRegion_isRefused(String region) {
        assertThatThrownBy(() -> AwsSts.builder(region))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was \"" + region + "\"");
    }
}
