package io.dynamiccredentials.token;

import static io.dynamiccredentials.jwk.SigningAlgorithm.EDDSA;
import static io.dynamiccredentials.jwk.SigningAlgorithm.RS256;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each rule of each platform, at both sides of its boundary. */
class RelyingPartyRulesTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final TokenDraft GOOD = new TokenDraft(RS256, "s", "a", HOUR, Map.of());

    @ParameterizedTest
    @CsvSource({
        "AWS,RS256,true", "AWS,ES256,true", "AWS,EDDSA,false",
        "GOOGLE,RS256,true", "GOOGLE,ES256,true", "GOOGLE,EDDSA,false",
        "ENTRA,RS256,true", "ENTRA,ES256,false", "ENTRA,EDDSA,false",
        "VAULT,RS256,true", "VAULT,ES256,true", "VAULT,EDDSA,true",
        "LOWEST_COMMON,RS256,true", "LOWEST_COMMON,ES256,false", "LOWEST_COMMON,EDDSA,false"
    })
    void algorithm_ofKeyAndToken(Party party, SigningAlgorithm algorithm, boolean kept) {
        JwkSet keys = new JwkSet(List.of(SomeKeys.of(algorithm).publicJwk()));
        TokenDraft token = new TokenDraft(algorithm, "s", "a", HOUR, Map.of());

        assertKept(party.rules().brokenBy(keys), kept, "algorithm");
        assertKept(party.rules().brokenBy(token), kept, "algorithm");
    }

    @ParameterizedTest
    @EnumSource(Party.class)
    void algorithm_thatIsOnlyVerified_breaksTheRulesOfAll(Party party) {
        Set<SigningAlgorithm> others = EnumSet.complementOf(EnumSet.copyOf(SigningAlgorithm.forIssuing()));

        assertThat(others).hasSize(7);
        for (SigningAlgorithm algorithm : others) {
            assertKept(party.rules().brokenBy(new TokenDraft(algorithm, "s", "a", HOUR, Map.of())), false, "algorithm");
        }
    }

    @ParameterizedTest
    @EnumSource(Party.class)
    void algorithm_besideAnAllowedOne_isARetiredKeyAndKept(Party party) {
        JwkSet keys = new JwkSet(
                List.of(SomeKeys.of(EDDSA).publicJwk(), SomeKeys.of(RS256).publicJwk()));

        assertThat(party.rules().brokenBy(keys)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"AWS,24", "GOOGLE,24", "ENTRA,24", "VAULT,24", "LOWEST_COMMON,1"})
    void lifetime_limit(Party party, int hours) {
        Duration limit = Duration.ofHours(hours);
        Duration beyond = limit.plusSeconds(1);

        assertThat(party.rules().brokenBy(ISSUER, limit)).isEmpty();
        assertThat(party.rules().brokenBy(new TokenDraft(RS256, "s", "a", limit, Map.of())))
                .isEmpty();
        assertKept(party.rules().brokenBy(ISSUER, beyond), false, "lifetime");
        assertKept(party.rules().brokenBy(new TokenDraft(RS256, "s", "a", beyond, Map.of())), false, "lifetime");
    }

    @ParameterizedTest
    @CsvSource({"AWS,255", "GOOGLE,", "ENTRA,600", "VAULT,", "LOWEST_COMMON,255"})
    void issuerLength_limit(Party party, Integer limit) {
        int longest = limit == null ? 5000 : limit;

        assertThat(party.rules().brokenBy(issuerOf(longest), HOUR)).isEmpty();
        assertKept(party.rules().brokenBy(issuerOf(longest + 1), HOUR), limit == null, "issuer length");
    }

    @ParameterizedTest
    @CsvSource({"AWS,false", "GOOGLE,true", "ENTRA,true", "VAULT,true", "LOWEST_COMMON,false"})
    void issuerPort_isAllowedOrNot(Party party, boolean allowed) {
        assertKept(party.rules().brokenBy(IssuerUrl.of("https://ci.example:8443"), HOUR), allowed, "issuer port");
        assertThat(party.rules().brokenBy(IssuerUrl.of("https://ci.example/tenant"), HOUR))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Party.class)
    void issuer_onLoopback_isExemptFromItsFormAlone(Party party) {
        IssuerUrl loopback = IssuerUrl.loopback("http://127.0.0.1:8080/" + "x".repeat(700));

        assertThat(party.rules().brokenBy(loopback, HOUR)).isEmpty();
        assertKept(party.rules().brokenBy(loopback, Duration.ofHours(25)), false, "lifetime");
    }

    @ParameterizedTest
    @CsvSource({"AWS,255", "GOOGLE,256", "ENTRA,600", "VAULT,", "LOWEST_COMMON,255"})
    void audienceLength_limit(Party party, Integer limit) {
        int longest = limit == null ? 5000 : limit;

        assertThat(party.rules().brokenBy(audience("a".repeat(longest)))).isEmpty();
        assertKept(party.rules().brokenBy(audience("a".repeat(longest + 1))), limit == null, "audience length");
    }

    @ParameterizedTest
    @EnumSource(Party.class)
    void audienceForm_isPrintableAsciiExceptForVault(Party party) {
        for (String odd : List.of("ä", " a", "a ", "a\nb", "a\u0000")) {
            assertKept(party.rules().brokenBy(audience(odd)), party == Party.VAULT, "audience form");
        }
        for (String good : List.of("a", "a b", "//iam.googleapis.com/x", "api://AzureADTokenExchange")) {
            assertThat(party.rules().brokenBy(audience(good))).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"AWS,255", "GOOGLE,127", "ENTRA,255", "VAULT,255", "LOWEST_COMMON,127"})
    void subjectLength_limitInBytes(Party party, int limit) {
        assertThat(party.rules().brokenBy(subject("s".repeat(limit)))).isEmpty();
        assertKept(party.rules().brokenBy(subject("s".repeat(limit + 1))), false, "subject length");
        assertThat(party.rules().brokenBy(subject("é".repeat(limit / 2)))).isEmpty();
        assertKept(party.rules().brokenBy(subject("é".repeat(limit / 2 + 1))), false, "subject length");
    }

    @ParameterizedTest
    @CsvSource({"AWS,100", "GOOGLE,", "ENTRA,100", "VAULT,", "LOWEST_COMMON,100"})
    void keys_ofOneAlgorithm_limit(Party party, Integer limit) {
        int most = limit == null ? 150 : limit;

        assertThat(party.rules().brokenBy(new JwkSet(SomeKeys.rsa(most)))).isEmpty();
        assertKept(party.rules().brokenBy(new JwkSet(SomeKeys.rsa(most + 1))), limit == null, "keys");
    }

    @ParameterizedTest
    @CsvSource({"AWS,true", "GOOGLE,true", "ENTRA,false", "VAULT,true", "LOWEST_COMMON,false"})
    void keys_ofTwoAlgorithms_areCountedApartByAwsAlone(Party party, boolean kept) {
        List<PublicJwk> keys = new ArrayList<>(SomeKeys.rsa(61));
        keys.addAll(SomeKeys.ec(40));

        assertKept(party.rules().brokenBy(new JwkSet(keys)), kept, "keys");
        assertThat(party.rules().brokenBy(new JwkSet(keys.subList(1, 101)))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"AWS,16384", "GOOGLE,16384", "ENTRA,16384", "VAULT,16384", "LOWEST_COMMON,8192"})
    void tokenLength_limit(Party party, int limit) {
        assertThat(party.rules().brokenBy(limit)).isEmpty();
        assertKept(party.rules().brokenBy(limit + 1), false, "token length");
    }

    @ParameterizedTest
    @CsvSource({"AWS,false", "GOOGLE,true", "ENTRA,true", "VAULT,true", "LOWEST_COMMON,false"})
    void sessionTags_areJudgedForAwsAlone(Party party, boolean kept) {
        Map<String, Object> bad = Map.of("https://aws.amazon.com/tags/principal_tags/aws:x", "y");
        Map<String, Object> badSource = Map.of("https://aws.amazon.com/source_identity", "x");

        assertKept(party.rules().brokenBy(new TokenDraft(RS256, "s", "a", HOUR, bad)), kept, "session tags");
        assertKept(party.rules().brokenBy(new TokenDraft(RS256, "s", "a", HOUR, badSource)), kept, "source identity");
    }

    @ParameterizedTest
    @EnumSource(Party.class)
    void brokenBy_goodToken_isNothing(Party party) {
        assertThat(party.rules().brokenBy(GOOD)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Party.class)
    void lowestCommon_atItsLimits_isGoodForEachPlatform(Party party) {
        TokenDraft draft = new TokenDraft(RS256, "s".repeat(127), "a".repeat(255), HOUR, Map.of());
        IssuerUrl issuer = issuerOf(255);
        JwkSet keys = new JwkSet(SomeKeys.rsa(100));

        assertThat(party.rules().brokenBy(draft)).isEmpty();
        assertThat(party.rules().brokenBy(issuer, HOUR)).isEmpty();
        assertThat(party.rules().brokenBy(keys)).isEmpty();
        assertThat(party.rules().brokenBy(8192)).isEmpty();
    }

    @Test
    void message_namesPartyRuleLimitValueAndRemedy() {
        assertThat(RelyingPartyRules.google()
                        .brokenBy(subject("s".repeat(128)))
                        .get(0)
                        .message())
                .isEqualTo("Google Cloud has the rule \"subject length\": at most 127 bytes are allowed; it was 128."
                        + " Shorten the names of which the subject is made, or name the platforms that the tokens are for"
                        + " with relyingParties(…) or relyingParty(audience, …)");
        assertThat(RelyingPartyRules.entra()).hasToString("RelyingPartyRules[Entra]");
    }

    private static void assertKept(List<BrokenRule> broken, boolean kept, String rule) {
        if (kept) {
            assertThat(broken).isEmpty();
        } else {
            assertThat(broken).extracting(BrokenRule::rule).containsExactly(rule);
        }
    }

    private static IssuerUrl issuerOf(int characters) {
        String start = "https://ci.example/";
        return IssuerUrl.of(start + "x".repeat(characters - start.length()));
    }

    private static TokenDraft audience(String audience) {
        return new TokenDraft(RS256, "s", audience, HOUR, Map.of());
    }

    private static TokenDraft subject(String subject) {
        return new TokenDraft(RS256, subject, "a", HOUR, Map.of());
    }

    enum Party {
        AWS,
        GOOGLE,
        ENTRA,
        VAULT,
        LOWEST_COMMON;

        RelyingPartyRules rules() {
            return switch (this) {
                case AWS -> RelyingPartyRules.aws();
                case GOOGLE -> RelyingPartyRules.google();
                case ENTRA -> RelyingPartyRules.entra();
                case VAULT -> RelyingPartyRules.vault();
                case LOWEST_COMMON -> RelyingPartyRules.lowestCommon();
            };
        }
    }
}
