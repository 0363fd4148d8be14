package io.dynamiccredentials.environment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HalfSetsTest {

    private static List<String> problems(String names) {
        Set<String> set = new TreeSet<>(Arrays.asList(names.split(" ", -1)));
        set.add("PATH");
        return HalfSets.problems(set);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "AWS_ACCESS_KEY_ID | AWS_SECRET_ACCESS_KEY is not",
                "AWS_SECRET_ACCESS_KEY | AWS_ACCESS_KEY_ID is not",
                "AWS_SESSION_TOKEN | AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not",
                "AWS_ROLE_ARN | AWS_WEB_IDENTITY_TOKEN_FILE is not",
                "AWS_WEB_IDENTITY_TOKEN_FILE | AWS_ROLE_ARN is not",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI | none of AWS_CONTAINER_AUTHORIZATION_TOKEN, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN | AWS_CONTAINER_CREDENTIALS_FULL_URI is not",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE | AWS_CONTAINER_CREDENTIALS_FULL_URI is not",
                "ARM_CLIENT_ID | none of ARM_CLIENT_SECRET",
                "ARM_CLIENT_SECRET | ARM_CLIENT_ID is not",
                "ARM_OIDC_TOKEN | ARM_CLIENT_ID is not",
                "ARM_OIDC_TOKEN_FILE_PATH | ARM_CLIENT_ID is not",
                "ARM_OIDC_REQUEST_URL | ARM_OIDC_REQUEST_TOKEN is not",
                "ARM_OIDC_REQUEST_TOKEN | ARM_OIDC_REQUEST_URL is not",
                "AZURE_FEDERATED_TOKEN_FILE | AZURE_CLIENT_ID and AZURE_TENANT_ID are not",
                "AZURE_CLIENT_SECRET | AZURE_CLIENT_ID and AZURE_TENANT_ID are not",
                "AZURE_CLIENT_ID | none of AZURE_FEDERATED_TOKEN_FILE",
                "ACTIONS_ID_TOKEN_REQUEST_URL | ACTIONS_ID_TOKEN_REQUEST_TOKEN is not",
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN | ACTIONS_ID_TOKEN_REQUEST_URL is not",
                "VAULT_TOKEN | VAULT_ADDR is not",
                "HCP_CLIENT_ID | HCP_CLIENT_SECRET is not",
                "HCP_CLIENT_SECRET | HCP_CLIENT_ID is not",
                "TENCENTCLOUD_SECRET_ID | TENCENTCLOUD_SECRET_KEY is not",
                "TENCENTCLOUD_SECRET_KEY | TENCENTCLOUD_SECRET_ID is not",
                "TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN | TENCENTCLOUD_ASSUME_ROLE_ARN and TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME are not"
            })
    void problems_half_saysWhatIsThereAndWhatIsMissing(String present, String missing) {
        assertThat(problems(present))
                .singleElement()
                .satisfies(problem -> assertThat(problem)
                        .startsWith("The run would have half of ")
                        .contains(": " + present + " is set, and " + missing));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AWS_REGION",
                "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY",
                "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
                "AWS_ROLE_ARN AWS_ROLE_SESSION_NAME AWS_WEB_IDENTITY_TOKEN_FILE",
                "AWS_CONFIG_FILE AWS_SDK_LOAD_CONFIG",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_AUTHORIZATION_TOKEN",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                "ARM_TENANT_ID ARM_SUBSCRIPTION_ID ARM_USE_OIDC ARM_USE_CLI ARM_USE_MSI",
                "ARM_CLIENT_ID ARM_OIDC_TOKEN_FILE_PATH",
                "ARM_CLIENT_ID ARM_CLIENT_SECRET",
                "ARM_CLIENT_ID ARM_OIDC_REQUEST_URL ARM_OIDC_REQUEST_TOKEN",
                "AZURE_TENANT_ID",
                "AZURE_CLIENT_ID AZURE_TENANT_ID AZURE_FEDERATED_TOKEN_FILE",
                "AZURE_CLIENT_ID AZURE_TENANT_ID AZURE_CLIENT_SECRET",
                "VAULT_ADDR VAULT_NAMESPACE",
                "VAULT_ADDR VAULT_TOKEN",
                "TENCENTCLOUD_ASSUME_ROLE_ARN",
                "GOOGLE_OAUTH_ACCESS_TOKEN"
            })
    void problems_wholeOrOnlySettings_areNone(String names) {
        assertThat(problems(names)).isEmpty();
    }
}
