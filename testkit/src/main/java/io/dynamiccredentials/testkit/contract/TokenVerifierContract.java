package io.dynamiccredentials.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.testkit.BadTokens;
import io.dynamiccredentials.testkit.FakeTokenIssuer;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.verify.TokenVerifier;
import io.dynamiccredentials.verify.VerifiedToken;
import io.dynamiccredentials.workload.TerraformRun;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each {@link TokenVerifier} does: it accepts a good token, and refuses each bad one and says so in one way. */
public abstract class TokenVerifierContract {
    /** When the tests begin. */
    protected static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    /** Whom the verifier is. */
    protected static final String AUDIENCE = "https://relying-party.example";

    private static final TerraformRun RUN =
            TerraformRun.builder("acme", "shop", "prod", "run-1").build();
    private static final TerraformRun OTHER =
            TerraformRun.builder("acme", "bank", "prod", "run-1").build();
    private static final int THREADS = 8;

    /** The clock that issuer and verifier live by. */
    protected final SettableClock clock = SettableClock.at(NOW);

    private FakeTokenIssuer issuer;

    @BeforeEach
    final void makeIssuer() {
        issuer = FakeTokenIssuer.of(IssuerUrl.of("https://ci.example"), algorithm(), clock);
    }

    /**
     * Returns the verifier under test, which trusts {@code issuer} for {@link #AUDIENCE} and finds its
     * {@linkplain FakeTokenIssuer#keys() keys}, also after a rotation.
     */
    protected abstract TokenVerifier verifier(FakeTokenIssuer issuer, Clock clock) throws Exception;

    /** Returns the algorithm of good tokens. Unless overridden, ES256. */
    protected SigningAlgorithm algorithm() {
        return SigningAlgorithm.ES256;
    }

    @Test
    void verify_goodToken_returnsWhatItSays() throws Exception {
        IdentityToken token = issuer.issue(RUN, AUDIENCE);

        VerifiedToken verified = verify(token);

        assertThat(verified.issuer()).isEqualTo(token.issuer());
        assertThat(verified.subject()).isEqualTo(RUN.subject());
        assertThat(verified.audiences()).containsExactly(AUDIENCE);
        assertThat(verified.tokenId()).contains(token.tokenId());
        assertThat(verified.expiresAt()).isEqualTo(token.expiresAt());
        assertThat(verified.text("terraform_workspace_name")).contains("prod");
        assertThat(verified.toString()).doesNotContain(token.compact().reveal().split("\\.", -1)[2]);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void verify_badToken_isRefused(String fault) throws Exception {
        refusal(Objects.requireNonNull(bad(issuer).get(fault)).compact().reveal());
    }

    static Stream<String> faults() {
        FakeTokenIssuer any = FakeTokenIssuer.of(IssuerUrl.of("https://ci.example"), Clock.systemUTC());
        return bad(any).keySet().stream();
    }

    private static Map<String, IdentityToken> bad(FakeTokenIssuer issuer) {
        BadTokens bad = issuer.bad();
        Map<String, IdentityToken> tokens = new LinkedHashMap<>();
        tokens.put("for another audience", issuer.issue(RUN, "https://other.example"));
        tokens.put("expired", bad.expired(RUN, AUDIENCE));
        tokens.put("issued in the future", bad.issuedInFuture(RUN, AUDIENCE));
        tokens.put("of an unknown issuer", bad.fromUnknownIssuer(RUN, AUDIENCE));
        tokens.put("with a bad signature", bad.withBadSignature(RUN, AUDIENCE));
        tokens.put("with an unpublished key", bad.withUnpublishedKey(RUN, AUDIENCE));
        tokens.put("tampered", bad.tampered(RUN, OTHER, AUDIENCE));
        tokens.put("unsigned", bad.unsigned(RUN, AUDIENCE));
        for (String none : List.of("None", "NONE", "nOnE")) {
            tokens.put("unsigned, as " + none, bad.unsigned(RUN, AUDIENCE, none));
        }
        tokens.put("with the key of a stranger in it", bad.withEmbeddedKey(RUN, AUDIENCE));
        tokens.put("with a signature of zeros", bad.withZeroSignature(RUN, AUDIENCE));
        tokens.put("not yet valid", bad.notYetValid(RUN, AUDIENCE));
        tokens.put("of a similar issuer", bad.ofSimilarIssuer(RUN, AUDIENCE));
        tokens.put("with two subjects", bad.withClaimTwice(RUN, AUDIENCE, "sub", OTHER.subject()));
        tokens.put("signed with the public key", bad.signedWithPublicKey(RUN, AUDIENCE));
        for (String claim : List.of("iss", "sub", "aud", "exp")) {
            tokens.put("without " + claim, bad.withoutClaim(RUN, AUDIENCE, claim));
        }
        tokens.put("with an empty audience", bad.withClaim(RUN, AUDIENCE, "aud", List.of()));
        tokens.put("with an end that is no time", bad.withClaim(RUN, AUDIENCE, "exp", "never"));
        tokens.put("with an unknown critical header", bad.withHeader(RUN, AUDIENCE, "crit", List.of("x")));
        return tokens;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "..", "...", "a.b.c", "e30.e30.e30", "eyJhbGciOiJub25lIn0.e30.", "\u0000", "null", "{}"
            })
    void verify_noTokenAtAll_isRefused(String text) throws Exception {
        refusal(text);
    }

    @Test
    void verify_giant_isRefused() throws Exception {
        refusal("e".repeat(2_000_000));
        refusal(".".repeat(100_000));
        refusal(issuer.issue(RUN, AUDIENCE).compact().reveal() + "A".repeat(1_000_000));
    }

    @Test
    void verify_afterItsEnd_isRefusedSoon() throws Exception {
        IdentityToken token = issuer.issue(RUN, AUDIENCE);
        clock.moveTo(token.expiresAt().minusSeconds(1));
        assertThat(verify(token).subject()).isEqualTo(RUN.subject());

        clock.moveTo(token.expiresAt().plus(Duration.ofMinutes(5)).plusSeconds(1));

        refusal(token.compact().reveal());
    }

    @Test
    void verify_issuerRotates_acceptsBothUntilTheOldKeyIsWithdrawn() throws Exception {
        IdentityToken old = issuer.issue(RUN, AUDIENCE);
        issuer.rotate();
        IdentityToken fresh = issuer.issue(RUN, AUDIENCE);

        assertThat(verify(old).keyId()).isNotEqualTo(verify(fresh).keyId());

        issuer.withdrawOldKeys();
        assertThat(verify(fresh).subject()).isEqualTo(RUN.subject());
        refusal(old.compact().reveal());
    }

    @Test
    void verify_severalThreads_eachGetsItsOwnToken() throws Exception {
        TokenVerifier verifier = verifier(issuer, clock);

        List<Boolean> right = Parallel.run(THREADS, number -> {
            IdentityToken token = issuer.issue(RUN, AUDIENCE);
            return verifier.verify(token.compact().reveal()).tokenId().equals(Optional.of(token.tokenId()));
        });

        assertThat(right).hasSize(THREADS).containsOnly(true);
    }

    private VerifiedToken verify(IdentityToken token) throws Exception {
        return verifier(issuer, clock).verify(token.compact().reveal());
    }

    /** Checks that a text is refused in the one way that there is, and that the refusal does not repeat it. */
    private void refusal(String text) throws Exception {
        TokenVerifier verifier = verifier(issuer, clock);

        Throwable refusal = catchThrowable(() -> verifier.verify(text));

        assertThat(refusal).as("what refuses the token").isInstanceOf(TokenRejectedException.class);
        for (Throwable each = refusal; each != null; each = each.getCause()) {
            for (String part : text.split("\\.", -1)) {
                if (part.length() > 40) {
                    assertThat(String.valueOf(each.getMessage())).doesNotContain(part);
                }
            }
        }
    }
}
