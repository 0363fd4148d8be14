package io.dynamiccredentials.testkit.gcp;

import static io.dynamiccredentials.jwk.SigningAlgorithm.ES256;
import static io.dynamiccredentials.jwk.SigningAlgorithm.RS256;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.testkit.TokenCheck;
import io.dynamiccredentials.verify.KeySource;
import io.dynamiccredentials.verify.TokenVerifier;
import io.dynamiccredentials.verify.TrustedIssuer;
import io.dynamiccredentials.verify.VerifiedToken;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Decides about identity tokens as one workload identity pool provider does, with its texts.
 *
 * <p>STS looks at issuer and audience before the signature, so that a token with several faults is refused for the
 * first of them. What it reads there is unverified and can only refuse; what accepts a token is the verifier.
 */
final class GoogleTokenCheck {
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

    private final WorkloadIdentityProvider provider;
    private final TokenVerifier verifier;

    GoogleTokenCheck(WorkloadIdentityProvider provider, KeySource keys, Clock clock) {
        this.provider = provider;
        TrustedIssuer issuer = new TrustedIssuer(provider.issuer(), provider.audiences(), Set.of(RS256, ES256), keys);
        this.verifier = TokenCheck.of(issuer, clock, CLOCK_SKEW);
    }

    /** Returns the token if the provider accepts it. */
    VerifiedToken check(String jwt) throws GoogleRefusal {
        JsonNode claims = TokenCheck.unverifiedClaims(jwt).orElseThrow(GoogleTokenCheck::malformed);
        String issuer = claims.path("iss").asText("null");
        if (!issuer.equals(provider.issuer().value())) {
            throw GoogleRefusal.invalidGrant("The issuer in ID Token " + issuer
                    + " does not match the expected one in config: " + provider.issuer());
        }
        List<String> audiences = audiences(claims.path("aud"));
        if (audiences.stream().noneMatch(provider.audiences()::contains)) {
            throw wrongAudience(audiences);
        }
        VerifiedToken token = verified(jwt, claims);
        if (!provider.permitsSubjectLength(token)) {
            throw GoogleRefusal.invalidRequest(
                    "The size of mapped attribute google.subject exceeds the 127 bytes limit. "
                            + "Either modify your attribute mapping or the incoming assertion to produce a mapped attribute that is "
                            + "less than 127 bytes.");
        }
        if (!provider.permitsSubject(token)) {
            throw conditionNotMet();
        }
        return token;
    }

    private VerifiedToken verified(String jwt, JsonNode claims) throws GoogleRefusal {
        try {
            return verifier.verify(jwt);
        } catch (TokenRejectedException e) {
            throw refusal(e, claims);
        }
    }

    private static GoogleRefusal refusal(TokenRejectedException e, JsonNode claims) {
        return switch (e.reason()) {
            case MALFORMED -> malformed();
            case WRONG_ISSUER, UNKNOWN_KEY, KEYS_UNAVAILABLE ->
                GoogleRefusal.invalidGrant("Error connecting to the given credential's issuer.");
            case WRONG_AUDIENCE -> wrongAudience(audiences(claims.path("aud")));
            case ALGORITHM_REFUSED, BAD_SIGNATURE ->
                GoogleRefusal.invalidGrant("Unable to verify the ID Token signature.");
            case EXPIRED, NOT_YET_VALID, ISSUED_IN_FUTURE, LIVES_TOO_LONG -> stale(claims);
            case TOO_OLD, CLAIM_MISMATCH, REPLAYED, REPLAY_UNKNOWN -> throw TokenCheck.ofNoFake(e);
            // Google calls a missing sub a condition that is not met, and a missing exp or iat a stale token.
            case MISSING_CLAIM -> e.claim().orElse("").equals("sub") ? conditionNotMet() : stale(claims);
        };
    }

    private static GoogleRefusal wrongAudience(List<String> audiences) {
        return GoogleRefusal.invalidGrant("The audience in ID Token [" + String.join(", ", audiences)
                + "] does not match the expected audience.");
    }

    private static GoogleRefusal conditionNotMet() {
        return new GoogleRefusal("unauthorized_client", "The given credential is rejected by the attribute condition.");
    }

    private static GoogleRefusal stale(JsonNode claims) {
        return GoogleRefusal.invalidGrant(
                "ID Token issued at " + claims.path("iat").asText("null") + " is stale to sign-in.");
    }

    // The text is ours: nobody has written down what Google says to this.
    private static GoogleRefusal malformed() {
        return GoogleRefusal.invalidGrant("The ID Token is no JSON Web Token.");
    }

    private static List<String> audiences(JsonNode aud) {
        List<String> audiences = new ArrayList<>();
        if (aud.isTextual()) {
            audiences.add(aud.textValue());
        }
        if (aud.isArray()) {
            aud.forEach(element -> audiences.add(element.asText()));
        }
        return audiences;
    }
}
