package io.dynamiccredentials.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicAddressTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "10.255.255.255",
                "100.64.0.0",
                "100.127.255.255",
                "127.0.0.1",
                "127.9.9.9",
                "169.254.169.254",
                "172.16.0.0",
                "172.31.255.255",
                "192.0.0.8",
                "192.0.2.1",
                "192.88.99.1",
                "192.168.0.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.7",
                "203.0.113.9",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:10.0.0.1",
                "::ffff:127.0.0.1",
                "::7f00:1",
                "fe80::1",
                "febf::1",
                "fec0::1",
                "fc00::1",
                "fdff::1",
                "ff02::1",
                "64:ff9b::a00:1",
                "64:ff9b:1::808:808",
                "100::1",
                "2001::1",
                "2001:1ff::1",
                "2001:db8::1",
                "2002:a00:1::1",
                "3fff::1",
                "3ffe::1",
                "168.63.129.16",
                "4000::1",
                "1fff::1"
            })
    void isPublic_specialAddress_isNot(String address) throws IOException {
        assertThat(PublicAddress.isPublic(InetAddress.getByName(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.1",
                "169.253.255.255",
                "169.255.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.1",
                "192.1.0.1",
                "192.88.98.1",
                "192.167.255.255",
                "192.169.0.0",
                "198.17.255.255",
                "198.20.0.0",
                "168.63.129.15",
                "168.63.128.16",
                "168.62.129.16",
                "198.51.99.1",
                "203.0.112.1",
                "203.1.113.1",
                "223.255.255.255",
                "::ffff:8.8.8.8",
                "2001:200::1",
                "2001:4860:4860::8888",
                "2003::1",
                "2a00:1450::1",
                "64:ff9b::808:808"
            })
    void isPublic_globalAddress_is(String address) throws IOException {
        assertThat(PublicAddress.isPublic(InetAddress.getByName(address))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://localhost/jwks",
                "https://127.0.0.1:8443",
                "https://[::1]/",
                "https://[::ffff:169.254.169.254]/",
                "https://2130706433/"
            })
    void require_addressInside_isRefused(String address) {
        URI uri = URI.create(address);
        assertThatThrownBy(() -> PublicAddress.require(uri))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is at an address inside a network, expected a public one");
    }

    @Test
    void require_hostThatNobodyKnows_isLeftToTheProxyThatTheTestsHave() {
        assertThatCode(() -> PublicAddress.require(URI.create("https://no-such-host.invalid/")))
                .doesNotThrowAnyException();
    }

    @Test
    void require_publicAddress_passes() {
        assertThatCode(() -> PublicAddress.require(URI.create("https://1.1.1.1/")))
                .doesNotThrowAnyException();
    }
}
