package io.dynamiccredentials.vault;

import static io.dynamiccredentials.jwk.SigningAlgorithm.ES256;
import static io.dynamiccredentials.jwk.SigningAlgorithm.RS256;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.vault.VaultJwtMethod.Decision.Admitted;
import io.dynamiccredentials.vault.VaultJwtMethod.Decision.Refused;
import io.dynamiccredentials.vault.VaultJwtRole.Leeways;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VaultJwtMethodTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example");
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);
    private static final VaultJwtMethod METHOD = VaultJwtMethod.trusting(ISSUER);
    private static final Leeways NONE =
            new Leeways(Duration.ofSeconds(-1), Duration.ofSeconds(-1), Duration.ofSeconds(-1));
    private static final String GOOD = "\"iss\":\"https://ci.example\",\"sub\":\"job:1\",\"aud\":\"vault\"";
    private static final String TIMES = "\"iat\":1700000000,\"nbf\":1700000000,\"exp\":1700000300";

    @Test
    void decide_goodToken_isAdmitted() {
        VaultJwtRole role = VaultJwtRole.builder("CI", "sub")
                .boundAudiences(Set.of("other", "vault"))
                .boundSubject("job:1")
                .claimMapping("/git/ref", "ref")
                .claimMapping("absent", "nothing")
                .groupsClaim("teams")
                .build();
        VaultJwtMethod.Decision decision =
                decide(role, GOOD + "," + TIMES + ",\"git\":{\"ref\":\"main\"},\"teams\":[\"a\",\"\",\"b\"]");
        assertThat(decision).isEqualTo(new Admitted("job:1", Map.of("role", "ci", "ref", "main"), List.of("a", "b")));
    }

    @ParameterizedTest
    @CsvSource({"SUB, sub", "\u017fub, sub", "Aud, aud", "eXp, exp", "iSS, iss", "JTI, jti", "IAT, iat", "nBf, nbf"})
    void decide_claimThatFoldsToARegisteredOne_isRefused(String key, String name) {
        Refused refused = refused(role(), GOOD + "," + TIMES + ",\"" + key + "\":\"x\"");
        assertThat(refused.text()).startsWith("error validating token: ambiguous claim: key \"");
        assertThat(refused.text()).endsWith("collides with registered claim \"" + name + "\" under case folding");
        assertThat(refused.claim()).isEqualTo(name);
    }

    @Test
    void decide_algorithmThatIsNotSupported_isRefused() {
        VaultJwtMethod method =
                VaultJwtMethod.discovering(ISSUER).algorithms(Set.of(RS256)).build();
        VaultJwtMethod.Decision decision =
                method.decide(role(), ES256, StrictJson.parseObject("{" + GOOD + "," + TIMES + "}"), NOW);
        assertThat(decision)
                .isEqualTo(new Refused(
                        "error validating token: invalid algorithm (alg) header parameter: token signed with "
                                + "unexpected algorithm",
                        "alg",
                        "one of [RS256]",
                        "ES256"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "iss|7|json: cannot unmarshal number into Go struct field Claims.iss of type string",
                "sub|true|json: cannot unmarshal bool into Go struct field Claims.sub of type string",
                "jti|[]|json: cannot unmarshal array into Go struct field Claims.jti of type string",
                "sub|{}|json: cannot unmarshal object into Go struct field Claims.sub of type string",
                "aud|null|go-jose/go-jose/jwt: expected string or array value to unmarshal to Audience",
                "aud|[1]|go-jose/go-jose/jwt: expected string or array value to unmarshal to Audience",
                "exp|\"1\"|go-jose/go-jose/jwt: expected number value to unmarshal NumericDate",
                "iat|true|go-jose/go-jose/jwt: expected number value to unmarshal NumericDate",
                "nbf|[]|go-jose/go-jose/jwt: expected number value to unmarshal NumericDate",
            })
    void decide_registeredClaimOfTheWrongType_isRefused(String name, String value, String text) {
        Refused refused = refused(role(), "\"" + name + "\":" + value);
        assertThat(refused.text()).isEqualTo("error validating token: " + text);
        assertThat(refused.claim()).isEqualTo(name);
    }

    @Test
    void decide_nullsOfRegisteredClaims_countAsAbsent() {
        Refused refused = refused(role(), "\"iss\":null,\"aud\":\"vault\",\"exp\":null");
        assertThat(refused.text()).isEqualTo("error validating token: invalid issuer (iss) claim");
    }

    @Test
    void decide_otherIssuer_isRefusedByTheMethodThatBindsOne() {
        String claims = "\"iss\":\"https://evil.example\",\"aud\":\"vault\",\"sub\":\"job:1\"," + TIMES;
        assertThat(refused(role(), claims))
                .isEqualTo(new Refused(
                        "error validating token: invalid issuer (iss) claim",
                        "iss",
                        "https://ci.example",
                        "\"https://evil.example\""));
        VaultJwtMethod.Decision unbound = VaultJwtMethod.discovering(ISSUER)
                .build()
                .decide(role(), RS256, StrictJson.parseObject("{" + claims + "}"), NOW);
        assertThat(unbound).isInstanceOf(Admitted.class);
    }

    @Test
    void decide_otherSubject_isRefused() {
        VaultJwtRole role =
                VaultJwtRole.builder("ci", "sub").boundSubject("job:*").build();
        Refused refused = refused(role, "\"iss\":\"https://ci.example\",\"sub\":\"job:1\"," + TIMES);
        assertThat(refused.text()).isEqualTo("error validating token: invalid subject (sub) claim");
        assertThat(refused.expected()).isEqualTo("job:*");
        assertThat(refused.actual()).isEqualTo("\"job:1\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"other\"", "[\"other\",\"Vault\"]", "[]", "\"\""})
    void decide_otherAudience_isRefused(String audience) {
        Refused refused =
                refused(role(), "\"iss\":\"https://ci.example\",\"sub\":\"s\",\"aud\":" + audience + "," + TIMES);
        assertThat(refused.text())
                .isEqualTo("error validating token: invalid audience (aud) claim: audience claim does not match any "
                        + "expected audience");
        assertThat(refused.expected()).isEqualTo("vault");
    }

    @Test
    void decide_oneOfSeveralAudiences_isAdmitted() {
        String claims = "\"iss\":\"https://ci.example\",\"sub\":\"s\",\"aud\":[\"other\",\"vault\"]," + TIMES;
        assertThat(decide(role(), claims)).isInstanceOf(Admitted.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"exp\":0,\"iat\":0.5,\"nbf\":null"})
    void decide_noTimes_isRefused(String times) {
        assertThat(refused(role(), GOOD + times).text())
                .isEqualTo("error validating token: no issued at (iat), not before (nbf), or expiration time (exp) "
                        + "claims in token");
    }

    @ParameterizedTest
    @CsvSource({
        // now is ...000
        "iat, 1700000060, ''",
        "iat, 1700000061, nbf", // which it also stands for
        "nbf, 1700000060, ''",
        "nbf, 1700000061, nbf",
        "exp, 1699999940, ''",
        "exp, 1699999939, exp",
        "iat, 1699999790, ''", // exp is 150 s later
        "iat, 1699999789, exp",
        "nbf, 1699999790, ''",
        "nbf, 1699999789, exp",
        "exp, 1700000210, ''", // nbf is 150 s earlier
        "exp, 1700000211, nbf",
    })
    void decide_oneTimeOnly_isBoundedByTheLeeways(String name, long value, String refusedFor) {
        assertTimes("\"" + name + "\":" + value, Leeways.DEFAULT, NOW, refusedFor);
    }

    @ParameterizedTest
    @CsvSource({
        "1700000000, 1700000000, 1700000000, ''",
        "1700000000, 1700000001, 1700000009, nbf",
        "1700000000, 1700000000, 1699999999, exp",
        "1700000001, 1700000000, 1700000009, iat",
        "1700000001, 1700000001, 1699999999, nbf",
    })
    void decide_noLeeway_isExact(long iat, long nbf, long exp, String refusedFor) {
        String times = "\"iat\":" + iat + ",\"nbf\":" + nbf + ",\"exp\":" + exp;
        assertTimes(times, NONE, NOW, refusedFor);
    }

    @Test
    void decide_partOfASecondAfterTheEnd_isRefused() {
        assertTimes("\"iat\":1700000000,\"exp\":1700000000", NONE, NOW.plusMillis(1), "exp");
    }

    @ParameterizedTest
    @CsvSource({"iat, 1700000000, exp", "nbf, 1700000000, exp", "exp, 1700000001, nbf"})
    void decide_noLeewayForMadeUpTimes(String name, long value, String refusedFor) {
        assertTimes("\"" + name + "\":" + value, NONE, NOW.plusMillis(500), refusedFor);
        assertTimes("\"" + name + "\":1700000000", NONE, NOW, "");
    }

    @Test
    void decide_leewaysOfTheRole_count() {
        Leeways leeways = new Leeways(Duration.ofSeconds(20), Duration.ofSeconds(30), Duration.ofSeconds(10));
        assertTimes("\"iat\":1699999970", leeways, NOW, "");
        assertTimes("\"iat\":1699999969", leeways, NOW, "exp");
        assertTimes("\"exp\":1700000040", leeways, NOW, "");
        assertTimes("\"exp\":1700000041", leeways, NOW, "nbf");
        assertTimes("\"iat\":1700000010,\"exp\":1700000300", leeways, NOW, "");
        assertTimes("\"iat\":1700000011,\"nbf\":1,\"exp\":1700000300", leeways, NOW, "iat");
    }

    @Test
    void decide_madeUpEnd_countsFromTheLaterOfTheTwo() {
        assertTimes("\"iat\":1699999000,\"nbf\":1699999990", Leeways.DEFAULT, NOW, "");
        assertTimes("\"nbf\":1699999000,\"iat\":1699999990", Leeways.DEFAULT, NOW, "");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"exp\":1e300", "\"exp\":253402300800", "\"nbf\":1e300,\"exp\":1700000300", "\"iat\":-1e300"})
    void decide_timeThatNoClockHas_isRefused(String times) {
        assertTimes(times, Leeways.DEFAULT, NOW, "exp");
    }

    @Test
    void decide_lastRepresentableEnd_isAdmitted() {
        assertTimes("\"nbf\":1,\"exp\":253402300799", Leeways.DEFAULT, NOW, "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "VAULT|\"aud\":\"x\"|true",
                "VAULT|\"aud\":[\"x\"]|true",
                "VAULT|\"aud\":\"\"|false",
                "VAULT|\"aud\":[]|false",
                "OPENBAO|\"aud\":\"x\"|false",
                "OPENBAO|\"aud\":[\"x\"]|true",
            })
    void decide_audienceThatNobodyBound(VaultJwtMethod.Edition edition, String audience, boolean isRefused) {
        VaultJwtRole role = VaultJwtRole.builder("ci", "sub").boundSubject("s").build();
        String claims = "{\"iss\":\"https://ci.example\",\"sub\":\"s\"," + audience + "," + TIMES + "}";
        VaultJwtMethod.Decision decision = METHOD.in(edition).decide(role, RS256, StrictJson.parseObject(claims), NOW);
        if (isRefused) {
            assertThat(((Refused) decision).text())
                    .isEqualTo("audience claim found in JWT but no audiences bound to the role");
        } else {
            assertThat(decision).isInstanceOf(Admitted.class);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "uid|claim \"uid\" not found in token",
                "nothing|claim \"nothing\" not found in token",
                "number|claim \"number\" could not be converted to string",
                "/deep/name|claim \"/deep/name\" not found in token",
            })
    void decide_userClaimThatIsNoText_isRefused(String userClaim, String text) {
        VaultJwtRole role = VaultJwtRole.builder("ci", userClaim)
                .boundAudiences(Set.of("vault"))
                .build();
        Refused refused =
                refused(role, GOOD + "," + TIMES + ",\"number\":7,\"nothing\":null,\"deep\":{\"name\":\"x\"}");
        assertThat(refused.text()).isEqualTo(text);
        assertThat(refused.claim()).isEqualTo(userClaim);
    }

    @ParameterizedTest
    @CsvSource({"/deep/name, x", "/deep/list/1, b", "/a~1b, slash", "sub, job:1"})
    void decide_userClaimAsPointer(String pointer, String alias) {
        VaultJwtRole role = VaultJwtRole.builder("ci", pointer)
                .userClaimIsPointer()
                .boundAudiences(Set.of("vault"))
                .build();
        VaultJwtMethod.Decision decision = decide(
                role, GOOD + "," + TIMES + ",\"a/b\":\"slash\",\"deep\":{\"name\":\"x\",\"list\":[\"a\",\"b\"]}");
        assertThat(((Admitted) decision).alias()).isEqualTo(alias);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/deep/list/2", "/deep/list/-1", "/deep/list/01", "/deep/list/a", "/deep/name/x", "/"})
    void decide_pointerToNothing_isRefused(String pointer) {
        VaultJwtRole role = VaultJwtRole.builder("ci", pointer)
                .userClaimIsPointer()
                .boundAudiences(Set.of("vault"))
                .build();
        assertThat(refused(role, GOOD + "," + TIMES + ",\"deep\":{\"name\":\"x\",\"list\":[\"a\",\"b\"]}")
                        .text())
                .endsWith(" not found in token");
    }

    @Test
    void decide_mappedClaimThatIsNoText_isRefused() {
        VaultJwtRole role = VaultJwtRole.builder("ci", "sub")
                .boundAudiences(Set.of("vault"))
                .claimMapping("run", "run_id")
                .build();
        assertThat(refused(role, GOOD + "," + TIMES + ",\"run\":7"))
                .isEqualTo(new Refused("error converting claim 'run' to string", "run", "a text", "7"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"x\":1|failed to fetch groups: \"teams\" claim not found in token",
                "\"teams\":{}|\"teams\" claim could not be converted to string list",
                "\"teams\":[\"a\",1]|value 1 in groups claim could not be parsed as string",
                "\"teams\":true|value true in groups claim could not be parsed as string",
            })
    void decide_groupsThatAreNoTexts_areRefused(String teams, String text) {
        assertThat(refused(withGroups(), GOOD + "," + TIMES + "," + teams).text())
                .isEqualTo(text);
    }

    @Test
    void decide_oneGroupAsText_isAdmitted() {
        VaultJwtMethod.Decision decision = decide(withGroups(), GOOD + "," + TIMES + ",\"teams\":\"a\"");
        assertThat(((Admitted) decision).groups()).containsExactly("a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"x\"|\"x\"|true",
                "\"x\"|\"X\"|false",
                "\"x*\"|\"xy\"|false",
                "[\"a\",\"x\"]|\"x\"|true",
                "\"x\"|[\"a\",\"x\"]|true",
                "\"x\"|[\"a\"]|false",
                "[\"x\"]|[]|false",
                "[]|\"x\"|false",
                "7|7|true",
                "7|7.9|true",
                "7|8|false",
                "7.9|7.9|false",
                "7|[7]|false",
                "\"7\"|7|false",
                "7|\"7\"|false",
                "true|true|true",
                "true|false|false",
                "true|[true]|true",
                "true|\"true\"|false",
            })
    void decide_boundClaim_isOneOfTheValues(String bound, String claim, boolean admitted) {
        VaultJwtRole role = VaultJwtRole.builder("ci", "sub")
                .boundAudiences(Set.of("vault"))
                .boundClaim(
                        "/c", StrictJson.parseObject("{\"v\":" + bound + "}").path("v"))
                .build();
        VaultJwtMethod.Decision decision = decide(role, GOOD + "," + TIMES + ",\"c\":" + claim);
        if (admitted) {
            assertThat(decision).isInstanceOf(Admitted.class);
        } else {
            assertThat(((Refused) decision).text())
                    .isEqualTo(
                            "error validating claims: claim \"/c\" does not match any associated bound claim values");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "a:*, a:b, true",
        "a:*, a:, true",
        "a:*, b:a:, false",
        "*:a, b:a, true",
        "*:a, :ab, false",
        "a*c*e, abcde, true",
        "a*c*e, abde, false",
        "a*a, a, false",
        "a**b, ab, true",
        "a?, ab, false",
        "a?, a?, true",
        "a*b*, ab, true",
        "*x*y*, y-x, false",
        "*a*, ab, true",
        "*ab*b, ab, false",
        "ab, ab, true",
        "ab, abc, false",
    })
    void decide_boundGlob(String bound, String claim, boolean admitted) {
        VaultJwtRole role = VaultJwtRole.builder("ci", "sub")
                .boundAudiences(Set.of("vault"))
                .globs()
                .boundClaim("c", bound)
                .build();
        assertThat(decide(role, GOOD + "," + TIMES + ",\"c\":\"" + claim + "\"") instanceof Admitted)
                .isEqualTo(admitted);
    }

    @Test
    void decide_globAndClaimThatIsNoText_isRefused() {
        VaultJwtRole role = VaultJwtRole.builder("ci", "sub")
                .boundAudiences(Set.of("vault"))
                .globs()
                .boundClaim("c", "*")
                .build();
        assertThat(refused(role, GOOD + "," + TIMES + ",\"c\":7").actual()).isEqualTo("7");
        assertThat(refused(role, GOOD + "," + TIMES).text())
                .isEqualTo("error validating claims: claim \"c\" is missing");
    }

    @Test
    void decide_everyBoundClaimCounts() {
        VaultJwtRole role = VaultJwtRole.builder("ci", "sub")
                .boundAudiences(Set.of("vault"))
                .boundClaim("a", "1")
                .boundClaim("b", "2")
                .build();
        assertThat(decide(role, GOOD + "," + TIMES + ",\"a\":\"1\",\"b\":\"2\""))
                .isInstanceOf(Admitted.class);
        assertThat(refused(role, GOOD + "," + TIMES + ",\"a\":\"1\",\"b\":\"1\"")
                        .claim())
                .isEqualTo("b");
        assertThat(refused(role, GOOD + "," + TIMES + ",\"a\":\"2\",\"b\":\"2\"")
                        .claim())
                .isEqualTo("a");
    }

    @Test
    void decide_boundClaimThatIsAnObject_isRefused() {
        VaultJwtRole role = VaultJwtRole.builder("ci", "sub")
                .boundAudiences(Set.of("vault"))
                .boundClaim("c", "x")
                .boundClaim("d", JsonNodeFactory.instance.objectNode())
                .build();
        assertThat(refused(role, GOOD + "," + TIMES + ",\"c\":{\"a\":1}").text())
                .startsWith("error validating claims: received claim is not a string, bool, int or list: ");
        assertThat(refused(role, GOOD + "," + TIMES + ",\"c\":\"x\",\"d\":1").text())
                .isEqualTo("error validating claims: bound claim is not a string, bool, int or list: {}");
    }

    @Test
    void toJson_ofEachSource() {
        assertThat(METHOD.toJson())
                .isEqualTo("{\"oidc_discovery_url\":\"https://ci.example\",\"bound_issuer\":\"https://ci.example\"}");
        assertThat(VaultJwtMethod.fetching(URI.create("https://ci.example/keys"))
                        .algorithms(Set.of(RS256, ES256))
                        .defaultRole("CI")
                        .build()
                        .toJson())
                .isEqualTo("{\"jwks_url\":\"https://ci.example/keys\",\"jwt_supported_algs\":[\"ES256\",\"RS256\"],"
                        + "\"default_role\":\"ci\"}");
    }

    @Test
    void in_otherEdition_keepsTheRest() throws NoSuchAlgorithmException {
        PublicKey key = KeyPairGenerator.getInstance("EC").generateKeyPair().getPublic();
        for (VaultJwtMethod.Builder builder : List.of(
                VaultJwtMethod.discovering(ISSUER),
                VaultJwtMethod.fetching(URI.create("https://ci.example/keys")),
                VaultJwtMethod.withKeys(List.of(key)))) {
            VaultJwtMethod method = builder.boundIssuer("https://ci.example")
                    .defaultRole("ci")
                    .algorithms(Set.of(RS256))
                    .build();
            VaultJwtMethod other = method.in(VaultJwtMethod.Edition.OPENBAO);
            assertThat(other.toJson()).isEqualTo(method.toJson());
            assertThat(other.validationKeys()).isEqualTo(method.validationKeys());
        }
        assertThat(VaultJwtMethod.withKeys(List.of(key)).build().validationKeys())
                .containsExactly(key);
    }

    @Test
    void toJson_ofKeys() throws NoSuchAlgorithmException {
        PublicKey key = KeyPairGenerator.getInstance("EC").generateKeyPair().getPublic();
        assertThat(VaultJwtMethod.withKeys(List.of(key)).build().toJson())
                .startsWith("{\"jwt_validation_pubkeys\":[\"-----BEGIN PUBLIC KEY-----\\nM")
                .endsWith("\\n-----END PUBLIC KEY-----\\n\"]}");
    }

    @Test
    void withKeys_none_isRefused() {
        assertThatThrownBy(() -> VaultJwtMethod.withKeys(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("exactly one of");
    }

    @Test
    void withKeys_keyThatVaultCantRead_isRefused() throws NoSuchAlgorithmException {
        PublicKey key =
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();
        assertThatThrownBy(() -> VaultJwtMethod.withKeys(List.of(key)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("error parsing public key");
    }

    @Test
    void algorithms_none_isRefused() {
        assertThatThrownBy(() -> VaultJwtMethod.discovering(ISSUER).algorithms(Set.<SigningAlgorithm>of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Name the algorithms");
    }

    private static void assertTimes(String times, Leeways leeways, Instant now, String refusedFor) {
        VaultJwtRole role = VaultJwtRole.builder("ci", "sub")
                .boundAudiences(Set.of("vault"))
                .leeways(leeways)
                .build();
        VaultJwtMethod.Decision decision =
                METHOD.decide(role, RS256, StrictJson.parseObject("{" + GOOD + "," + times + "}"), now);
        assertThat(decision instanceof Refused refused ? refused.claim() : "").isEqualTo(refusedFor);
    }

    private static VaultJwtRole role() {
        return VaultJwtRole.builder("ci", "sub").boundAudiences(Set.of("vault")).build();
    }

    private static VaultJwtRole withGroups() {
        return VaultJwtRole.builder("ci", "sub")
                .boundAudiences(Set.of("vault"))
                .groupsClaim("teams")
                .build();
    }

    private static VaultJwtMethod.Decision decide(VaultJwtRole role, String claims) {
        return METHOD.decide(role, RS256, StrictJson.parseObject("{" + claims + "}"), NOW);
    }

    private static Refused refused(VaultJwtRole role, String claims) {
        VaultJwtMethod.Decision decision = decide(role, claims);
        assertThat(decision).isInstanceOf(Refused.class);
        return (Refused) decision;
    }
}
