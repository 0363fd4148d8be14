package io.dynamiccredentials.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.verify.JwtTokenVerifier;
import io.dynamiccredentials.verify.KeySource;
import io.dynamiccredentials.verify.TrustedIssuer;
import io.dynamiccredentials.verify.VerifiedToken;
import io.dynamiccredentials.workload.TerraformRun;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FederatedIdentityCredentialTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example");
    private static final String AUDIENCE = "api://AzureADTokenExchange";
    private static final VerifiedToken TOKEN = verifiedToken();

    @Test
    void permits_sameParts_permitsEach() {
        FederatedIdentityCredential credential = credential(Samples.SUBJECT, AUDIENCE);

        assertThat(credential.permitsIssuer(TOKEN)).isTrue();
        assertThat(credential.permitsSubject(TOKEN)).isTrue();
        assertThat(credential.permitsAudience(TOKEN)).isTrue();
    }

    @Test
    void permits_oneOtherPart_tellsWhich() {
        assertThat(new FederatedIdentityCredential(
                                "ci-1", IssuerUrl.of("https://ci.example/x"), Samples.SUBJECT, AUDIENCE)
                        .permitsIssuer(TOKEN))
                .isFalse();
        assertThat(credential("organization:acme:project:bank", AUDIENCE).permitsSubject(TOKEN))
                .isFalse();
        assertThat(credential(Samples.SUBJECT, "api://other").permitsAudience(TOKEN))
                .isFalse();
    }

    @Test
    void permits_otherLetterCase_isRefused() {
        assertThat(credential(Samples.SUBJECT.replace("acme", "Acme"), AUDIENCE).permitsSubject(TOKEN))
                .isFalse();
        assertThat(credential(Samples.SUBJECT, "api://azureadtokenexchange").permitsAudience(TOKEN))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "repo:*", "repo:?", " repo:x", "repo:x "})
    void new_badSubject_isRefused(String subject) {
        assertThatThrownBy(() -> credential(subject, AUDIENCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("subject")
                .hasMessageContaining("\"" + subject + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "api://x "})
    void new_badAudience_isRefused(String audience) {
        assertThatThrownBy(() -> credential("s", audience))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("audience");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ab", "-abc", "a b c", "a.b.c"})
    void new_badName_isRefused(String name) {
        assertThatThrownBy(() -> new FederatedIdentityCredential(name, ISSUER, "s", AUDIENCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("name")
                .hasMessageContaining("\"" + name + "\"");
    }

    @Test
    void new_lengthsAtTheLimit_areTakenAndOneMoreIsRefused() {
        assertThatCode(() -> new FederatedIdentityCredential("n".repeat(120), ISSUER, "s".repeat(600), "a".repeat(600)))
                .doesNotThrowAnyException();
        assertThatCode(() -> new FederatedIdentityCredential("abc", ISSUER, "s", "a"))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> new FederatedIdentityCredential("n".repeat(121), ISSUER, "s", "a"))
                .hasMessageContaining("3 to 120");
        assertThatThrownBy(() -> credential("s".repeat(601), "a")).hasMessageContaining("1 to 600");
        assertThatThrownBy(() -> credential("s", "a".repeat(601))).hasMessageContaining("1 to 600");
        assertThatThrownBy(() -> new FederatedIdentityCredential(
                        "abc", IssuerUrl.of("https://ci.example/" + "x".repeat(600)), "s", "a"))
                .hasMessageContaining("issuer");
    }

    private static FederatedIdentityCredential credential(String subject, String audience) {
        return new FederatedIdentityCredential("ci-1", ISSUER, subject, audience);
    }

    private static VerifiedToken verifiedToken() {
        SigningKey key = SigningKey.generate(SigningAlgorithm.RS256);
        String compact = JwtTokenIssuer.builder(ISSUER, SigningKeys.of(key))
                .build()
                .issue(TerraformRun.builder("acme", "shop", "prod", "run-1").build(), AUDIENCE)
                .compact()
                .reveal();
        KeySource keys = keyId -> Optional.of(key.publicJwk());
        return JwtTokenVerifier.builder(
                        new TrustedIssuer(ISSUER, Set.of(AUDIENCE), Set.of(SigningAlgorithm.RS256), keys))
                .build()
                .verify(compact);
    }
}
