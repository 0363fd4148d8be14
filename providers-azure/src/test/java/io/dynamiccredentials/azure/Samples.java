package io.dynamiccredentials.azure;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.LoopbackCertificate;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.Timeouts;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** The names, tokens and answers that the tests of this module share. */
final class Samples {
    static final String TENANT = "aaaaaaaa-1111-2222-3333-444444444444";
    static final String CLIENT = "bbbbbbbb-1111-2222-3333-444444444444";
    static final String ISSUER = "https://ci.example";
    static final String SUBJECT = "organization:acme:project:shop:workspace:prod:run_phase:plan";
    static final String JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtYXJrZXIifQ.c2lnbmF0dXJlLW9mLW1hcmtlcg";
    static final String ACCESS_TOKEN = "eyJhY2Nlc3MiOiJtYXJrZXIifQ.YWNjZXNzLXRva2Vu.bWFya2Vy";
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static final Timeouts SHORT =
            new Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofMillis(1200));

    private static final BoundedHttpClient HTTP = BoundedHttpClient.builder()
            .sslContext(LoopbackCertificate.shared().sslContext())
            .build();

    private Samples() {}

    static IdentityToken token() {
        return token(JWT);
    }

    static IdentityToken token(String jwt) {
        return new IdentityToken(
                Secret.of(jwt),
                ISSUER,
                SUBJECT,
                AzureFederatedExchanger.STANDARD_AUDIENCE,
                "jti-1",
                NOW,
                NOW.plusSeconds(600));
    }

    static Answer granted(String accessToken) {
        return Answer.json(
                200,
                "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599,\"access_token\":\""
                        + accessToken + "\"}");
    }

    static Answer error(int status, String error, int number, String text) {
        return Answer.json(
                status,
                ("{'error':'" + error + "','error_description':'AADSTS" + number + ": " + text
                                + "\\r\\nTrace ID: 11111111-aaaa-bbbb-cccc-000000000000\\r\\nCorrelation ID: 2\\r\\nTimestamp: "
                                + "2026-01-01 00:00:00Z','error_codes':[" + number
                                + "],'timestamp':'2026-01-01 00:00:00Z',"
                                + "'trace_id':'11111111-aaaa-bbbb-cccc-000000000000','correlation_id':'2'}")
                        .replace('\'', '"'));
    }

    static BoundedHttpClient http() {
        return HTTP;
    }

    static BoundedHttpClient impatient() {
        return BoundedHttpClient.builder()
                .sslContext(LoopbackCertificate.shared().sslContext())
                .timeouts(SHORT)
                .build();
    }

    static AzureFederatedExchanger exchanger(ScriptedServer server) {
        return exchanger(server, http());
    }

    static AzureFederatedExchanger exchanger(ScriptedServer server, BoundedHttpClient http) {
        return AzureFederatedExchanger.builder(TENANT, CLIENT, http)
                .authorityHost(server.address())
                .clock(Clock.fixed(NOW, ZoneOffset.UTC))
                .build();
    }

    static Map<String, String> form(ScriptedServer.Request request) {
        return Arrays.stream(request.body().split("&", -1))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> decode(pair[0]), pair -> decode(pair[1])));
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
