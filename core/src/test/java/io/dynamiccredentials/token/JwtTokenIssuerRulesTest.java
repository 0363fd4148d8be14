package io.dynamiccredentials.token;

import static io.dynamiccredentials.jwk.SigningAlgorithm.EDDSA;
import static io.dynamiccredentials.jwk.SigningAlgorithm.ES256;
import static io.dynamiccredentials.jwk.SigningAlgorithm.RS256;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenIssuanceException;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.workload.Claims;
import io.dynamiccredentials.workload.TerraformRun;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** When an issuer checks which rules, and what it says. */
class JwtTokenIssuerRulesTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example");
    private static final TerraformRun RUN =
            TerraformRun.builder("acme", "shop", "prod", "run-1").build();

    @Test
    void build_unsaid_keepsTheLowestCommon() {
        assertThat(issuer(RS256).lifetime(Duration.ofHours(1)).build().issue(RUN, "a"))
                .isNotNull();
        assertRefusedAtStart(issuer(ES256), "algorithm", "RS256; it was ES256", "relyingParties");
        assertRefusedAtStart(
                issuer(RS256).lifetime(Duration.ofMinutes(61)), "lifetime", "PT1H; it was PT1H1M", "Set a shorter");
    }

    @Test
    void build_portInIssuer_isRefusedUnlessAllowedOrOnLoopback() {
        SomeKeys keys = new SomeKeys().activate(RS256, List.of());
        IssuerUrl withPort = IssuerUrl.of("https://ci.example:8443");

        assertRefusedAtStart(
                JwtTokenIssuer.builder(withPort, keys), "issuer port", "https://ci.example:8443", "Serve it on port");
        assertThat(JwtTokenIssuer.builder(withPort, keys)
                        .relyingParties(RelyingPartyRules.google(), RelyingPartyRules.entra())
                        .build()
                        .issue(RUN, "a"))
                .isNotNull();
        assertThat(JwtTokenIssuer.builder(IssuerUrl.loopback("http://127.0.0.1:8080"), keys)
                        .build()
                        .issue(RUN, "a"))
                .isNotNull();
    }

    @Test
    void build_issuerThatEndsInASlash_isRefusedByAllRules() {
        SomeKeys keys = new SomeKeys().activate(RS256, List.of());

        assertRefusedAtStart(
                JwtTokenIssuer.builder(IssuerUrl.endingInSlash("https://ci.example/"), keys)
                        .relyingParties(RelyingPartyRules.vault()),
                "issuer slash",
                "https://ci.example/",
                "Leave the slash out");
    }

    @Test
    void build_severalRulesBroken_namesAll() {
        assertThatThrownBy(() -> issuer(EDDSA)
                        .lifetime(Duration.ofHours(2))
                        .relyingParties(RelyingPartyRules.aws(), RelyingPartyRules.lowestCommon())
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("AWS has the rule \"algorithm\"")
                .hasMessageContaining("the lowest common relying party has the rule \"algorithm\"")
                .hasMessageContaining("\"lifetime\"");
    }

    @Test
    void build_tooManyKeys_isRefused() {
        SomeKeys keys = new SomeKeys().activate(RS256, SomeKeys.rsa(99));
        assertThat(JwtTokenIssuer.builder(ISSUER, keys).build().issue(RUN, "a")).isNotNull();

        keys.activate(RS256, SomeKeys.rsa(100));
        assertRefusedAtStart(JwtTokenIssuer.builder(ISSUER, keys), "keys", "at most 100", "101", "Rotate less");
    }

    @Test
    void build_rulesOfOneAudience_areCheckedToo() {
        assertRefusedAtStart(
                issuer(ES256)
                        .relyingParties(RelyingPartyRules.aws())
                        .relyingParty("api://AzureADTokenExchange", RelyingPartyRules.entra()),
                "Entra has the rule \"algorithm\"",
                "RS256; it was ES256");
    }

    @Test
    void issue_keysLoadedAfterTheStart_areChecked() {
        SomeKeys keys = new SomeKeys();
        JwtTokenIssuer issuer = JwtTokenIssuer.builder(ISSUER, keys).build();

        keys.activate(EDDSA, List.of());
        assertRefused(() -> issuer.issue(RUN, "a"), "algorithm", "RS256; it was EdDSA");
        keys.activate(RS256, SomeKeys.rsa(100));
        assertRefused(() -> issuer.issue(RUN, "a"), "\"keys\"", "101");
        keys.activate(RS256, List.of());
        assertThat(issuer.issue(RUN, "a")).isNotNull();
    }

    @Test
    void issue_anotherAlgorithmBecomesActive_isRefused() {
        SomeKeys keys =
                new SomeKeys().activate(RS256, List.of(SomeKeys.of(ES256).publicJwk()));
        JwtTokenIssuer issuer = JwtTokenIssuer.builder(ISSUER, keys).build();
        assertThat(issuer.issue(RUN, "a")).isNotNull();

        keys.activate(ES256, List.of(SomeKeys.of(RS256).publicJwk()));
        assertRefused(() -> issuer.issue(RUN, "a"), "algorithm", "RS256; it was ES256");
    }

    @ParameterizedTest
    @MethodSource("io.dynamiccredentials.jwk.SigningAlgorithm#forIssuing")
    void issue_vault_takesAllAlgorithms(SigningAlgorithm algorithm) {
        JwtTokenIssuer issuer = issuer(algorithm)
                .relyingParties(RelyingPartyRules.vault())
                .lifetime(Duration.ofHours(24))
                .build();

        assertThat(issuer.issue(RUN, "vault.workload.identity")).isNotNull();
    }

    @Test
    void issue_longSubject_isRefusedForGoogleAndNotForOthers() {
        TerraformRun run =
                TerraformRun.builder("acme", "shop", "w".repeat(90), "run-1").build();
        JwtTokenIssuer issuer = issuer(RS256)
                .relyingParties(RelyingPartyRules.aws(), RelyingPartyRules.entra())
                .relyingParty("google", RelyingPartyRules.google())
                .build();

        assertThat(run.subject()).hasSize(146);
        assertThat(issuer.issue(run, "aws.workload.identity")).isNotNull();
        assertRefused(
                () -> issuer.issue(run, "google"), "Google Cloud", "subject length", "127 bytes", "146", "Shorten");
        assertRefused(() -> issuer(RS256).build().issue(run, "a"), "lowest common", "127 bytes", "146");
    }

    @Test
    void issue_rulesOfAnAudience_replaceThoseOfAll() {
        String audience = "a".repeat(300);
        JwtTokenIssuer issuer =
                issuer(RS256).relyingParty(audience, RelyingPartyRules.vault()).build();

        assertThat(issuer.issue(RUN, audience)).isNotNull();
        assertRefused(() -> issuer.issue(RUN, "b".repeat(300)), "audience length", "255", "300");
    }

    @Test
    void issue_tokenLongerThanAllowed_isRefused() {
        JwtTokenIssuer issuer = issuer(RS256).build();

        assertThat(issuer.issue(padded(3500), "a").compact().reveal()).hasSizeLessThanOrEqualTo(8192);
        assertRefused(() -> issuer.issue(padded(7500), "a"), "token length", "8192", "fewer or shorter claims");
        assertThat(issuer(RS256)
                        .relyingParties(RelyingPartyRules.vault())
                        .build()
                        .issue(padded(7500), "a"))
                .isNotNull();
    }

    @Test
    void issue_badSessionTag_isRefusedBeforeTheKeySigns() {
        TerraformRun run = TerraformRun.builder("acme", "shop", "prod", "run-1")
                .claims(Claims.builder()
                        .text("https://aws.amazon.com/tags/principal_tags/aws:x", "y")
                        .build())
                .build();

        assertRefused(() -> issuer(RS256).build().issue(run, "a"), "session tags", "aws:x", "Change that claim");
    }

    @Test
    void issue_refusal_quotesTheAudienceCutAndEscaped() {
        JwtTokenIssuer issuer = issuer(RS256).build();

        assertThatThrownBy(() -> issuer.issue(RUN, "a\u001b[2J " + "x ".repeat(500)))
                .isInstanceOf(TokenIssuanceException.class)
                .satisfies(
                        e -> assertThat(e.getMessage()).doesNotContain("\u001b").hasSizeLessThan(900));
    }

    @Test
    void relyingParty_blankOrTwice_isRefused() {
        JwtTokenIssuer.Builder builder = issuer(RS256).relyingParty("a", RelyingPartyRules.aws());

        assertThatThrownBy(() -> builder.relyingParty("a", RelyingPartyRules.vault()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("RelyingPartyRules[Vault]")
                .hasMessageContaining("has RelyingPartyRules[AWS]");
        assertThatThrownBy(() -> builder.relyingParty(" ", RelyingPartyRules.vault()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("blank");
    }

    private static TerraformRun padded(int characters) {
        return TerraformRun.builder("acme", "shop", "prod", "run-1")
                .claims(Claims.builder()
                        .text("one", "x".repeat(characters / 2))
                        .text("two", "x".repeat(characters / 2))
                        .build())
                .build();
    }

    private static JwtTokenIssuer.Builder issuer(SigningAlgorithm algorithm) {
        return JwtTokenIssuer.builder(ISSUER, new SomeKeys().activate(algorithm, List.of()));
    }

    private static void assertRefusedAtStart(JwtTokenIssuer.Builder builder, String... pieces) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(pieces);
    }

    private static void assertRefused(ThrowingCallable call, String... pieces) {
        assertThatThrownBy(call).isInstanceOf(TokenIssuanceException.class).hasMessageContainingAll(pieces);
    }
}
