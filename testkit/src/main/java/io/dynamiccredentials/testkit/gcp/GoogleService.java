package io.dynamiccredentials.testkit.gcp;

import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.FakeService;
import io.dynamiccredentials.testkit.gcp.GoogleGrants.Grant;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a fake Google Cloud serves: STS, IAM Credentials, and what resources and relying parties ask. */
final class GoogleService implements FakeService {
    private static final Pattern ACCOUNT =
            Pattern.compile("/v1/projects/-/serviceAccounts/([^/:]+):(generateAccessToken|generateIdToken)");
    private static final String TOKEN_INFO = "/oauth2/v3/tokeninfo";
    private static final String ACCESS_TOKEN_QUERY = TOKEN_INFO + "?access_token=";
    private static final String KEYS = "/oauth2/v3/certs";
    private static final Duration TWELVE_HOURS = Duration.ofHours(12);

    private final Clock clock;
    private final StsExchange sts;
    private final IamCredentials iam;
    private final GoogleGrants grants;
    private final GoogleIdTokens idTokens;
    private volatile Duration longest = TWELVE_HOURS;

    GoogleService(Clock clock, StsExchange sts, IamCredentials iam, GoogleGrants grants, GoogleIdTokens idTokens) {
        this.clock = clock;
        this.sts = sts;
        this.iam = iam;
        this.grants = grants;
        this.idTokens = idTokens;
    }

    void endAfter(Duration life) {
        longest = life;
    }

    @Override
    public String operation(FakeRequest request) {
        Matcher account = ACCOUNT.matcher(request.path());
        if (account.matches()) {
            return account.group(2);
        }
        return switch (request.path()) {
            case "/v1/token" -> "token";
            case "/whoami" -> "whoami";
            case TOKEN_INFO -> "tokeninfo";
            case KEYS -> "certs";
            default -> "unknown";
        };
    }

    @Override
    public FakeAnswer answer(FakeRequest request) {
        try {
            return request.method().equals("POST") ? post(request) : get(request);
        } catch (GoogleRefusal e) {
            return e.answer();
        }
    }

    /** Throttles as STS is documented to, and the rest as Google's APIs do. */
    @Override
    public FakeAnswer throttled(FakeRequest request, Optional<Duration> retryAfter) {
        FakeAnswer answer = request.path().equals("/v1/token")
                ? GoogleRefusal.oauthAnswer(
                        429,
                        "quota_exceeded",
                        "The request was throttled due to rate limit: sts.googleapis.com/requests. Please retry after a few "
                                + "seconds.")
                : GoogleRefusal.apiAnswer(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric.");
        return retryAfter
                .map(seconds -> answer.header("Retry-After", String.valueOf(seconds.toSeconds())))
                .orElse(answer);
    }

    @Override
    public FakeAnswer failed(FakeRequest request, int status) {
        // UNVERIFIED: that STS fails in the form of Google's APIs.
        return status == 503
                ? GoogleRefusal.apiAnswer(503, "UNAVAILABLE", "The service is currently unavailable.")
                : GoogleRefusal.apiAnswer(status, "INTERNAL", "Internal error encountered.");
    }

    private FakeAnswer post(FakeRequest request) throws GoogleRefusal {
        if (request.path().equals("/v1/token")) {
            return sts.exchange(StsRequest.read(request), longest);
        }
        Matcher account = ACCOUNT.matcher(request.path());
        if (!account.matches()) {
            throw notFound();
        }
        Grant caller = grants.bearer(request);
        return account.group(2).equals("generateIdToken")
                ? iam.idToken(caller, account.group(1), request.body())
                : iam.accessToken(caller, account.group(1), request.body(), longest);
    }

    private FakeAnswer get(FakeRequest request) throws GoogleRefusal {
        if (!request.method().equals("GET")) {
            throw notFound();
        }
        return switch (operation(request)) {
            case "whoami" -> whoAmI(grants.bearer(request));
            case "tokeninfo" -> tokenInfo(request.target());
            case "certs" -> FakeAnswer.of(200, "application/json", idTokens.jwks());
            default -> throw notFound();
        };
    }

    private static FakeAnswer whoAmI(Grant grant) {
        return FakeAnswer.json(
                200,
                Map.of(
                        "principal",
                        grant.token().principal(),
                        "expires",
                        grant.token().expiresAt().toString()));
    }

    /** Tells of an access token what Google tells of one, and nothing of federated ones, as measured. */
    private FakeAnswer tokenInfo(String target) throws GoogleRefusal {
        String token = target.startsWith(ACCESS_TOKEN_QUERY)
                ? URLDecoder.decode(target.substring(ACCESS_TOKEN_QUERY.length()), StandardCharsets.UTF_8)
                : "";
        Grant grant = grants.find(token)
                .filter(found -> !found.federated())
                .orElseThrow(() -> GoogleRefusal.oauth("invalid_token", "Invalid Value"));
        long end = grant.token().expiresAt().getEpochSecond();
        String email = grant.token().principal();
        return FakeAnswer.of(
                200,
                "application/json",
                StrictJson.write(Map.of(
                        "azp", IamPolicies.uniqueId(email),
                        "aud", IamPolicies.uniqueId(email),
                        "exp", String.valueOf(end),
                        "expires_in", String.valueOf(end - clock.instant().getEpochSecond()),
                        "email", email)));
    }

    private static GoogleRefusal notFound() {
        return GoogleRefusal.api(404, "NOT_FOUND", "Requested entity was not found.");
    }
}
