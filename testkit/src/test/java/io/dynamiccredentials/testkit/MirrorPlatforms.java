package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * Platforms that give marked secrets to everybody, and that often answer with whatever they were sent or would have
 * given: whole, cut, garbled, with any status. The worst that a log of a platform's answers can meet. Used by one
 * thread at a time.
 */
final class MirrorPlatforms implements AutoCloseable {
    private static final int[] STATUSES = {200, 200, 400, 401, 403, 404, 413, 429, 500, 502, 503};
    private static final String[] TYPES = {"application/json", "text/xml", "text/html", "text/plain; charset=utf-8"};

    private final FakeServer plain;
    private final FakeServer secure;
    private final Clock clock;
    private volatile Random random = new Random(0);
    private volatile Markers markers = new Markers(random);
    private volatile int faultsOfTen;

    MirrorPlatforms(Clock clock) {
        this.clock = clock;
        this.plain = FakeServer.start(this::answer);
        this.secure = FakeServer.start(FourPlatforms.TLS, this::answer);
    }

    /** Begins a run in which so many of ten answers are bad. */
    void begin(Random random, Markers markers, int faultsOfTen) {
        this.random = random;
        this.markers = markers;
        this.faultsOfTen = faultsOfTen;
    }

    URI plain() {
        return plain.address();
    }

    URI secure() {
        return secure.address();
    }

    @Override
    public void close() {
        plain.close();
        secure.close();
    }

    private synchronized FakeAnswer answer(FakeRequest request) {
        FakeAnswer good = good(request);
        return random.nextInt(10) < faultsOfTen ? bad(request, good) : good;
    }

    private FakeAnswer good(FakeRequest request) {
        String path = request.path();
        if (path.startsWith("/v1/auth/") || path.startsWith("/v1/sys/")) {
            return path.contains("revoke") ? FakeAnswer.empty(204) : vaultToken(request);
        }
        if (path.startsWith("/v1/aws/")) {
            Map<String, Object> key =
                    Map.of("access_key", "AKIAIOSFODNN7EXAMPLE", "secret_key", markers.awsSecretKey());
            return secret(path, key);
        }
        if (path.startsWith("/v1/azure/")) {
            return secret(path, Map.of("client_id", FourPlatforms.CLIENT, "client_secret", markers.clientSecret()));
        }
        if (path.equals("/v1/token")) {
            return json(Map.of(
                    "access_token",
                    markers.googleToken(),
                    "issued_token_type",
                    "urn:ietf:params:oauth:token-type:access_token",
                    "token_type",
                    "Bearer",
                    "expires_in",
                    600));
        }
        if (path.endsWith(":generateAccessToken")) {
            String end = clock.instant().plusSeconds(3600).toString();
            return json(Map.of("accessToken", markers.googleToken(), "expireTime", end));
        }
        if (path.endsWith("/oauth2/v2.0/token")) {
            return json(Map.of("token_type", "Bearer", "expires_in", 3600, "access_token", markers.jwt()));
        }
        return awsSession();
    }

    private FakeAnswer vaultToken(FakeRequest request) {
        Map<String, Object> auth = new LinkedHashMap<>();
        // Vault answers with the token that it renews, and a lease has none.
        auth.put("client_token", request.header("X-Vault-Token").orElseGet(markers::vaultToken));
        auth.put("accessor", "accessor-1");
        auth.put("lease_duration", 1200);
        auth.put("renewable", true);
        auth.put("token_type", "service");
        return json(Map.of("request_id", UUID.randomUUID().toString(), "auth", auth));
    }

    private static FakeAnswer secret(String path, Map<String, Object> data) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("request_id", UUID.randomUUID().toString());
        body.put("lease_id", path.substring("/v1/".length()) + "/1");
        body.put("renewable", true);
        body.put("lease_duration", 3600);
        body.put("data", data);
        return json(body);
    }

    private FakeAnswer awsSession() {
        String arn = "arn:aws:sts::123456789012:assumed-role/ci/run-1";
        return FakeAnswer.of(
                200,
                "text/xml",
                "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                        + "<AssumeRoleWithWebIdentityResult><AssumedRoleUser><Arn>" + arn + "</Arn>"
                        + "<AssumedRoleId>AROA:run-1</AssumedRoleId></AssumedRoleUser><Credentials>"
                        + "<AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>" + markers.awsSecretKey()
                        + "</SecretAccessKey><SessionToken>" + markers.awsSessionToken() + "</SessionToken><Expiration>"
                        + clock.instant().plusSeconds(3600)
                        + "</Expiration></Credentials></AssumeRoleWithWebIdentityResult><ResponseMetadata>"
                        + "<RequestId>1</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>");
    }

    private FakeAnswer bad(FakeRequest request, FakeAnswer good) {
        int status = STATUSES[random.nextInt(STATUSES.length)];
        String type = TYPES[random.nextInt(TYPES.length)];
        String sent = request.header("X-Vault-Token").orElse("") + " " + request.body()
                + request.header("Authorization").orElse("");
        FakeAnswer answer = FakeAnswer.of(status, type, body(sent, new String(good.bytes(), UTF_8)));
        return random.nextInt(3) == 0
                ? answer.header("x-amzn-RequestId", headerOf(sent))
                        .header("Location", "https://elsewhere.example/" + headerOf(sent))
                        .header("Retry-After", headerOf(sent))
                : answer;
    }

    private String body(String sent, String good) {
        return switch (random.nextInt(8)) {
            case 0 -> good.substring(0, random.nextInt(good.length() + 1));
            case 1 -> good.substring(random.nextInt(good.length() + 1));
            case 2 -> sent;
            case 3 -> vaultErrors(sent);
            case 4 -> oauthError(sent);
            case 5 -> googleError(sent);
            case 6 -> awsError(sent);
            default -> good.replace("\"", random.nextBoolean() ? "'" : "\"\"").replace("</", "<");
        };
    }

    private static String vaultErrors(String sent) {
        return StrictJson.write(Map.of("errors", List.of("could not take " + sent, sent)));
    }

    private static String oauthError(String sent) {
        return StrictJson.write(Map.of(
                "error", sent, "error_description", "AADSTS700213: " + sent, "error_uri", sent, "trace_id", sent));
    }

    private static String googleError(String sent) {
        return StrictJson.write(Map.of("error", Map.of("code", 403, "message", sent, "status", sent)));
    }

    private static String awsError(String sent) {
        return "<ErrorResponse><Error><Type>Sender</Type><Code>" + sent + "</Code><Message>" + sent
                + "</Message></Error><RequestId>" + sent + "</RequestId></ErrorResponse>";
    }

    private static String headerOf(String sent) {
        String visible = new String(sent.getBytes(UTF_8), UTF_8).replaceAll("[^!-~]", "");
        return visible.substring(0, Math.min(visible.length(), 2000));
    }

    private static FakeAnswer json(Map<String, ?> members) {
        return FakeAnswer.json(200, members);
    }
}
