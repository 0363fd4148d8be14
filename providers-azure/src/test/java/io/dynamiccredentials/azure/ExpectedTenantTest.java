package io.dynamiccredentials.azure;

import static io.dynamiccredentials.azure.Samples.CLIENT;
import static io.dynamiccredentials.azure.Samples.TENANT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.fixtures.ScriptedServer;
import java.util.Base64;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpectedTenantTest {
    private static final String OTHER = "dddddddd-1111-2222-3333-444444444444";
    private static final String DOMAIN = "contoso.example";
    private static final String TOLD = "{\"tid\":\"" + TENANT + "\"}";
    private static final String TOLD_OTHER = "{\"tid\":\"" + OTHER + "\"}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {TENANT + "|" + TOLD, TENANT + "|{}", TENANT + "|no JSON", DOMAIN + "|" + TOLD})
    void exchange_expectedTenant_passes(String asked, String claims) {
        assertThat(exchange(asked, claims).clientId()).isEqualTo(CLIENT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                TENANT + "|" + TOLD_OTHER + "|" + OTHER,
                DOMAIN + "|" + TOLD_OTHER + "|" + OTHER,
                DOMAIN + "|{}|does not name",
                DOMAIN + "|no JSON|does not name"
            })
    void exchange_otherTenantOrNoneIsTold_isRefused(String asked, String claims, String text) {
        assertThatThrownBy(() -> exchange(asked, claims))
                .isInstanceOfSatisfying(CredentialExchangeException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.MISCONFIGURED);
                    assertThat(e).hasMessageContainingAll(TENANT, text);
                });
    }

    private static AzureAccessCredentials exchange(String asked, String claims) {
        String body = Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(UTF_8));
        try (ScriptedServer server = ScriptedServer.https(Samples.granted("eyJhbGciOiJSUzI1NiJ9." + body + ".c2ln"))) {
            return new ExpectedTenant(Samples.exchanger(server), TENANT, asked).exchange(Samples.token());
        }
    }
}
