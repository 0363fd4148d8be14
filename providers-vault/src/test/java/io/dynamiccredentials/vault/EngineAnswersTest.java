package io.dynamiccredentials.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.wire.StrictJson;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each engine asks for, and which answers it believes. */
class EngineAnswersTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String ARN = "arn:aws:iam::123456789012:role/a/b/deploy";
    private static final AwsEngine USER = new AwsEngine("aws", "ci", AwsEngine.Type.IAM_USER, Optional.empty());
    private static final AwsEngine ROLE = new AwsEngine("aws", "ci", AwsEngine.Type.ASSUMED_ROLE, Optional.of(ARN));
    private static final GcpEngine TOKEN = new GcpEngine("gcp", "ci", GcpEngine.Type.ROLESET_TOKEN);
    private static final GcpEngine KEY = new GcpEngine("g/c", "ci", GcpEngine.Type.STATIC_ACCOUNT_KEY);
    private static final AzureEngine AZURE = new AzureEngine("azure", "ci");

    private static final String SESSION = "{\"access_key\":\"ASIA0123456789ABCDEF\",\"secret_key\":\"s\","
            + "\"security_token\":\"t\",\"ttl\":60,\"arn\":\"arn:aws:sts::123456789012:assumed-role/deploy/x\"}";
    private static final String PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----\\nTUFSS0VS\\n-----END PRIVATE KEY-----\\n";
    private static final String FILE = "{\"type\":\"service_account\",\"project_id\":\"p-1\",\"private_key_id\":\"k1\","
            + "\"private_key\":\"" + PRIVATE_KEY + "\",\"client_email\":\"sa@p-1.iam.gserviceaccount.com\","
            + "\"client_id\":\"123\",\"auth_uri\":\"https://evil.example/auth\","
            + "\"token_uri\":\"https://oauth2.googleapis.com/token\","
            + "\"client_x509_cert_url\":\"https://evil.example/certs\",\"universe_domain\":\"googleapis.com\"}";

    @Test
    void path_each_isTheEnginesOwn() {
        assertThat(USER.path()).isEqualTo("aws/creds/ci");
        assertThat(ROLE.path())
                .isEqualTo("aws/sts/ci?role_arn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fa%2Fb%2Fdeploy");
        assertThat(new AwsEngine("aws", "ci", AwsEngine.Type.FEDERATION_TOKEN, Optional.empty()).path())
                .isEqualTo("aws/sts/ci");
        assertThat(TOKEN.path()).isEqualTo("gcp/roleset/ci/token");
        assertThat(KEY.path()).isEqualTo("g/c/static-account/ci/key");
        assertThat(AZURE.path()).isEqualTo("azure/creds/ci");
    }

    @Test
    void revocable_each_isTold() {
        assertThat(USER.revocable()).isTrue();
        assertThat(ROLE.revocable()).isFalse();
        assertThat(TOKEN.revocable()).isFalse();
        assertThat(KEY.revocable()).isTrue();
        assertThat(AZURE.revocable()).isTrue();
    }

    @Test
    void aws_session_isRead() {
        AwsKeys keys = ROLE.read(StrictJson.parseObject(SESSION), NOW);

        assertThat(keys)
                .isEqualTo(new AwsKeys(
                        "ASIA0123456789ABCDEF",
                        Secret.of("s"),
                        Optional.of(Secret.of("t")),
                        Optional.of(NOW.plusSeconds(60))));
        assertThat(ROLE.read(StrictJson.parseObject(SESSION.replace("security_token", "session_token")), NOW))
                .isEqualTo(keys);
        assertThat(ROLE.read(StrictJson.parseObject(SESSION.replaceAll(",\"arn\":.*", "}")), NOW))
                .isEqualTo(keys);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "ASIA0123456789ABCDEF"     | ""                                    | data.access_key is absent
            "ASIA0123456789ABCDEF"     | null                                  | data.access_key is absent
            "ASIA0123456789ABCDEF"     | 7                                     | data.access_key is no text
            "ASIA0123456789ABCDEF"     | "ASIA"                                | data.access_key has a form
            "ASIA0123456789ABCDEF"     | "ASIA0123456789ABCDE="                | data.access_key has a form
            "secret_key":"s"           | "secret_key":"s\\n[other]"            | data.secret_key has a form
            "secret_key":"s"           | "secret_key":["s"]                    | data.secret_key is no text
            "security_token":"t"       | "security_token":"t t"                | data.security_token has a form
            "security_token":"t"       | "security_token":"t","session_token":"u" | differ
            "security_token":"t"       | "security_token":null                 | that of a session
            "ttl":60                   | "ttl":0                               | ttl is 0
            "ttl":60                   | "ttl":"60"                            | ttl is
            assumed-role/deploy/x      | assumed-role/deploy2/x                | not of the role
            123456789012:assumed-role  | 123456789013:assumed-role             | not of the role
            arn:aws:sts                | arn:aws-cn:sts                        | not of the role
            """)
    void aws_badSession_isRefused(String good, String bad, String text) {
        assertThat(SESSION).contains(good);
        String answer = SESSION.replace(good, bad);

        assertThatThrownBy(() -> ROLE.read(StrictJson.parseObject(answer), NOW))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
    }

    @Test
    void aws_sessionForAUser_isRefusedSinceNobodyCouldEndIt() {
        assertThatThrownBy(() -> USER.read(StrictJson.parseObject(SESSION), NOW))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nobody can end");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arn:aws:iam::123456789012:user/deploy",
                "arn:aws:iam::12345678901:role/deploy",
                "arn:aws:iam::123456789012:role/",
                "arn:aws:iam::123456789012:role/a\"b",
                "deploy",
                ""
            })
    void aws_noRoleArn_isNone(String text) {
        assertThat(AwsEngine.isRoleArn(text)).isFalse();
        assertThat(AwsEngine.isRoleArn(ARN)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "token_ttl":60                                    | 2026-03-01T12:01:00Z
            "expires_at_seconds":1772366430                   | 2026-03-01T12:00:30Z
            "token_ttl":60,"expires_at_seconds":1772366430    | 2026-03-01T12:00:30Z
            "token_ttl":20,"expires_at_seconds":1772366430    | 2026-03-01T12:00:20Z
            """)
    void gcp_token_endsAtTheEarliest(String members, Instant end) {
        GcpSecret secret = TOKEN.read(StrictJson.parseObject("{\"token\":\"ya29.x\"," + members + "}"), NOW);

        assertThat(secret.endsAt()).contains(end);
        assertThat(secret.text()).isEqualTo(Secret.of("ya29.x"));
        assertThat(secret.name()).isEqualTo("an access token of \"gcp/roleset/ci/token\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"token\":\"a b\",\"token_ttl\":60}",
                "{\"token\":\"\",\"token_ttl\":60}",
                "{\"token\":\"a\",\"token_ttl\":0}",
                "{\"token\":\"a\",\"token_ttl\":1e3}",
                "{\"token\":\"a\",\"expires_at_seconds\":99999999999999}"
            })
    void gcp_badToken_isRefused(String data) {
        assertThatThrownBy(() -> TOKEN.read(StrictJson.parseObject(data), NOW))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void gcp_key_isWrittenAnewWithGooglesAddressesOnly() {
        GcpSecret secret = KEY.read(StrictJson.parseObject(keyData(FILE)), NOW);

        assertThat(secret.text().reveal())
                .contains(
                        "\"private_key\":\"" + PRIVATE_KEY + "\"",
                        "\"token_uri\":\"https://oauth2.googleapis.com/token\"")
                .doesNotContain("evil");
        assertThat(secret.name()).isEqualTo("key \"k1\" of \"sa@p-1.iam.gserviceaccount.com\"");
        assertThat(secret.toString()).doesNotContain("TUFSS0VS");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "type":"service_account"        | "type":"external_account"                   | type
            "type":"service_account"        | "type":"authorized_user"                    | type
            "type":"service_account",       | ''                                          | type
            https://oauth2.googleapis.com/token | https://oauth2.googleapis.com.evil.example/token | token_uri
            https://oauth2.googleapis.com/token | http://oauth2.googleapis.com/token      | token_uri
            "universe_domain":"googleapis.com" | "universe_domain":"evil.example"         | universe_domain
            "universe_domain":"googleapis.com" | "universe_domain":null                   | universe_domain
            sa@p-1.iam.gserviceaccount.com  | sa@evil.example                             | client_email
            -----BEGIN PRIVATE KEY-----     | -----BEGIN CERTIFICATE-----                 | private_key
            "private_key_id":"k1"           | "private_key_id":"k/1"                      | private_key_id
            "project_id":"p-1"              | "project_id":"../x"                         | project_id
            "client_id":"123"               | "client_id":{"file":"/etc/passwd"}          | client_id
            """)
    void gcp_badKey_isRefused(String good, String bad, String member) {
        assertThat(FILE).contains(good);
        String data = keyData(FILE.replace(good, bad));

        assertThatThrownBy(() -> KEY.read(StrictJson.parseObject(data), NOW))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(member)
                .hasMessageNotContaining("TUFSS0VS");
    }

    @Test
    void gcp_keyThatIsNoJson_isRefused() {
        assertThatThrownBy(() -> KEY.read(StrictJson.parseObject(keyData("MARKER")), NOW))
                .hasMessageContaining("private_key_data")
                .hasMessageNotContaining("MARKER");
        assertThatThrownBy(() -> KEY.read(StrictJson.parseObject("{\"private_key_data\":\"MARKER!\"}"), NOW))
                .hasMessageContaining("not in base64")
                .hasMessageNotContaining("MARKER");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"client_id\":\"11111111-2222-3333-4444-555555555555\"}",
                "{\"client_id\":\"client\",\"client_secret\":\"s\"}",
                "{\"client_id\":\"11111111-2222-3333-4444-555555555555\",\"client_secret\":\"a\\nb\"}",
                "{\"client_id\":\"11111111-2222-3333-4444-555555555555\",\"client_secret\":7}"
            })
    void azure_badSecret_isRefused(String data) {
        assertThatThrownBy(() -> AZURE.read(StrictJson.parseObject(data), NOW))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static String keyData(String file) {
        return "{\"private_key_data\":\"" + Base64.getEncoder().encodeToString(file.getBytes(UTF_8)) + "\"}";
    }
}
