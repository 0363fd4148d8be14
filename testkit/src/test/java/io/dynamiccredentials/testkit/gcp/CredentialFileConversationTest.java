package io.dynamiccredentials.testkit.gcp;

import static io.dynamiccredentials.testkit.gcp.GoogleTalk.ACCOUNT;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.RESOURCE;
import static io.dynamiccredentials.testkit.gcp.GoogleTalk.end;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.auth.oauth2.AccessToken;
import com.google.auth.oauth2.GoogleCredentials;
import io.dynamiccredentials.testkit.Conversation;
import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakeServer;
import io.dynamiccredentials.wire.StrictJson;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Conversations of Google's library that reads an {@code external_account} file. */
class CredentialFileConversationTest {
    private final GoogleTalk talk = new GoogleTalk();

    @TempDir
    private Path directory = Path.of("");

    @AfterEach
    void stop() {
        talk.close();
    }

    @Conversation(value = "B3 credential_source.file as text", sdk = true)
    void sdk_fileOfText_isExchanged() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), talk.good());
        AccessToken access = read(Map.of("file", token.toString(), "format", Map.of("type", "text")), Map.of());

        assertThat(talk.get(talk.google.whoAmI(), access.getTokenValue()).status())
                .isEqualTo(200);
    }

    @Conversation(value = "B3 credential_source.file as JSON with subject_token_field_name", sdk = true)
    void sdk_fileOfJson_isExchanged() throws Exception {
        Path token = Files.writeString(directory.resolve("token.json"), StrictJson.write(Map.of("value", talk.good())));
        Map<String, Object> format = Map.of("type", "json", "subject_token_field_name", "value");

        assertThat(read(Map.of("file", token.toString(), "format", format), Map.of())
                        .getTokenValue())
                .startsWith("ya29.");
    }

    @Conversation(value = "B3 credential_source.url with headers and JSON", sdk = true)
    void sdk_url_isAskedWithItsHeaders() throws Exception {
        Map<String, Object> format = Map.of("type", "json", "subject_token_field_name", "value");
        try (FakeServer source = FakeServer.start(
                request -> request.header("Authorization").orElse("").equals("Bearer broker")
                        ? FakeAnswer.json(200, Map.of("value", talk.good()))
                        : FakeAnswer.empty(403))) {
            String address = source.address().toString();

            assertThat(read(
                                    Map.of(
                                            "url",
                                            address,
                                            "headers",
                                            Map.of("Authorization", "Bearer broker"),
                                            "format",
                                            format),
                                    Map.of())
                            .getTokenValue())
                    .startsWith("ya29.");
            assertThatThrownBy(() -> read(Map.of("url", address, "format", format), Map.of()))
                    .isInstanceOf(IOException.class);
        }
    }

    @Conversation(value = "B3 service_account_impersonation_url and token_lifetime_seconds", sdk = true)
    void sdk_impersonation_isAskedFor() throws Exception {
        talk.google.serviceAccount(ACCOUNT, GoogleTalk.EVERYBODY);
        Path token = Files.writeString(directory.resolve("token"), talk.good());
        AccessToken access = read(
                Map.of("file", token.toString()),
                Map.of(
                        "service_account_impersonation_url",
                        talk.google.address() + "/v1/projects/-/serviceAccounts/" + ACCOUNT + ":generateAccessToken",
                        "service_account_impersonation",
                        Map.of("token_lifetime_seconds", 600)));

        assertThat(end(access)).isEqualTo(talk.clock.instant().plusSeconds(600));
    }

    @Conversation(value = "B4 plain http is no token URL", sdk = true)
    void sdk_plainHttp_isRefusedByTheLibrary() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), talk.good());
        assertThatThrownBy(() -> read(
                        Map.of("file", token.toString()),
                        Map.of(
                                "token_url",
                                "http://localhost:" + talk.google.address().getPort() + "/v1/token")))
                .hasMessageContaining("The provided token URL is invalid.");
        assertThat(talk.google.calls().count()).isZero();
    }

    private AccessToken read(Map<String, ?> source, Map<String, ?> more) throws IOException {
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("type", "external_account");
        file.put("audience", RESOURCE);
        file.put("subject_token_type", "urn:ietf:params:oauth:token-type:jwt");
        file.put("token_url", talk.google.tokenUrl().toString());
        file.put("credential_source", source);
        file.put("universe_domain", "googleapis.com");
        file.putAll(more);
        GoogleCredentials credentials = GoogleCredentials.fromStream(
                new ByteArrayInputStream(StrictJson.write(file).getBytes(UTF_8)), talk.httpTransport());
        return requireNonNull(
                credentials.createScoped(GoogleTalk.CLOUD_PLATFORM).refreshAccessToken());
    }
}
