package io.dynamiccredentials.testkit.aws;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.aws.AwsSessionCredentials;
import io.dynamiccredentials.aws.AwsSts;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.aws.AwsWebIdentityExchanger;
import io.dynamiccredentials.testkit.Runs;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.HttpReply;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that differ from what was signed. The signatures are right, so that nothing else is wrong with them. */
class FakeAwsSignatureTest {
    private static final String ROLE = "arn:aws:iam::123456789012:role/deploy";
    private static final String CALL = "Action=GetCallerIdentity&Version=2011-06-15";
    private static final String SCOPE = "20260301/eu-central-1/sts/aws4_request";
    private static final List<String> STANDARD = List.of("host", "x-amz-date", "x-amz-security-token");

    private final SettableClock clock = SettableClock.at(Runs.NOW);
    private final BoundedHttpClient http = BoundedHttpClient.builder().build();
    private final TestIssuer issuer = TestIssuer.start(clock);
    private final FakeAws aws =
            FakeAws.start(clock).role(ROLE, new AwsTrustPolicy(issuer.url(), Set.of("aws"), Runs.SUBJECTS));
    private final AwsSessionCredentials session = session();
    private final Map<String, String> headers = new TreeMap<>(Map.of(
            "host", aws.address().getAuthority(),
            "x-amz-date", "20260301T120000Z",
            "x-amz-security-token", session.sessionToken().reveal()));

    @AfterEach
    void stop() {
        aws.close();
        issuer.close();
    }

    @Test
    void callerIdentity_signedAsSent_isAnswered() throws Exception {
        assertAnswered(post("/", STANDARD, CALL, CALL));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/?x", "/?x=y", "/?Action=GetCallerIdentity", "/%2F", "/x"})
    void callerIdentity_otherTarget_isNoOperation(String target) throws Exception {
        HttpReply reply = post(target, STANDARD, CALL, CALL);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).contains("<Code>InvalidAction</Code>");
    }

    @Test
    void callerIdentity_unsignedAmzHeader_isRefused() throws Exception {
        headers.put("x-amz-target", "elsewhere");

        assertMismatch(post("/", STANDARD, CALL, CALL));
        assertAnswered(post("/", List.of("host", "x-amz-date", "x-amz-security-token", "x-amz-target"), CALL, CALL));
    }

    @Test
    void callerIdentity_unsignedHeaderOfAProxy_isAnswered() throws Exception {
        headers.put("x-amzn-trace-id", "Root=1");

        assertAnswered(post("/", STANDARD, CALL, CALL));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x-amz-date;x-amz-security-token", // no host
                "host;x-amz-security-token",
                "host;x-amz-date",
                "host;x-absent;x-amz-date;x-amz-security-token",
                "x-amz-date;host;x-amz-security-token",
                "host;host;x-amz-date;x-amz-security-token"
            })
    void callerIdentity_otherSignedHeaders_isRefused(String signed) throws Exception {
        assertMismatch(post("/", List.of(signed.split(";", -1)), CALL, CALL));
    }

    @Test
    void callerIdentity_bytesThatAreNoText_areHashedAsSent() throws Exception {
        byte[] sent = (CALL + "&x=\u00ff").getBytes(ISO_8859_1);
        byte[] decodedAndEncoded = new String(sent, UTF_8).getBytes(UTF_8);

        assertAnswered(post("/", STANDARD, sent, sent));
        assertMismatch(post("/", STANDARD, decodedAndEncoded, sent));
    }

    @Test
    void callerIdentity_bodyBeyondTheLimit_isRefusedAndNotCut() throws Exception {
        byte[] longest = Arrays.copyOf((CALL + "&x=").getBytes(UTF_8), 1024 * 1024);
        byte[] tooLong = Arrays.copyOf(longest, longest.length + 1);

        assertAnswered(post("/", STANDARD, longest, longest));
        assertThat(post("/", STANDARD, longest, tooLong).status()).isEqualTo(413);
        assertThat(post("/", STANDARD, tooLong, tooLong).status()).isEqualTo(413);
    }

    private AwsSessionCredentials session() {
        AwsSts sts = AwsSts.builder("eu-central-1").endpoint(aws.address()).build();
        return AwsWebIdentityExchanger.builder(ROLE, sts)
                .clock(clock)
                .build()
                .exchange(issuer.issue(Runs.plan(), "aws"));
    }

    private HttpReply post(String target, List<String> signed, String signedBody, String body) throws Exception {
        return post(target, signed, signedBody.getBytes(UTF_8), body.getBytes(UTF_8));
    }

    private HttpReply post(String target, List<String> signed, byte[] signedBody, byte[] body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(aws.address() + target))
                .header(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=" + session.accessKeyId() + "/" + SCOPE + ", SignedHeaders="
                                + String.join(";", signed) + ", Signature=" + signature(signed, signedBody))
                .POST(BodyPublishers.ofByteArray(body));
        headers.forEach((name, value) -> {
            if (!name.equals("host")) {
                request.header(name, value);
            }
        });
        return http.send(request);
    }

    /** AWS Signature Version 4 of a {@code POST} to {@code /} without a query. */
    private String signature(List<String> signed, byte[] body) throws GeneralSecurityException {
        StringBuilder canonical = new StringBuilder("POST\n/\n\n");
        signed.forEach(name -> canonical.append(name + ":" + headers.getOrDefault(name, "") + "\n"));
        canonical.append("\n" + String.join(";", signed) + "\n" + sha256(body));
        byte[] key = ("AWS4" + session.secretAccessKey().reveal()).getBytes(UTF_8);
        for (String part : SCOPE.split("/", -1)) {
            key = hmac(key, part);
        }
        String toSign = "AWS4-HMAC-SHA256\n" + headers.getOrDefault("x-amz-date", "") + "\n" + SCOPE + "\n"
                + sha256(canonical.toString().getBytes(UTF_8));
        return HexFormat.of().formatHex(hmac(key, toSign));
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(UTF_8));
    }

    private static String sha256(byte[] bytes) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static void assertAnswered(HttpReply reply) {
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).contains(":assumed-role/deploy/");
    }

    private static void assertMismatch(HttpReply reply) {
        assertThat(reply.status()).isEqualTo(403);
        assertThat(reply.body()).contains("<Code>SignatureDoesNotMatch</Code>");
    }
}
