package io.dynamiccredentials.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.testkit.ReceivedToken;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.workload.TerraformRun;
import io.dynamiccredentials.workload.Workload;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each {@link TokenIssuer} does. */
public abstract class TokenIssuerContract {
    /** When the tests begin. */
    protected static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static final String AUDIENCE = "https://relying-party.example";
    private static final int THREADS = 8;

    /** The clock that the issuer lives by. */
    protected final SettableClock clock = SettableClock.at(NOW);

    /** Returns the issuer under test: the same one, or one of the same name and keys, within a test. */
    protected abstract TokenIssuer issuer() throws Exception;

    /** Returns the {@code iss} of its tokens. */
    protected abstract String issuerName() throws Exception;

    /** Returns the keys that it publishes. */
    protected abstract JwkSet publishedKeys() throws Exception;

    private static Workload run(String workspace) {
        return TerraformRun.builder("acme", "shop", workspace, "run-1").build();
    }

    @Test
    void issue_anyWorkload_signsWithAPublishedKeyUnderItsId() throws Exception {
        ReceivedToken token = received(issuer().issue(run("prod"), AUDIENCE));

        assertThat(token.header().path("typ").textValue()).isEqualTo("JWT");
        assertThat(publishedKeys().find(token.keyId()))
                .as("the published key \"%s\"", token.keyId())
                .hasValueSatisfying(key -> {
                    assertThat(token.algorithm()).isEqualTo(key.algorithm().jwsName());
                    assertThat(token.isSignedBy(key)).isTrue();
                });
    }

    @Test
    void issue_anyWorkload_saysInTheTokenWhatItSaysOfTheToken() throws Exception {
        IdentityToken token = issuer().issue(run("prod"), AUDIENCE);

        JsonNode claims = received(token).claims();
        assertThat(claims.path("iss").textValue()).isEqualTo(issuerName()).isEqualTo(token.issuer());
        assertThat(claims.path("sub").textValue())
                .isEqualTo(run("prod").subject())
                .isEqualTo(token.subject());
        assertThat(claims.path("aud").textValue()).isEqualTo(AUDIENCE).isEqualTo(token.audience());
        assertThat(claims.path("jti").textValue()).isNotBlank().isEqualTo(token.tokenId());
        assertThat(claims.path("iat").isIntegralNumber()).isTrue();
        assertThat(claims.path("exp").isIntegralNumber()).isTrue();
        assertThat(Instant.ofEpochSecond(claims.path("iat").longValue())).isEqualTo(token.issuedAt());
        assertThat(Instant.ofEpochSecond(claims.path("exp").longValue())).isEqualTo(token.expiresAt());
    }

    @Test
    void issue_now_isValidNowAndEnds() throws Exception {
        IdentityToken token = issuer().issue(run("prod"), AUDIENCE);

        assertThat(token.issuedAt()).isBeforeOrEqualTo(NOW).isAfter(NOW.minus(Duration.ofMinutes(5)));
        assertThat(token.expiresAt()).isAfter(NOW).isBeforeOrEqualTo(NOW.plus(Duration.ofHours(24)));
        JsonNode notBefore = received(token).claims().path("nbf");
        if (!notBefore.isMissingNode()) {
            assertThat(Instant.ofEpochSecond(notBefore.longValue())).isBeforeOrEqualTo(NOW);
        }
    }

    @Test
    void issue_later_isIssuedLater() throws Exception {
        IdentityToken first = issuer().issue(run("prod"), AUDIENCE);
        clock.advance(Duration.ofMinutes(10));

        IdentityToken second = issuer().issue(run("prod"), AUDIENCE);

        assertThat(second.issuedAt()).isEqualTo(first.issuedAt().plus(Duration.ofMinutes(10)));
        assertThat(second.expiresAt()).isAfter(first.expiresAt());
    }

    @Test
    void issue_otherWorkloadOrAudience_isForThem() throws Exception {
        assertThat(received(issuer().issue(run("test"), "you"))
                        .claims()
                        .path("sub")
                        .textValue())
                .isEqualTo(run("test").subject())
                .isNotEqualTo(run("prod").subject());
        assertThat(received(issuer().issue(run("test"), "you"))
                        .claims()
                        .path("aud")
                        .textValue())
                .isEqualTo("you");
    }

    @Test
    void issue_furtherClaims_areInTheToken() throws Exception {
        Workload run = run("prod");
        JsonNode claims = received(issuer().issue(run, AUDIENCE)).claims();

        assertThat(run.claims().members()).isNotEmpty();
        run.claims()
                .members()
                .forEach((name, value) ->
                        assertThat(claims.path(name).asText()).as(name).isEqualTo(String.valueOf(value)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t\n"})
    void issue_blankAudience_isRefused(String audience) throws Exception {
        TokenIssuer issuer = issuer();

        assertThatThrownBy(() -> issuer.issue(run("prod"), audience)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void issue_severalThreads_eachTokenHasItsOwnId() throws Exception {
        TokenIssuer issuer = issuer();

        List<String> ids = Parallel.run(
                THREADS, number -> issuer.issue(run("w" + number), AUDIENCE).tokenId());

        assertThat(ids).hasSize(THREADS).doesNotHaveDuplicates();
    }

    @Test
    void toString_ofTheToken_showsNoPartOfIt() throws Exception {
        IdentityToken token = issuer().issue(run("prod"), AUDIENCE);
        String[] parts = token.compact().reveal().split("\\.", -1);

        assertThat(token.toString()).doesNotContain(parts[1]).doesNotContain(parts[2]);
    }

    private static ReceivedToken received(IdentityToken token) {
        return ReceivedToken.parse(token.compact().reveal())
                .orElseThrow(() -> new AssertionError("The token must be a signed JWT in compact form"));
    }
}
