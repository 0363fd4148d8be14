package io.dynamiccredentials.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.Revocation;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import java.net.URLDecoder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AwsWebIdentityExchangerTest {
    private final AwsSts frankfurt = AwsSts.builder("eu-central-1").build();

    @Test
    void exchange_success_givesTheSession() {
        try (ScriptedServer server = ScriptedServer.http(Sts.success())) {
            AwsSts sts = Sts.at(server.address());

            AwsSessionCredentials session = Sts.exchanger(sts).exchange(Sts.token());

            assertThat(session)
                    .isEqualTo(new AwsSessionCredentials(
                            Sts.ACCESS_KEY_ID,
                            Secret.of(Sts.SECRET_KEY),
                            Secret.of(Sts.SESSION_TOKEN),
                            Sts.ASSUMED,
                            Instant.parse("2026-03-01T13:00:00Z"),
                            Optional.of(Sts.REQUEST_ID)));
            assertThat(session.principal()).isEqualTo(Sts.ASSUMED);
            assertThat(session.toString()).doesNotContain(Sts.SECRET_KEY, Sts.SESSION_TOKEN);
        }
    }

    @Test
    void exchange_oneUnsignedPost_carriesTheForm() {
        try (ScriptedServer server = ScriptedServer.http(Sts.success())) {
            AwsSts sts = Sts.at(server.address());

            AwsWebIdentityExchanger.builder(Sts.ROLE, sts)
                    .sessionName("run-1")
                    .sessionDuration(Duration.ofMinutes(15))
                    .clock(Sts.CLOCK)
                    .build()
                    .exchange(Sts.token());

            assertThat(server.requests()).singleElement().satisfies(request -> {
                assertThat(request.method()).isEqualTo("POST");
                assertThat(request.path()).isEqualTo("/");
                assertThat(request.headers()).doesNotContainKeys("Authorization", "X-Amz-Security-Token");
                assertThat(form(request.body()))
                        .isEqualTo(Map.of(
                                "Action", "AssumeRoleWithWebIdentity",
                                "Version", "2011-06-15",
                                "RoleArn", Sts.ROLE,
                                "RoleSessionName", "run-1",
                                "WebIdentityToken", Sts.JWT,
                                "DurationSeconds", "900"));
            });
        }
    }

    @Test
    void exchange_nothingSet_asksForOneHour() {
        try (ScriptedServer server = ScriptedServer.http(Sts.success())) {
            AwsSts sts = Sts.at(server.address());

            AwsWebIdentityExchanger exchanger = Sts.exchanger(sts);
            exchanger.exchange(Sts.token());

            assertThat(form(server.requests().get(0).body())).containsEntry("DurationSeconds", "3600");
            assertThat(exchanger.audience()).isEqualTo("aws.workload.identity");
            assertThat(exchanger.platform()).isEqualTo("AWS");
        }
    }

    @Test
    void exchange_roleWithPath_matchesTheAssumedRoleWithoutIt() {
        try (ScriptedServer server = ScriptedServer.http(Sts.success())) {
            AwsSts sts = Sts.at(server.address());

            AwsWebIdentityExchanger exchanger = AwsWebIdentityExchanger.builder(
                            "arn:aws:iam::123456789012:role/teams/shop/deploy", sts)
                    .sessionName("run-1")
                    .clock(Sts.CLOCK)
                    .build();

            assertThat(exchanger.exchange(Sts.token()).assumedRoleArn()).isEqualTo(Sts.ASSUMED);
        }
    }

    @Test
    void exchange_manyThreads_eachGetsASession() {
        try (ScriptedServer server = ScriptedServer.http(Sts.success())) {
            AwsSts sts = Sts.at(server.address());

            AwsWebIdentityExchanger exchanger = Sts.exchanger(sts);
            List<CompletableFuture<AwsSessionCredentials>> calls = Stream.generate(
                            () -> CompletableFuture.supplyAsync(() -> exchanger.exchange(Sts.token())))
                    .limit(20)
                    .toList();

            assertThat(calls)
                    .allSatisfy(call -> assertThat(call.join().assumedRoleArn()).isEqualTo(Sts.ASSUMED));
            assertThat(server.requests()).hasSize(20);
        }
    }

    @Test
    void revoke_session_livesUntilItsEnd() {
        AwsSessionCredentials session = new AwsSessionCredentials(
                Sts.ACCESS_KEY_ID, Secret.of("key"), Secret.of("token"), Sts.ASSUMED, Sts.NOW);

        assertThat(Sts.exchanger(frankfurt).revoke(session)).isEqualTo(new Revocation.LivesUntil(Sts.NOW));
    }

    static List<Arguments> uselessBodies() {
        String good = Sts.session();
        return List.of(
                Arguments.of("", "no answer of STS"),
                Arguments.of("{}", "no answer of STS"),
                Arguments.of("not found", "no answer of STS"),
                Arguments.of("<html><body>Sign in</body></html>", "Credentials are absent"),
                Arguments.of("<AssumeRoleWithWebIdentityResponse/>", "Credentials are absent"),
                Arguments.of(good.substring(0, 700), "no answer of STS"),
                Arguments.of(good.replaceAll("(?s)<Credentials>.*</Credentials>", ""), "Credentials are absent"),
                Arguments.of(good.replaceAll("(?s)<Credentials>.*</Credentials>", "<Credentials/>"), "AccessKeyId"),
                Arguments.of(good.replaceAll("<AccessKeyId>.*</AccessKeyId>", ""), "AccessKeyId"),
                Arguments.of(good.replace(Sts.ACCESS_KEY_ID, "ASIA\nEXAMPLEEXAMPLE00"), "AccessKeyId"),
                Arguments.of(good.replace(Sts.SECRET_KEY, ""), "SecretAccessKey"),
                Arguments.of(good.replaceAll("<SessionToken>.*</SessionToken>", ""), "SessionToken"),
                Arguments.of(good.replace(Sts.SESSION_TOKEN, "line&#10;break"), "SessionToken"),
                Arguments.of(good.replace("<Expiration>2026-03-01T13:00:00Z</Expiration>", ""), "absent"),
                Arguments.of(good.replace("2026-03-01T13:00:00Z", "soon"), "no answer of STS"),
                Arguments.of(good.replace("2026-03-01T13:00:00Z", "2026-03-01T12:00:00Z"), "Expiration"),
                Arguments.of(good.replace("2026-03-01T13:00:00Z", "1969-12-31T23:59:59Z"), "Expiration"),
                Arguments.of(good.replace("2026-03-01T13:00:00Z", "2026-03-02T00:05:01Z"), "Expiration"),
                Arguments.of(good.replace("2026-03-01T13:00:00Z", "9999-12-31T23:59:59Z"), "Expiration"),
                Arguments.of(good.replaceAll("<AssumedRoleUser>.*</AssumedRoleUser>", ""), "AssumedRoleUser"),
                Arguments.of(good.replace("role/deploy/run-1", "role/admin/run-1"), "AssumedRoleUser"),
                Arguments.of(good.replace("sts::123456789012", "sts::210987654321"), "AssumedRoleUser"),
                Arguments.of(good.replace("arn:aws:sts", "arn:aws-cn:sts"), "AssumedRoleUser"),
                Arguments.of(good.replace("deploy/run-1<", "deploy/run-2<"), "AssumedRoleUser"),
                Arguments.of("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/hostname\">]><a>&b;</a>", "DOCTYPE"));
    }

    @ParameterizedTest
    @MethodSource("uselessBodies")
    void exchange_uselessSuccess_isUnintelligible(String body, String why) {
        try (ScriptedServer server = ScriptedServer.http(Answer.xml(200, body))) {
            AwsSts sts = Sts.at(server.address());

            assertThatThrownBy(() -> Sts.exchanger(sts).exchange(Sts.token()))
                    .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                        assertThat(e.kind()).isEqualTo(Kind.UNINTELLIGIBLE);
                        assertThat(e.retryable()).isFalse();
                        assertThat(e).hasNoCause();
                    })
                    .hasMessageStartingWith(
                            "AWS gave no usable answer about the token for role \"" + Sts.ROLE + "\", since ")
                    .hasMessageContaining(why)
                    .hasMessageNotContaining(Sts.SESSION_TOKEN)
                    .hasMessageNotContaining(Sts.SECRET_KEY);
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void exchange_uselessSuccess_namesTheRequestIfStsDoes() {
        String body = Sts.session().replace("role/deploy/run-1", "role/admin/run-1");
        for (Answer answer :
                List.of(Answer.xml(200, body).header("x-amzn-RequestId", Sts.REQUEST_ID), Answer.xml(200, "<a/>"))) {
            try (ScriptedServer server = ScriptedServer.http(answer)) {
                AwsSts sts = Sts.at(server.address());

                assertThatThrownBy(() -> Sts.exchanger(sts).exchange(Sts.token()))
                        .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                            assertThat(e.status()).hasValue(200);
                            assertThat(e.requestId())
                                    .isEqualTo(
                                            Optional.ofNullable(answer.headers().get("x-amzn-RequestId")));
                        });
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-03-01T12:00:01Z", "2026-03-02T00:05:00Z"})
    void exchange_endAtTheBoundary_isAccepted(String end) {
        String body = Sts.session().replace("2026-03-01T13:00:00Z", end);
        try (ScriptedServer server = ScriptedServer.http(Answer.xml(200, body))) {
            AwsSts sts = Sts.at(server.address());

            assertThat(Sts.exchanger(sts).exchange(Sts.token()).expiresAt()).isEqualTo(end);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "deploy",
                "arn:aws:iam::12345678901:role/deploy",
                "arn:aws:iam::123456789012:user/deploy",
                "arn:aws:sts::123456789012:assumed-role/deploy/run",
                "arn:aws:iam::123456789012:role/",
                "arn:aws:iam::123456789012:role//deploy",
                "arn:aws:iam::123456789012:role/de ploy",
                "arn:aws:iam::123456789012:role/deploy\n",
                "arn:gcp:iam::123456789012:role/deploy",
                "arn:aws-cn:iam::123456789012:role/deploy"
            })
    void builder_badRole_isRefused(String role) {
        assertThatThrownBy(() -> AwsWebIdentityExchanger.builder(role, frankfurt))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was \"" + role + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT14M59S", "PT12H1S", "PT-1H", "PT15M0.5S"})
    void sessionDuration_outOfRange_isRefused(Duration duration) {
        AwsWebIdentityExchanger.Builder builder = AwsWebIdentityExchanger.builder(Sts.ROLE, frankfurt);

        assertThatThrownBy(() -> builder.sessionDuration(duration))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("15 minutes to 12 hours")
                .hasMessageContaining(duration.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT15M", "PT12H"})
    void sessionDuration_atTheBoundary_isAccepted(Duration duration) {
        assertThat(AwsWebIdentityExchanger.builder(Sts.ROLE, frankfurt)
                        .sessionDuration(duration)
                        .build()
                        .roleArn())
                .isEqualTo(Sts.ROLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "with blank", "a/b", "ünï"})
    void sessionName_malformed_isRefused(String name) {
        AwsWebIdentityExchanger.Builder builder = AwsWebIdentityExchanger.builder(Sts.ROLE, frankfurt);

        assertThatThrownBy(() -> builder.sessionName(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 to 64");
        assertThatThrownBy(() -> builder.sessionName("x".repeat(65))).isInstanceOf(IllegalArgumentException.class);
        assertThat(builder.sessionName("x".repeat(64)).build().sessionName()).hasSize(64);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", " x", "x\ny"})
    void audience_malformed_isRefused(String audience) {
        AwsWebIdentityExchanger.Builder builder = AwsWebIdentityExchanger.builder(Sts.ROLE, frankfurt);

        assertThatThrownBy(() -> builder.audience(audience))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 255");
        assertThatThrownBy(() -> builder.audience("x".repeat(256))).isInstanceOf(IllegalArgumentException.class);
    }

    private static Map<String, String> form(String body) {
        Map<String, String> fields = new TreeMap<>();
        for (String pair : body.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            fields.put(parts[0], URLDecoder.decode(parts[1], UTF_8));
        }
        return fields;
    }
}
