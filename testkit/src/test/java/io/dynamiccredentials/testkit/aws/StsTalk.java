package io.dynamiccredentials.testkit.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.StrictJson;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.AssumeRoleRequest;
import software.amazon.awssdk.services.sts.model.AssumeRoleResponse;
import software.amazon.awssdk.services.sts.model.AssumeRoleWithWebIdentityRequest;
import software.amazon.awssdk.services.sts.model.AssumeRoleWithWebIdentityResponse;
import software.amazon.awssdk.services.sts.model.Credentials;
import software.amazon.awssdk.services.sts.model.StsException;

/** A fake AWS, an issuer that it trusts, and two clients: the official SDK, and one that sends what that never does. */
final class StsTalk implements AutoCloseable {
    static final String ACCOUNT = "123456789012";
    static final String ROLE = "arn:aws:iam::" + ACCOUNT + ":role/teams/deploy";
    static final String CLIENT_ID = "client-a";
    static final long NOW = Runs.NOW.getEpochSecond();

    final SettableClock clock = SettableClock.at(Runs.NOW);
    final AnyIssuer issuer = new AnyIssuer();
    final FakeAws aws = FakeAws.start(clock).oidcProvider(ACCOUNT, issuer.url(), CLIENT_ID, "client-b");
    private final BoundedHttpClient http = BoundedHttpClient.builder().build();

    /** Starts both; the role trusts every token of the issuer, tags and source identities as well. */
    StsTalk() {
        aws.role(ROLE, trust("\"" + key("sub") + "\":\"*\""));
    }

    /** Returns the name that a claim has as the key of a condition. */
    String key(String claim) {
        return issuer.url().value().replaceFirst("http://", "") + ":" + claim;
    }

    /** Returns the ARN of the provider. */
    String provider() {
        return "arn:aws:iam::" + ACCOUNT + ":oidc-provider/"
                + issuer.url().value().replaceFirst("http://", "");
    }

    /** Returns a trust policy with {@code StringLike} of these conditions. */
    String trust(String conditions) {
        return trust("[\"sts:AssumeRoleWithWebIdentity\",\"sts:TagSession\",\"sts:SetSourceIdentity\"]", conditions);
    }

    String trust(String actions, String conditions) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Federated\":\""
                + provider() + "\"},\"Action\":" + actions + ",\"Condition\":{\"StringLike\":{" + conditions + "}}}}";
    }

    /** Returns the claims of a good token. */
    Map<String, Object> claims() {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", issuer.url().value());
        claims.put("sub", "run:1");
        claims.put("aud", CLIENT_ID);
        claims.put("iat", NOW);
        claims.put("exp", NOW + 600);
        return claims;
    }

    Map<String, Object> claims(String name, Object value) {
        Map<String, Object> claims = claims();
        claims.put(name, value);
        return claims;
    }

    static String token(Map<String, Object> claims) {
        return AnyIssuer.token("RS256", StrictJson.write(claims));
    }

    /** Returns the credentials of a session that a good token with these claims more buys. */
    Credentials session(Map<String, Object> more) {
        Map<String, Object> claims = claims();
        claims.putAll(more);
        return exchange(token(claims)).credentials();
    }

    AssumeRoleWithWebIdentityResponse exchange(String token) {
        return exchange(token, request -> {});
    }

    AssumeRoleWithWebIdentityResponse exchange(String token, Consumer<AssumeRoleWithWebIdentityRequest.Builder> more) {
        AssumeRoleWithWebIdentityRequest.Builder request = AssumeRoleWithWebIdentityRequest.builder()
                .roleArn(ROLE)
                .roleSessionName("run-1")
                .webIdentityToken(token);
        more.accept(request);
        try (StsClient client = sdk(AnonymousCredentialsProvider.create())) {
            return client.assumeRoleWithWebIdentity(request.build());
        }
    }

    AssumeRoleResponse chain(Credentials caller, Consumer<AssumeRoleRequest.Builder> more) {
        AssumeRoleRequest.Builder request =
                AssumeRoleRequest.builder().roleArn(ROLE).roleSessionName("run-2");
        more.accept(request);
        try (StsClient client = sdk(provider(caller))) {
            return client.assumeRole(request.build());
        }
    }

    String whoAmI(Credentials caller) {
        try (StsClient client = sdk(provider(caller))) {
            return client.getCallerIdentity().arn();
        }
    }

    private static AwsCredentialsProvider provider(Credentials caller) {
        return StaticCredentialsProvider.create(
                AwsSessionCredentials.create(caller.accessKeyId(), caller.secretAccessKey(), caller.sessionToken()));
    }

    /** Returns the official SDK, which tries once. */
    StsClient sdk(AwsCredentialsProvider credentials) {
        return StsClient.builder()
                .region(Region.EU_CENTRAL_1)
                .endpointOverride(aws.address())
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .credentialsProvider(credentials)
                .overrideConfiguration(config -> config.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .build();
    }

    /** Checks that the SDK reads a refusal of this code and text. */
    static void assertRefused(ThrowingCallable call, int status, String code, String text) {
        StsException refusal = catchThrowableOfType(StsException.class, call);
        assertThat(refusal).isNotNull();
        assertThat(refusal.awsErrorDetails().errorCode()).isEqualTo(code);
        assertThat(refusal.awsErrorDetails().errorMessage()).isEqualTo(text);
        assertThat(refusal.statusCode()).isEqualTo(status);
        assertThat(refusal.requestId()).isNotBlank();
    }

    /** Checks that {@code token} is refused as no good token. */
    void assertInvalid(String token, String text) {
        assertRefused(() -> exchange(token), 400, "InvalidIdentityToken", text);
    }

    /** Returns the fields of a good request. */
    Map<String, String> form() {
        Map<String, String> form = new TreeMap<>();
        form.put("Action", "AssumeRoleWithWebIdentity");
        form.put("Version", "2011-06-15");
        form.put("RoleArn", ROLE);
        form.put("RoleSessionName", "run-1");
        form.put("WebIdentityToken", token(claims()));
        return form;
    }

    Map<String, String> form(String name, String value) {
        Map<String, String> form = form();
        form.put(name, value);
        return form;
    }

    HttpReply post(Map<String, String> form) throws IOException, InterruptedException {
        return post(form, Map.of());
    }

    HttpReply post(Map<String, String> form, Map<String, String> headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(aws.address() + "/"))
                .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
                .POST(BodyPublishers.ofString(encoded(form)));
        headers.forEach(request::header);
        return http.send(request);
    }

    HttpReply get(String query) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(aws.address() + "/?" + query)));
    }

    static String encoded(Map<String, String> form) {
        return form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
    }

    /** Checks an error of STS to its last byte but the request's id. */
    static void assertError(HttpReply reply, int status, String code, String message) {
        String id = reply.header("x-amzn-RequestId").orElseThrow();
        assertThat(reply.body())
                .isEqualTo("<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>"
                        + (status < 500 ? "Sender" : "Receiver") + "</Type><Code>" + code + "</Code><Message>"
                        + message + "</Message></Error><RequestId>" + id + "</RequestId></ErrorResponse>");
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).hasValue("text/xml");
    }

    /** Returns tags as a claim in the nested form. */
    static Map<String, Object> tags(Map<String, String> tags, List<String> transitive) {
        Map<String, Object> values = new TreeMap<>();
        tags.forEach((key, value) -> values.put(key, List.of(value)));
        return Map.of(
                "https://aws.amazon.com/tags",
                transitive.isEmpty()
                        ? Map.of("principal_tags", values)
                        : Map.of("principal_tags", values, "transitive_tag_keys", transitive));
    }

    @Override
    public void close() {
        aws.close();
        issuer.close();
        http.close();
    }
}
