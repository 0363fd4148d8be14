package io.dynamiccredentials.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VaultTokenParametersTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void build_ttlAboveMaxTtl_isRefused() {
        VaultTokenParameters.Builder tokens =
                VaultTokenParameters.builder().ttl(MINUTE.plusSeconds(1)).maxTtl(MINUTE);
        assertThatThrownBy(tokens::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'token_ttl' cannot be greater than 'token_max_ttl'");
    }

    @Test
    void build_ttlAtMaxTtl_isTaken() {
        VaultTokenParameters tokens =
                VaultTokenParameters.builder().ttl(MINUTE).maxTtl(MINUTE).build();
        assertThat(tokens.ttl()).isEqualTo(tokens.maxTtl());
    }

    @Test
    void build_ttlWithoutMaxTtl_isTaken() {
        assertThat(VaultTokenParameters.builder().ttl(MINUTE).build().maxTtl()).isZero();
    }

    @Test
    void build_batchWithPeriod_isRefused() {
        assertThatThrownBy(VaultTokenParameters.builder().batch().period(MINUTE)::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("periodic tokens");
    }

    @Test
    void build_batchWithNumUses_isRefused() {
        assertThatThrownBy(VaultTokenParameters.builder().batch().numUses(1)::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("limited use count");
    }

    @Test
    void numUses_negative_isRefused() {
        assertThatThrownBy(() -> VaultTokenParameters.builder().numUses(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'token_num_uses' cannot be negative; it was -1");
    }

    @Test
    void durations_negative_areRefused() {
        Duration negative = Duration.ofSeconds(-1);
        VaultTokenParameters.Builder tokens = VaultTokenParameters.builder();
        assertThatThrownBy(() -> tokens.ttl(negative)).hasMessageContaining("'token_ttl' cannot be negative");
        assertThatThrownBy(() -> tokens.maxTtl(negative)).hasMessageContaining("'token_max_ttl' cannot be negative");
        assertThatThrownBy(() -> tokens.explicitMaxTtl(negative)).hasMessageContaining("'token_explicit_max_ttl'");
        assertThatThrownBy(() -> tokens.period(negative)).hasMessageContaining("'token_period' cannot be negative");
    }

    @Test
    void ttl_partOfASecond_isRefused() {
        assertThatThrownBy(() -> VaultTokenParameters.builder().ttl(Duration.ofMillis(1500)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("whole seconds");
    }

    @Test
    void policies_blank_isRefused() {
        assertThatThrownBy(() -> VaultTokenParameters.builder().policies("a", " "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one was blank");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/8",
                "10.0.0.0/33",
                "10.0.0/8",
                "10.0.0.256",
                "::1/129",
                "localhost",
                "10.0.0.0/",
                "10.0.0.0/-1"
            })
    void boundCidrs_malformed_isRefused(String cidr) {
        assertThatThrownBy(() -> VaultTokenParameters.builder().boundCidrs(cidr))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("A CIDR must be")
                .hasMessageContaining("\"" + cidr + "\"");
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.0.0.0/9, 10.127.0.1, true",
        "10.0.0.0/9, 10.128.0.1, false",
        "10.0.0.7, 10.0.0.7, true",
        "10.0.0.7, 10.0.0.6, false",
        "10.0.0.6/31, 10.0.0.7, true",
        "10.0.0.7/32, 10.0.0.7, true",
        "10.0.0.7/32, 10.0.0.6, false",
        "::1/128, ::1, true",
        "0.0.0.0/0, 192.0.2.1, true",
        "0.0.0.0/0, ::1, false",
        "2001:db8::/32, 2001:db8:1::1, true",
        "2001:db8::/32, 2001:db9::1, false",
        "0.0.0.0/0, localhost, false",
    })
    void permitsAddress_inOrOutOfTheBlock(String cidr, String address, boolean permitted) {
        VaultTokenParameters tokens =
                VaultTokenParameters.builder().boundCidrs("203.0.113.1", cidr).build();
        assertThat(tokens.permitsAddress(address)).isEqualTo(permitted);
    }

    @Test
    void build_everything_isAsItWasSaid() {
        VaultTokenParameters tokens = VaultTokenParameters.builder()
                .policies("a", "b")
                .explicitMaxTtl(MINUTE)
                .period(MINUTE.plusSeconds(1))
                .numUses(2)
                .noDefaultPolicy()
                .build();
        assertThat(tokens.policies()).containsExactly("a", "b");
        assertThat(tokens.explicitMaxTtl()).isEqualTo(MINUTE);
        assertThat(tokens.period()).hasSeconds(61);
        assertThat(tokens.numUses()).isEqualTo(2);
        assertThat(tokens.hasDefaultPolicy()).isFalse();
        assertThat(tokens.isBatch()).isFalse();
        VaultTokenParameters batch =
                VaultTokenParameters.builder().batch().numUses(0).build();
        assertThat(batch.isBatch()).isTrue();
        assertThat(batch.hasDefaultPolicy()).isTrue();
        assertThat(batch.numUses()).isZero();
    }

    @Test
    void permitsAddress_nothingBound_permitsAny() {
        assertThat(VaultTokenParameters.builder().build().permitsAddress("192.0.2.1"))
                .isTrue();
    }
}
