package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.verify.Opinion.Said;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Asks two other libraries about each token: what our verifier accepts, they accept and read alike.
 *
 * <p>They may accept more; that is what the attack table is about.
 */
@Tag("slow")
class DifferentialTest {
    private static final Opinion OURS = Opinion.ours();
    private static final Opinion JOSE4J = Opinion.jose4j();
    private static final Opinion NIMBUS = Opinion.nimbus();

    @Test
    void verify_goodTokens_areAcceptedByAll() {
        Counts counts = compare(times(200, new TokenMutations(1)::good));

        assertThat(counts).isEqualTo(new Counts(200, 200, 200));
    }

    @Test
    void verify_attackTable_acceptsNothingThatAnotherRefuses() {
        Counts counts = compare(AttackTableTest.rows().stream()
                .filter(row -> !row.name().contains("million"))
                .map(row -> row.token().get()));

        assertThat(counts.ours()).isGreaterThanOrEqualTo(18);
        assertThat(counts.jose4j()).isGreaterThan(counts.ours());
        assertThat(counts.nimbus()).isGreaterThan(counts.ours());
    }

    @Test
    void verify_otherClaims_acceptsNothingThatAnotherRefuses() {
        assertAccepted(compare(times(1500, new TokenMutations(2)::withOtherClaims)), 300);
    }

    @Test
    void verify_otherHeaders_acceptsNothingThatAnotherRefuses() {
        assertAccepted(compare(times(800, new TokenMutations(3)::withOtherHeader)), 30);
    }

    @Test
    void verify_otherSpellings_acceptsNothingThatAnotherRefuses() {
        Counts counts = compare(times(600, new TokenMutations(4)::withOtherSpelling));

        assertThat(counts.ours()).isLessThan(counts.jose4j()).isLessThan(counts.nimbus());
    }

    @Test
    void verify_otherCharacters_acceptsNothingThatAnotherRefuses() {
        Counts counts = compare(times(600, new TokenMutations(5)::withOtherCharacter));

        assertThat(counts.ours()).isZero();
        assertThat(counts.jose4j()).isPositive();
    }

    @Test
    void verify_otherSignatures_acceptsNothing() {
        assertThat(compare(times(500, new TokenMutations(6)::withOtherSignature))
                        .ours())
                .isZero();
    }

    /** How many tokens each library accepted. */
    private record Counts(long ours, long jose4j, long nimbus) {}

    private static void assertAccepted(Counts counts, long atLeast) {
        assertThat(counts.ours()).isGreaterThanOrEqualTo(atLeast);
        assertThat(counts.jose4j()).isGreaterThanOrEqualTo(counts.ours());
        assertThat(counts.nimbus()).isGreaterThanOrEqualTo(counts.ours());
    }

    private static Counts compare(Stream<String> tokens) {
        List<String> disagreements = new ArrayList<>();
        AtomicLong ours = new AtomicLong();
        AtomicLong jose4j = new AtomicLong();
        AtomicLong nimbus = new AtomicLong();
        tokens.forEach(token -> {
            Optional<Said> accepted = counted(OURS, token, ours);
            Optional<Said> byJose4j = counted(JOSE4J, token, jose4j);
            Optional<Said> byNimbus = counted(NIMBUS, token, nimbus);
            if (accepted.isPresent() && !(accepted.equals(byJose4j) && accepted.equals(byNimbus))) {
                disagreements.add(
                        Jws.header(token) + Jws.claims(token) + " jose4j: " + byJose4j + ", Nimbus: " + byNimbus);
            }
        });
        assertThat(disagreements).isEmpty();
        return new Counts(ours.get(), jose4j.get(), nimbus.get());
    }

    private static Optional<Said> counted(Opinion opinion, String token, AtomicLong accepted) {
        Optional<Said> said = opinion.of(token);
        said.ifPresent(any -> accepted.incrementAndGet());
        return said;
    }

    private static Stream<String> times(int count, Supplier<String> tokens) {
        return Stream.generate(tokens).limit(count);
    }
}
