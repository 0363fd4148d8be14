package io.dynamiccredentials.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformAddressTest {

    @ParameterizedTest
    @ValueSource(strings = {"https://sts.example", "https://sts.example:8443", "http://127.0.0.1:1", "http://[::1]:1"})
    void requireBare_encryptedOrLoopback_isAccepted(String address) {
        assertThat(PlatformAddress.requireBare("address", URI.create(address), "x"))
                .hasToString(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://sts.example",
                "http://127.0.0.2",
                "http://localhost.example",
                "https://sts.example/",
                "https://sts.example?a",
                "https://sts.example#a",
                "https://user@sts.example",
                "https:sts.example",
                "sts.example",
                "ftp://127.0.0.1"
            })
    void requireBare_anythingElse_isRefused(String address) {
        assertThatThrownBy(() -> PlatformAddress.requireBare("address", URI.create(address), "https://good.example"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + address + "\"")
                .hasMessageContaining("https://good.example");
    }
}
