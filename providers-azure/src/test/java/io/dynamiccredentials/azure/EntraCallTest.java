package io.dynamiccredentials.azure;

import static io.dynamiccredentials.azure.Samples.ACCESS_TOKEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.util.Context;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EntraCallTest {
    private Function<ScriptedServer.Request, Answer> script = request -> Samples.granted(ACCESS_TOKEN);
    private final ScriptedServer server = ScriptedServer.https(request -> script.apply(request));
    private final URI endpoint = URI.create(server.address() + "/tenant/oauth2/v2.0/token");
    private final EntraFailures failures =
            new EntraFailures(Samples.TENANT, Samples.CLIENT, "https://a/.default", Samples.token(), Clock.systemUTC());
    private final EntraCall call = new EntraCall(Samples.http(), endpoint, failures);

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void sendSync_secondRequest_isStopped() {
        call.sendSync(post(endpoint.toString()), Context.NONE);

        assertThatThrownBy(() -> call.sendSync(post(endpoint.toString()), Context.NONE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("one request");
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void sendSync_secondRequestAfterAFailure_isStopped() {
        script = request -> Answer.text(500, "");
        assertThatThrownBy(() -> call.sendSync(post(endpoint.toString()), Context.NONE))
                .hasMessageContaining("HTTP 500");

        assertThatThrownBy(() -> call.sendSync(post(endpoint.toString()), Context.NONE))
                .isInstanceOf(IllegalStateException.class);
        assertThat(server.requests()).hasSize(1);
        assertThat(call.failure())
                .hasValueSatisfying(e -> assertThat(e.status()).hasValue(500));
        assertThat(call.grant()).isEmpty();
    }

    @Test
    void sendSync_otherAddress_isStopped() {
        assertThatThrownBy(() -> call.sendSync(post(server.address() + "/common/discovery/instance"), Context.NONE))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> call.sendSync(new HttpRequest(HttpMethod.GET, endpoint.toString()), Context.NONE))
                .isInstanceOf(IllegalStateException.class);
        assertThat(server.requests()).isEmpty();
        assertThat(call.failure()).isEmpty();
    }

    @Test
    void send_granted_givesTheSameAnswerInEveryForm() {
        HttpResponse answer =
                call.send(post(endpoint.toString())).blockOptional().orElseThrow();

        String body = answer.getBodyAsString().block();
        assertThat(body).contains(ACCESS_TOKEN);
        assertThat(answer.getBodyAsString(StandardCharsets.UTF_8).block()).isEqualTo(body);
        assertThat(answer.getBodyAsByteArray().block()).asString().isEqualTo(body);
        assertThat(answer.getBodyAsBinaryData()).hasToString(body);
        assertThat(answer.getBody().blockFirst()).isNotNull();
        assertThat(answer.getStatusCode()).isEqualTo(200);
    }

    @Test
    void sendSync_requestIdComesBack_isGivenToTheSdk() {
        script = request -> Samples.granted(ACCESS_TOKEN).header("client-request-id", "id-1");

        assertThat(call.sendSync(post(endpoint.toString()), Context.NONE).getHeaders().stream())
                .singleElement()
                .hasToString("client-request-id:id-1");
    }

    @Test
    void sendSync_otherRequestIdComesBack_isLeftOut() {
        script = request -> Samples.granted(ACCESS_TOKEN).header("client-request-id", ACCESS_TOKEN);

        assertThat(call.sendSync(post(endpoint.toString()), Context.NONE).getHeaders().stream())
                .isEmpty();
    }

    @Test
    void ofSdk_always_namesTheFailureAndChainsNothing() {
        assertThat(failures.ofSdk("java.lang.LinkageError"))
                .hasMessageContaining("the token for application \"" + Samples.CLIENT)
                .hasMessageContaining("java.lang.LinkageError")
                .hasNoCause()
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.UNINTELLIGIBLE));
    }

    private static HttpRequest post(String address) {
        return new HttpRequest(HttpMethod.POST, address)
                .setHeader(HttpHeaderName.fromString("client-request-id"), "id-1")
                .setBody("a=b");
    }
}
