package io.dynamiccredentials.testkit.azure;

import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.FakeService;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.ReceivedToken;
import io.dynamiccredentials.testkit.azure.EntraGrants.Grant;
import io.dynamiccredentials.testkit.azure.EntraTenants.Application;
import io.dynamiccredentials.testkit.azure.EntraTenants.Tenant;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a fake Entra serves: token endpoints, discovery documents of tenants, and resources. */
final class EntraService implements FakeService {
    private static final Duration TOKEN_LIFETIME = Duration.ofSeconds(3599);
    private static final Pattern TOKEN = Pattern.compile("/([^/]+)/oauth2/v2[.]0/token");
    private static final Pattern DISCOVERY = Pattern.compile("/([^/]+)/v2[.]0/[.]well-known/openid-configuration");
    private static final Pattern RESOURCE = Pattern.compile("/resources/([^/?]+)[?]audience=([^&]+)");

    private final Clock clock;
    private final EntraTenants tenants;
    private final EntraTokenCheck check;
    private final EntraGrants grants;
    private final AzureResource resource;
    private volatile Duration lifetime = TOKEN_LIFETIME;

    EntraService(Clock clock, EntraTenants tenants, EntraTokenCheck check, EntraGrants grants) {
        this.clock = clock;
        this.tenants = tenants;
        this.check = check;
        this.grants = grants;
        this.resource = new AzureResource(grants);
    }

    void endAfter(Duration life) {
        lifetime = life;
    }

    @Override
    public String operation(FakeRequest request) {
        String path = request.path();
        if (TOKEN.matcher(path).matches()) {
            return "token";
        }
        if (DISCOVERY.matcher(path).matches()) {
            return "discovery";
        }
        return path.equals("/whoami") || path.startsWith("/resources/") ? "whoami" : "unknown";
    }

    @Override
    public FakeAnswer answer(FakeRequest request) {
        Matcher token = TOKEN.matcher(request.path());
        Matcher discovery = DISCOVERY.matcher(request.path());
        Matcher ofTenant = RESOURCE.matcher(request.target());
        boolean get = request.method().equals("GET");
        try {
            if (request.method().equals("POST") && token.matches()) {
                return grant(tenants.find(token.group(1)), request);
            }
            if (get && discovery.matches()) {
                return document(tenants.find(discovery.group(1)), request);
            }
        } catch (EntraRefusal e) {
            return e.answer(clock.instant(), request.header("client-request-id"));
        }
        if (request.is("GET", "/whoami")) {
            return resource.whoAmI(request);
        }
        return get && ofTenant.matches()
                ? resource.whoAmI(
                        request, ofTenant.group(1), URLDecoder.decode(ofTenant.group(2), StandardCharsets.UTF_8))
                : FakeAnswer.of(404, "text/html", "<html><body>Not found</body></html>");
    }

    @Override
    public FakeAnswer throttled(FakeRequest request, Optional<Duration> retryAfter) {
        FakeAnswer answer = FakeAnswer.of(429, "text/plain", "Too Many Requests");
        return retryAfter
                .map(seconds -> answer.header("Retry-After", String.valueOf(seconds.toSeconds())))
                .orElse(answer);
    }

    @Override
    public FakeAnswer failed(FakeRequest request, int status) {
        return EntraRefusal.transientFailure(status).answer(clock.instant(), Optional.empty());
    }

    private FakeAnswer grant(Tenant tenant, FakeRequest request) throws EntraRefusal {
        EntraForm form = EntraForm.check(request.form());
        Application application = EntraTenants.find(tenant, form.clientId());
        Instant now = clock.instant();
        ReceivedToken token = check.check(form.assertion(), application, now);
        // UNVERIFIED: that this comes last.
        if (!tenant.resources().contains(form.resource())) {
            throw EntraRefusal.unknownResource(form.resource(), tenant.id());
        }
        String client = EntraTenants.key(form.clientId());
        Duration life = lifetime;
        HandedOut handedOut = new HandedOut(
                client,
                "application " + client + " in tenant " + tenant.id(),
                token.claims().path("sub").asText(),
                token.claims().path("jti").asText(),
                now.plus(life));
        return answer(grants.add(new Grant(tenant.id(), form.resource(), handedOut)), life);
    }

    private static FakeAnswer answer(String accessToken, Duration life) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("token_type", "Bearer");
        body.put("expires_in", life.toSeconds());
        body.put("ext_expires_in", life.toSeconds());
        body.put("access_token", accessToken);
        return FakeAnswer.json(200, body);
    }

    private static FakeAnswer document(Tenant tenant, FakeRequest request) {
        String base = "https://" + request.header("Host").orElse("localhost") + "/" + tenant.id();
        return FakeAnswer.json(200, Map.of("issuer", base + "/v2.0", "token_endpoint", base + "/oauth2/v2.0/token"));
    }
}
