package io.dynamiccredentials.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RotationPolicyTest {
    /** The least lead of the defaults: 24 h in caches, 6 h without the store, twice 1 h 5 min for clocks. */
    private static final Duration LEAST_LEAD = Duration.ofHours(32).plusMinutes(10);

    @Test
    void standard_figures_areAsDocumented() {
        RotationPolicy policy = RotationPolicy.standard();

        assertThat(policy.period()).isEqualTo(Duration.ofDays(30));
        assertThat(policy.publishLead()).isEqualTo(LEAST_LEAD);
        assertThat(policy.retention()).isEqualTo(Duration.ofHours(2).plusMinutes(15));
        assertThat(policy.maxTokenLifetime()).isEqualTo(Duration.ofHours(1));
        assertThat(policy.maxVerifierCache()).isEqualTo(Duration.ofHours(24));
        assertThat(policy.maxStaleness()).isEqualTo(Duration.ofHours(6));
        assertThat(policy).asString().contains("period=PT720H", "publishLead=PT32H10M");
    }

    @Test
    void build_publishLeadJustLongEnough_isTaken() {
        assertThat(RotationPolicy.builder().publishLead(LEAST_LEAD).build().publishLead())
                .isEqualTo(LEAST_LEAD);
    }

    @Test
    void build_publishLeadTooShort_isRefusedByNameAndFigure() {
        RotationPolicy.Builder builder = RotationPolicy.builder().publishLead(LEAST_LEAD.minusSeconds(1));

        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("publishLead must be at least maxVerifierCache + maxStaleness")
                .hasMessageContaining("PT32H10M")
                .hasMessageContaining("it was PT32H9M59S");
    }

    @Test
    void build_periodShorterThanTheLead_isRefusedByBothNames() {
        assertThatCode(RotationPolicy.builder().period(LEAST_LEAD)::build).doesNotThrowAnyException();
        assertThatThrownBy(RotationPolicy.builder().period(LEAST_LEAD.minusSeconds(1))::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("period must be at least publishLead, PT32H10M")
                .hasMessageContaining("it was PT32H9M59S");
    }

    @Test
    void build_moreThanEightKeysAtOnce_isRefused() {
        // Retired keys live for 24 h + 4 min + 2 h of signing reserve and 2 h 5 min of retention.
        RotationPolicy.Builder builder = RotationPolicy.builder()
                .maxVerifierCache(Duration.ZERO)
                .maxStaleness(Duration.ofMinutes(4))
                .clockSkew(Duration.ZERO)
                .maxTokenLifetime(Duration.ofHours(24));

        assertThatThrownBy(builder.period(Duration.ofHours(4))::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("period PT4H and maxTokenLifetime PT24H up to 10 keys would be published")
                .hasMessageContaining("Google Cloud takes 8");
        assertThatCode(builder.period(Duration.ofHours(5))::build).doesNotThrowAnyException();
    }

    @Test
    void build_nineKeysAtOnce_isRefusedAndASecondMoreIsEight() {
        // A sixth of the 28 h 9 min for which retired keys live: six of them, and three that are not retired.
        Duration sixth = Duration.ofHours(4).plusMinutes(41).plusSeconds(30);
        RotationPolicy.Builder builder = RotationPolicy.builder()
                .maxVerifierCache(Duration.ZERO)
                .maxStaleness(Duration.ofMinutes(4))
                .clockSkew(Duration.ZERO)
                .maxTokenLifetime(Duration.ofHours(24));

        assertThatThrownBy(builder.period(sixth)::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("period PT4H41M30S and maxTokenLifetime PT24H up to 9 keys would be published")
                .hasMessageContaining("Google Cloud takes 8. Set a longer period");
        assertThat(builder.period(sixth.plusSeconds(1)).build().period()).isEqualTo(sixth.plusSeconds(1));
    }

    @Test
    void maxAge_ofTheDefaults_isAnHour() {
        assertThat(RotationPolicy.standard().maxAge()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void maxAge_ofAShortLead_isAQuarterOfIt() {
        RotationPolicy policy = RotationPolicy.builder()
                .maxVerifierCache(Duration.ofMinutes(50))
                .maxStaleness(Duration.ofMinutes(4))
                .build();

        assertThat(policy.maxAge()).isEqualTo(policy.publishLead().dividedBy(4));
    }

    @Test
    void maxAge_ofVerifiersThatKeepLittle_isNotLonger() {
        RotationPolicy policy =
                RotationPolicy.builder().maxVerifierCache(Duration.ofMinutes(5)).build();

        assertThat(policy.maxAge()).isEqualTo(Duration.ofMinutes(5));
    }

    static Stream<Arguments> outOfRange() {
        RotationPolicy.Builder builder = RotationPolicy.builder();
        return Stream.of(
                range("period", builder::period, Duration.ofMinutes(1), Duration.ofDays(400)),
                range("publishLead", builder::publishLead, Duration.ofMinutes(1), Duration.ofDays(400)),
                range("maxTokenLifetime", builder::maxTokenLifetime, Duration.ofMinutes(1), Duration.ofHours(24)),
                range("maxVerifierCache", builder::maxVerifierCache, Duration.ZERO, Duration.ofDays(30)),
                range("maxStaleness", builder::maxStaleness, Duration.ofMinutes(4), Duration.ofDays(7)),
                range("clockSkew", builder::clockSkew, Duration.ZERO, Duration.ofHours(1)));
    }

    @ParameterizedTest
    @MethodSource("outOfRange")
    void setting_outOfItsRange_isRefusedByName(String name, Consumer<Duration> setting, Duration least, Duration most) {
        setting.accept(least);
        setting.accept(most);
        for (Duration wrong : new Duration[] {least.minusSeconds(1), most.plusSeconds(1)}) {
            assertThatThrownBy(() -> setting.accept(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(name + " must be " + least + " to " + most + "; it was " + wrong);
        }
    }

    private static Arguments range(String name, Consumer<Duration> setting, Duration least, Duration most) {
        return Arguments.of(name, setting, least, most);
    }
}
