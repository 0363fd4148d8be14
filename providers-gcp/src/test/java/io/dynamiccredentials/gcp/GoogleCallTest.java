package io.dynamiccredentials.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.api.client.http.EmptyContent;
import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpRequestFactory;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.wire.Timeouts;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class GoogleCallTest {

    @Test
    void execute_anyOtherAddressOrMethod_sendsNothing() throws IOException {
        try (ScriptedServer server = ScriptedServer.https(Google.federated())) {
            StsStep step =
                    new StsStep(server.address() + "/v1/token", ProviderName.parse(Google.PROVIDER), Google.token());
            HttpRequestFactory requests = new GoogleCall(Google.http(Timeouts.standard()), Google.CLOCK, List.of(step))
                    .createRequestFactory();
            GenericUrl own = new GenericUrl(step.url());

            assertThatThrownBy(() -> requests.buildPostRequest(new GenericUrl(step.url() + "/x"), new EmptyContent())
                            .execute())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no business");
            assertThatThrownBy(() -> requests.buildGetRequest(own).execute())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no business");
            assertThat(server.requests()).isEmpty();
        }
    }
}
