package io.dynamiccredentials.aws;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.Timeouts;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

/** What the tests of this module share: a role, a token, and the answers of STS. */
final class Sts {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    static final String ROLE = "arn:aws:iam::123456789012:role/deploy";
    static final String ASSUMED = "arn:aws:sts::123456789012:assumed-role/deploy/run-1";
    static final String JWT =
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsImtpZCI6Ik56YkxzWGg4dURDY2QtNk1Od1hGNFdfN25vV1hGWkFmSGt4WnNSR0M5WHMifQ."
                    + "eyJpc3MiOiJodHRwczovL2NpLmV4YW1wbGUiLCJzdWIiOiJvcmdhbml6YXRpb246YWNtZTp3b3Jrc3BhY2U6cHJvZCJ9."
                    + "c2lnbmF0dXJlLXRoYXQtbXVzdC1zdGF5LW91dC1vZi1ldmVyeS1tZXNzYWdlLWFuZC1sb2c";
    static final String ACCESS_KEY_ID = "ASIAEXAMPLEEXAMPLE00";
    static final String CHAINED_ACCESS_KEY_ID = "ASIAEXAMPLECHAINED00";
    static final String SECRET_KEY = "secret/Access+Key+Marker=";
    static final String SESSION_TOKEN = "session//Token+Marker==";
    static final String REQUEST_ID = "0b6a7d2e-5a5c-4f0e-9d6d-1f2e3d4c5b6a";
    static final Timeouts SHORT = new Timeouts(Duration.ofMillis(500), Duration.ofMillis(700), Duration.ofMillis(900));

    private Sts() {}

    static IdentityToken token() {
        return new IdentityToken(
                Secret.of(JWT),
                "https://ci.example",
                "organization:acme:workspace:prod",
                AwsWebIdentityExchanger.STANDARD_AUDIENCE,
                "token-1",
                NOW,
                NOW.plusSeconds(600));
    }

    static AwsSts at(URI endpoint) {
        return AwsSts.builder("eu-central-1").endpoint(endpoint).build();
    }

    static BoundedHttpClient http(Timeouts timeouts) {
        return BoundedHttpClient.builder().timeouts(timeouts).build();
    }

    static AwsWebIdentityExchanger exchanger(AwsSts sts) {
        return AwsWebIdentityExchanger.builder(ROLE, sts)
                .sessionName("run-1")
                .clock(CLOCK)
                .build();
    }

    static String session() {
        return session(ASSUMED);
    }

    private static String session(String assumed) {
        return """
                <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
                  <AssumeRoleWithWebIdentityResult>
                    <SubjectFromWebIdentityToken>organization:acme:workspace:prod</SubjectFromWebIdentityToken>
                    <Audience>aws.workload.identity</Audience>
                    <AssumedRoleUser><Arn>%s</Arn><AssumedRoleId>AROAEXAMPLE:run-1</AssumedRoleId></AssumedRoleUser>
                    <Credentials>
                      <AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey>
                      <SessionToken>%s</SessionToken><Expiration>2026-03-01T13:00:00Z</Expiration>
                    </Credentials>
                    <Provider>arn:aws:iam::123456789012:oidc-provider/ci.example</Provider>
                  </AssumeRoleWithWebIdentityResult>
                  <ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata>
                </AssumeRoleWithWebIdentityResponse>
                """.formatted(assumed, ACCESS_KEY_ID, SECRET_KEY, SESSION_TOKEN, REQUEST_ID);
    }

    static Answer success() {
        return success(ASSUMED);
    }

    static Answer success(String assumed) {
        return Answer.xml(200, session(assumed)).header("x-amzn-RequestId", REQUEST_ID);
    }

    /** Answers a chained {@code AssumeRole}, as if all else were as in {@link #session()}. */
    static Answer chained(String assumed, String end) {
        String body = session(assumed)
                .replace("AssumeRoleWithWebIdentity", "AssumeRole")
                .replace("2026-03-01T13:00:00Z", end)
                .replace(ACCESS_KEY_ID, CHAINED_ACCESS_KEY_ID);
        return Answer.xml(200, body).header("x-amzn-RequestId", REQUEST_ID);
    }

    static Answer error(int status, String code, String message) {
        return Answer.xml(status, """
                        <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
                          <Error><Type>%s</Type><Code>%s</Code><Message>%s</Message></Error>
                          <RequestId>%s</RequestId>
                        </ErrorResponse>
                        """.formatted(status < 500 ? "Sender" : "Receiver", code, message, REQUEST_ID))
                .header("x-amzn-RequestId", REQUEST_ID);
    }
}
