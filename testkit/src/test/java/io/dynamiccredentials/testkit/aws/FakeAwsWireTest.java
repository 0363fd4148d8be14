package io.dynamiccredentials.testkit.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the SDK never sends. */
class FakeAwsWireTest {
    private static final String ROLE = "arn:aws:iam::123456789012:role/deploy";

    private final SettableClock clock = SettableClock.at(Runs.NOW);
    private final BoundedHttpClient http = BoundedHttpClient.builder().build();
    private final TestIssuer issuer = TestIssuer.start(clock);
    private final FakeAws aws =
            FakeAws.start(clock).role(ROLE, new AwsTrustPolicy(issuer.url(), Set.of("aws"), Runs.SUBJECTS));

    @AfterEach
    void stop() {
        aws.close();
        issuer.close();
    }

    @Test
    void assumeRole_goodForm_answersAsStsDoes() throws Exception {
        HttpReply reply = post(form());

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).hasValue("text/xml");
        assertThat(reply.header("x-amzn-RequestId")).isPresent();
        assertThat(reply.body())
                .startsWith("<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                        + "<AssumeRoleWithWebIdentityResult><SubjectFromWebIdentityToken>organization:acme")
                .contains("<Audience>aws</Audience>")
                .contains("<Arn>arn:aws:sts::123456789012:assumed-role/deploy/run</Arn>")
                .contains("<AccessKeyId>ASIA")
                .contains("<Expiration>2026-03-01T13:00:00Z</Expiration>")
                .contains("<Provider>arn:aws:iam::123456789012:oidc-provider/127.0.0.1:")
                .contains("<ResponseMetadata><RequestId>"
                        + reply.header("x-amzn-RequestId").orElseThrow());
    }

    @ParameterizedTest
    @CsvSource({
        "RoleArn,,1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null",
        "RoleArn,short,Value 'short' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20",
        "RoleArn,arn:aws:iam::123456789012:user/deploy,Request ARN is invalid",
        "RoleSessionName,x,Member must have length greater than or equal to 2",
        "RoleSessionName,bad session!!,'Value ''bad session!!'' at ''roleSessionName'' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*'",
        "WebIdentityToken,,Value null at 'webIdentityToken'",
        "WebIdentityToken,abc,Value at 'webIdentityToken' failed to satisfy constraint: Member must have length greater",
        "DurationSeconds,899,Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
        "DurationSeconds,43201,Member must have value less than or equal to 43200",
        "DurationSeconds,one,is not an integer",
        "DurationSeconds,99999999999,is not an integer",
        "ProviderId,x,This fake has no 'ProviderId'"
    })
    void assumeRole_fieldBeyondItsLimit_isAValidationError(String field, String value, String text) throws Exception {
        Map<String, String> form = form();
        form.remove(field);
        if (value != null) {
            form.put(field, value);
        }

        assertError(post(form), 400, "ValidationError", text);
    }

    @Test
    void assumeRole_twoFieldsBeyondTheirLimits_namesBoth() throws Exception {
        Map<String, String> form = form();
        form.put("RoleSessionName", "x");
        form.put("DurationSeconds", "1");

        assertError(post(form), 400, "ValidationError", "2 validation errors detected: Value 'x' at 'roleSessionName'");
    }

    @ParameterizedTest
    @CsvSource({"nonsense", "a.b.c", "e30.e30", "e30.e30.e30.e30"})
    void assumeRole_noJwt_isAnInvalidToken(String token) throws Exception {
        Map<String, String> form = form();
        form.put("WebIdentityToken", token);

        assertError(post(form), 400, "InvalidIdentityToken", "The ID Token provided is not a valid JWT.");
    }

    @Test
    void assumeRole_hostileIssuer_isEscaped() throws Exception {
        Map<String, String> form = form();
        // {"alg":"RS256"}.{"iss":"<x>&\"\u0000"}
        form.put("WebIdentityToken", "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI8eD4mXCJcdTAwMDAifQ.AAAA");

        assertError(post(form), 400, "InvalidIdentityToken", "for &#60;x&#62;&#38;&#34;?</Message>");
    }

    @ParameterizedTest
    @CsvSource({"GetSessionToken,2011-06-15", "AssumeRoleWithWebIdentity,2011-06-16", ",2011-06-15"})
    void answer_unknownOperation_isInvalid(String action, String version) throws Exception {
        Map<String, String> form = form();
        form.put("Action", action == null ? "" : action);
        form.put("Version", version);

        assertError(post(form), 400, "InvalidAction", "Could not find operation");
    }

    @Test
    void callerIdentity_unsigned_isRefused() throws Exception {
        Map<String, String> form = Map.of("Action", "GetCallerIdentity", "Version", "2011-06-15");

        assertError(post(form), 403, "MissingAuthenticationToken", "missing");
    }

    @ParameterizedTest
    @CsvSource({
        "AWS4-HMAC-SHA256,sts,InvalidClientTokenId",
        "AWS4-HMAC-SHA256,s3,MissingAuthenticationToken",
        "AWS4-HMAC-SHA1,sts,MissingAuthenticationToken"
    })
    void callerIdentity_madeUpKey_isRefused(String algorithm, String service, String code) throws Exception {
        String authorization = algorithm + " Credential=ASIAMADEUPMADEUP0000/20260301/eu-central-1/" + service
                + "/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + "0".repeat(64);

        assertError(post(Map.of("Action", "GetCallerIdentity", "Version", "2011-06-15"), authorization), 403, code, "");
    }

    private Map<String, String> form() {
        Map<String, String> form = new TreeMap<>();
        form.put("Action", "AssumeRoleWithWebIdentity");
        form.put("Version", "2011-06-15");
        form.put("RoleArn", ROLE);
        form.put("RoleSessionName", "run");
        form.put("WebIdentityToken", issuer.issue(Runs.plan(), "aws").compact().reveal());
        return form;
    }

    private HttpReply post(Map<String, String> form) throws Exception {
        return post(form, "");
    }

    private HttpReply post(Map<String, String> form, String authorization) throws Exception {
        String body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(aws.address() + "/"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return http.send(request);
    }

    private static void assertError(HttpReply reply, int status, String code, String text) {
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.header("x-amzn-RequestId")).isPresent();
        assertThat(reply.body())
                .startsWith(
                        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>")
                .contains("<Code>" + code + "</Code>")
                .contains(text);
    }
}
