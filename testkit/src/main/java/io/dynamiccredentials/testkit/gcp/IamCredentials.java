package io.dynamiccredentials.testkit.gcp;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.gcp.GoogleGrants.Grant;
import io.dynamiccredentials.wire.StrictJson;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** IAM Credentials: makes tokens of service accounts for those who may have them. */
final class IamCredentials {
    private static final Pattern DELEGATE = Pattern.compile("projects/-/serviceAccounts/([^/:]+)");
    private static final Pattern LIFETIME = Pattern.compile("(-?[0-9]{1,9})s");
    private static final String CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";
    private static final long DEFAULT_SECONDS = 3600;
    private static final long EXTENDED_SECONDS = 43_200;

    private final Clock clock;
    private final IamPolicies policies;
    private final GoogleGrants grants;
    private final GoogleIdTokens idTokens;

    IamCredentials(Clock clock, IamPolicies policies, GoogleGrants grants, GoogleIdTokens idTokens) {
        this.clock = clock;
        this.policies = policies;
        this.grants = grants;
        this.idTokens = idTokens;
    }

    /** Answers {@code :generateAccessToken} for an account by its address or unique id. */
    FakeAnswer accessToken(Grant caller, String account, String requestBody, Duration longest) throws GoogleRefusal {
        JsonNode body = json(requestBody);
        String email = permitted(caller, account, body, "getAccessToken");
        requireScopes(body.path("scope"));
        long seconds = Math.min(lifetime(body, email), longest.toSeconds());
        Instant end = clock.instant().plusSeconds(seconds);
        HandedOut bought = caller.token();
        HandedOut token = new HandedOut(email, email, bought.subject(), bought.tokenId(), end);
        String secret = grants.add("ya29.c.", new Grant(token, Set.of("serviceAccount:" + email), false));
        return FakeAnswer.json(200, Map.of("accessToken", secret, "expireTime", end.toString()));
    }

    /** Answers {@code :generateIdToken}. */
    FakeAnswer idToken(Grant caller, String account, String requestBody) throws GoogleRefusal {
        JsonNode body = json(requestBody);
        String email = permitted(caller, account, body, "getOpenIdToken");
        String audience = StrictJson.text(body, "audience")
                .orElseThrow(() -> GoogleRefusal.invalidArgument("Request contains an invalid argument: audience."));
        Instant now = clock.instant();
        Optional<String> shown =
                Optional.of(email).filter(address -> body.path("includeEmail").asBoolean());
        String token = idTokens.issue(email, audience, shown, now);
        HandedOut bought = caller.token();
        grants.add(new HandedOut(
                email, email, bought.subject(), bought.tokenId(), now.plusSeconds(GoogleIdTokens.LIFE_SECONDS)));
        return FakeAnswer.json(200, Map.of("token", token));
    }

    private static JsonNode json(String body) throws GoogleRefusal {
        try {
            return StrictJson.parseObject(body);
        } catch (IllegalArgumentException e) {
            throw GoogleRefusal.invalidArgument("Invalid JSON payload received.");
        }
    }

    /** Returns the address of the account, if the caller may have its tokens through the delegates. */
    private String permitted(Grant caller, String account, JsonNode body, String permission) throws GoogleRefusal {
        List<String> names = new ArrayList<>();
        for (JsonNode delegate : body.path("delegates")) {
            Matcher name = DELEGATE.matcher(delegate.asText());
            if (!name.matches()) {
                throw GoogleRefusal.invalidArgument("Request contains an invalid argument: delegates.");
            }
            names.add(name.group(1));
        }
        names.add(account);
        // An account that is not there is one that nobody has a role on, as Google's text says.
        List<String> chain =
                names.stream().map(name -> policies.find(name).orElse("")).toList();
        if (!policies.permit(caller.members(), chain)) {
            throw GoogleRefusal.api(
                    403,
                    "PERMISSION_DENIED",
                    "Permission 'iam.serviceAccounts." + permission + "' denied on resource (or it may not exist).");
        }
        return chain.get(chain.size() - 1);
    }

    private static void requireScopes(JsonNode scopes) throws GoogleRefusal {
        boolean good = scopes.isArray() && !scopes.isEmpty();
        for (JsonNode scope : scopes) {
            // As measured: the empty text silently becomes the scope of all of Google Cloud.
            String asked = scope.asText().isEmpty() ? CLOUD_PLATFORM : scope.asText();
            good = good && scope.isTextual() && Scopes.isGood(asked);
        }
        if (!good) {
            throw GoogleRefusal.invalidArgument("Request contains an invalid argument: scope.");
        }
    }

    private long lifetime(JsonNode body, String email) throws GoogleRefusal {
        Matcher lifetime = LIFETIME.matcher(body.path("lifetime").asText(DEFAULT_SECONDS + "s"));
        if (!lifetime.matches()) {
            throw GoogleRefusal.invalidArgument(
                    "Invalid value at 'lifetime' (type.googleapis.com/google.protobuf.Duration)");
        }
        long seconds = Long.parseLong(lifetime.group(1));
        if (seconds <= 0) {
            throw GoogleRefusal.invalidArgument("Lifetime of access token must be larger then zero.");
        }
        if (seconds > (policies.hasExtendedLifetime(email) ? EXTENDED_SECONDS : DEFAULT_SECONDS)) {
            throw GoogleRefusal.invalidArgument(
                    "Access tokens can not have lifetimes of more than 1 hour. Use the Org Policy Constraint "
                            + "constraints/iam.allowServiceAccountCredentialLifetimeExtension to allow up to 12 hours.");
        }
        return seconds;
    }
}
