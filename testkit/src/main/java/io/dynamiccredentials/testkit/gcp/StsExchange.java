package io.dynamiccredentials.testkit.gcp;

import io.dynamiccredentials.gcp.ProviderDecision.Accepted;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.ReceivedToken;
import io.dynamiccredentials.testkit.gcp.GoogleGrants.Grant;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** STS: trades an identity token for a federated access token. */
final class StsExchange {
    private static final long MAX_SECONDS = 3600;

    /** By so much Google's answers fall short of the token's end. */
    private static final long SHORTFALL_SECONDS = 2;

    private final Clock clock;
    private final GoogleProviders providers;
    private final GoogleTokenCheck check;
    private final GoogleGrants grants;

    StsExchange(Clock clock, GoogleProviders providers, GoogleTokenCheck check, GoogleGrants grants) {
        this.clock = clock;
        this.providers = providers;
        this.check = check;
        this.grants = grants;
    }

    FakeAnswer exchange(StsRequest request, Duration longest) throws GoogleRefusal {
        String name = request.provider();
        WorkloadIdentityProvider provider = providers.find(name);
        if (provider.isDisabled()) {
            throw GoogleProviders.invalidTarget();
        }
        ReceivedToken token = GoogleTokenCheck.parse(request.subjectToken());
        Instant now = clock.instant();
        Accepted accepted = check.check(provider, token, now);
        long left = (long) Math.floor(token.claims().path("exp").doubleValue()) - now.getEpochSecond();
        if (left < SHORTFALL_SECONDS) {
            // As measured: no credentials come of a token that ends now, though the leeway would still let it in.
            throw GoogleRefusal.api(500, "INTERNAL", "Internal error encountered.");
        }
        long seconds = Math.min(Math.min(left, MAX_SECONDS) - SHORTFALL_SECONDS, longest.toSeconds());
        HandedOut handedOut = new HandedOut(
                name,
                accepted.principal(),
                token.claims().path("sub").asText(),
                token.claims().path("jti").asText(),
                now.plusSeconds(seconds));
        return answer(grants.add("ya29.d.", new Grant(handedOut, accepted.members(), true)), seconds);
    }

    private static FakeAnswer answer(String accessToken, long seconds) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("access_token", accessToken);
        body.put("issued_token_type", StsRequest.ACCESS_TOKEN_TYPE);
        body.put("token_type", "Bearer");
        if (seconds > 0) {
            body.put("expires_in", seconds);
        }
        return FakeAnswer.json(200, body);
    }
}
