package io.dynamiccredentials.testkit.gcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.auth.http.HttpTransportFactory;
import com.google.auth.oauth2.AccessToken;
import com.google.auth.oauth2.ExternalAccountCredentials.SubjectTokenTypes;
import com.google.auth.oauth2.IdentityPoolCredentials;
import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import io.dynamiccredentials.testkit.LoopbackTls;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A fake Google Cloud with one provider, and the two ways to talk to it: bare HTTP and Google's own library. */
final class GoogleTalk implements AutoCloseable {
    static final String POOL = "projects/123456789/locations/global/workloadIdentityPools/ci-pool";
    static final String PROVIDER = POOL + "/providers/ci-issuer";
    static final String RESOURCE = "//iam.googleapis.com/" + PROVIDER;
    static final String ACCOUNT = "deploy@shop-prod.iam.gserviceaccount.com";
    static final String EVERYBODY = "principalSet://iam.googleapis.com/" + POOL + "/*";
    static final String CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

    private static final LoopbackTls TLS = LoopbackTls.create();
    private static final HttpTransportFactory TRANSPORT = () -> new NetHttpTransport.Builder()
            .setSslSocketFactory(TLS.clientContext().getSocketFactory())
            .build();

    /** Google's library looks at the system's clock, from which this one starts. */
    final SettableClock clock = SettableClock.at(Instant.now().truncatedTo(ChronoUnit.SECONDS));

    final TestIssuer issuer = TestIssuer.start(clock);
    final FakeGoogleCloud google = FakeGoogleCloud.start(clock, TLS)
            .provider(WorkloadIdentityProvider.of(PROVIDER, issuer.url(), Runs.SUBJECTS))
            .serviceAccount(ACCOUNT);
    private final BoundedHttpClient http =
            BoundedHttpClient.builder().sslContext(TLS.clientContext()).build();

    /** Returns a provider of the same name that maps the subject, to be made otherwise. */
    WorkloadIdentityProvider.Builder provider() {
        return WorkloadIdentityProvider.builder(PROVIDER, issuer.url()).map("google.subject", "assertion.sub");
    }

    String good() {
        return reveal(issuer.issue(Runs.plan(), RESOURCE));
    }

    String with(String claim, Object value) {
        return reveal(issuer.bad().withClaim(Runs.plan(), RESOURCE, claim, value));
    }

    String without(String claim) {
        return reveal(issuer.bad().withoutClaim(Runs.plan(), RESOURCE, claim));
    }

    static String reveal(IdentityToken token) {
        return token.compact().reveal();
    }

    long now() {
        return clock.instant().getEpochSecond();
    }

    /** Has Google's library exchange a token. */
    AccessToken sdk(String jwt) throws IOException {
        return requireNonNull(builder(RESOURCE, jwt).build().refreshAccessToken());
    }

    /** Has Google's library exchange a token, and impersonate an account with what it got. */
    AccessToken sdkAs(String account, String jwt, Map<String, Object> options) throws IOException {
        String address = google.address() + "/v1/projects/-/serviceAccounts/" + account + ":generateAccessToken";
        return requireNonNull(builder(RESOURCE, jwt)
                .setServiceAccountImpersonationUrl(address)
                .setServiceAccountImpersonationOptions(options)
                .build()
                .refreshAccessToken());
    }

    /** Returns when Google's library thinks that a token ends. */
    static Instant end(AccessToken token) {
        return requireNonNull(token.getExpirationTime()).toInstant();
    }

    /** Returns what Google's library says when STS refuses a token. */
    String sdkRefusal(String jwt) {
        return sdkRefusal(RESOURCE, jwt);
    }

    String sdkRefusal(String resource, String jwt) {
        IOException refusal = catchThrowableOfType(
                IOException.class, () -> builder(resource, jwt).build().refreshAccessToken());
        assertThat(refusal).isNotNull();
        return requireNonNull(refusal.getMessage());
    }

    IdentityPoolCredentials.Builder builder(String resource, String jwt) {
        return IdentityPoolCredentials.newBuilder()
                .setSubjectTokenSupplier(context -> jwt)
                .setAudience(resource)
                .setSubjectTokenType(SubjectTokenTypes.JWT)
                .setTokenUrl(google.tokenUrl().toString())
                .setHttpTransportFactory(TRANSPORT)
                .setScopes(List.of(CLOUD_PLATFORM));
    }

    /** Returns a transport that trusts the fake. */
    HttpTransportFactory httpTransport() {
        return TRANSPORT;
    }

    /** Returns a transport to the fake alone, since Google's library has no other address for identity tokens. */
    HttpTransportFactory transport() {
        return () -> new NetHttpTransport.Builder()
                .setSslSocketFactory(TLS.clientContext().getSocketFactory())
                .setConnectionFactory(url -> (HttpURLConnection)
                        google.address().resolve(url.getFile()).toURL().openConnection())
                .build();
    }

    /** Returns the fields of a good exchange, to be changed. */
    Map<String, String> form(String jwt) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
        form.put("audience", RESOURCE);
        form.put("scope", CLOUD_PLATFORM);
        form.put("requested_token_type", "urn:ietf:params:oauth:token-type:access_token");
        form.put("subject_token", jwt);
        form.put("subject_token_type", "urn:ietf:params:oauth:token-type:jwt");
        return form;
    }

    HttpReply sts(Map<String, String> form) throws Exception {
        String body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
        return post(google.tokenUrl(), "application/x-www-form-urlencoded", body, "");
    }

    HttpReply sts(String jwt) throws Exception {
        return sts(form(jwt));
    }

    HttpReply stsJson(Map<String, String> members) throws Exception {
        return post(google.tokenUrl(), "application/json", StrictJson.write(members), "");
    }

    /** Exchanges a token that must be good, and returns the access token. */
    String federated(String jwt) throws Exception {
        HttpReply reply = sts(jwt);
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        return json(reply).path("access_token").textValue();
    }

    HttpReply iam(String accessToken, String account, String method, Map<String, ?> body) throws Exception {
        URI address = URI.create(google.address() + "/v1/projects/-/serviceAccounts/" + account + ":" + method);
        return post(address, "application/json", StrictJson.write(body), accessToken);
    }

    HttpReply accessToken(String accessToken, Map<String, ?> body) throws Exception {
        return iam(accessToken, ACCOUNT, "generateAccessToken", body);
    }

    HttpReply get(URI address, String accessToken) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(address);
        return http.send(accessToken.isEmpty() ? request : request.header("Authorization", "Bearer " + accessToken));
    }

    static JsonNode json(HttpReply reply) {
        return StrictJson.parseObject(reply.body());
    }

    static void assertOauthError(HttpReply reply, String error, String description) {
        assertThat(reply.status()).isEqualTo(400);
        assertThat(json(reply))
                .isEqualTo(StrictJson.parseObject(
                        StrictJson.write(Map.of("error", error, "error_description", description))));
    }

    static void assertApiError(HttpReply reply, int status, String code, String message) {
        assertThat(reply.status()).isEqualTo(status);
        JsonNode error = json(reply).path("error");
        assertThat(error.path("code").intValue()).isEqualTo(status);
        assertThat(error.path("status").textValue()).isEqualTo(code);
        assertThat(error.path("message").textValue()).contains(message);
    }

    @Override
    public void close() {
        google.close();
        issuer.close();
    }

    private HttpReply post(URI address, String type, String body, String accessToken) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(address).header("Content-Type", type);
        return http.send((accessToken.isEmpty() ? request : request.header("Authorization", "Bearer " + accessToken))
                .POST(BodyPublishers.ofString(body)));
    }
}
