package io.dynamiccredentials.gcp;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.LoopbackCertificate;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.fixtures.ScriptedServer.Request;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.Timeouts;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.function.Function;

/** What the tests of this module share: good answers of Google, and an exchanger that asks a scripted server. */
final class Google {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    static final String PROVIDER =
            "projects/123456789/locations/global/workloadIdentityPools/ci-pool/providers/ci-issuer";
    static final String RESOURCE = "//iam.googleapis.com/" + PROVIDER;
    static final String ACCOUNT = "deploy@shop-prod.iam.gserviceaccount.com";
    static final String SUBJECT = "organization:acme:project:shop:workspace:prod:run_phase:plan";
    static final String PRINCIPAL =
            "principal://iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/ci-pool/subject/"
                    + SUBJECT;

    /** The marker that no message, cause or log may hold. */
    static final String JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtYXJrZXIifQ.c2lnbmF0dXJlLW1hcmtlcg";

    static final String FEDERATED = "ya29.d.federated-marker";
    static final String IMPERSONATED = "ya29.c.impersonated-marker";
    static final Timeouts SHORT = new Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofMillis(1500));

    private Google() {}

    static IdentityToken token() {
        return token(JWT, SUBJECT);
    }

    static IdentityToken token(String compact, String subject) {
        return new IdentityToken(
                Secret.of(compact),
                "https://ci.example",
                subject,
                RESOURCE,
                "jti-1",
                NOW,
                NOW.plus(Duration.ofMinutes(10)));
    }

    static BoundedHttpClient http(Timeouts timeouts) {
        return BoundedHttpClient.builder()
                .timeouts(timeouts)
                .sslContext(LoopbackCertificate.shared().sslContext())
                .build();
    }

    /** Starts an exchanger whose both addresses are those of {@code server}. */
    static GcpWorkloadIdentityExchanger.Builder exchanger(ScriptedServer server) {
        return exchanger(server.address(), http(Timeouts.standard()));
    }

    static GcpWorkloadIdentityExchanger.Builder exchanger(URI address, BoundedHttpClient http) {
        return GcpWorkloadIdentityExchanger.builder(PROVIDER, http)
                .tokenUrl(URI.create(address + "/v1/token"))
                .iamCredentialsUrl(address)
                .clock(CLOCK);
    }

    /** Returns a script that answers STS and IAM Credentials each their way. */
    static Function<Request, Answer> script(Answer sts, Answer iam) {
        return request -> isSts(request) ? sts : iam;
    }

    static boolean isSts(Request request) {
        return request.path().equals("/v1/token");
    }

    static Answer federated() {
        return Answer.json(200, federatedBody("3598"));
    }

    static String federatedBody(String expiresIn) {
        return """
                {"access_token":"%s","issued_token_type":"urn:ietf:params:oauth:token-type:access_token",
                "token_type":"Bearer","expires_in":%s}""".formatted(FEDERATED, expiresIn);
    }

    static Answer impersonated() {
        return Answer.json(200, impersonatedBody(IMPERSONATED, "2026-03-01T13:00:00Z"));
    }

    static String impersonatedBody(String accessToken, String expireTime) {
        return """
                {"accessToken":"%s","expireTime":"%s"}""".formatted(accessToken, expireTime);
    }
}
