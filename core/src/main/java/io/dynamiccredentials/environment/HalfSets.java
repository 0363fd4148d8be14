package io.dynamiccredentials.environment;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds variables of which a run would have only a part, so that its tools would look for the rest elsewhere or fail
 * late.
 */
public final class HalfSets {
    private static final String GIVEN =
            "Remove what the workspace sets of these, since the run is given all or none of them";

    private static final List<Rule> RULES = List.of(
            rule("an AWS access key", "AWS_ACCESS_KEY_ID", all("AWS_SECRET_ACCESS_KEY"), GIVEN),
            rule("an AWS access key", "AWS_SECRET_ACCESS_KEY", all("AWS_ACCESS_KEY_ID"), GIVEN),
            rule("an AWS session", "AWS_SESSION_TOKEN", all("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), GIVEN),
            rule("an AWS web identity", "AWS_ROLE_ARN", all("AWS_WEB_IDENTITY_TOKEN_FILE"), GIVEN),
            rule("an AWS web identity", "AWS_WEB_IDENTITY_TOKEN_FILE", all("AWS_ROLE_ARN"), GIVEN),
            rule(
                    "an AWS credentials endpoint",
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                    any("AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
                    GIVEN),
            rule(
                    "an AWS credentials endpoint",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                    all("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
                    GIVEN),
            rule(
                    "an AWS credentials endpoint",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                    all("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
                    GIVEN),
            rule(
                    "an Azure client of Terraform",
                    "ARM_CLIENT_ID",
                    any(
                            "ARM_CLIENT_SECRET",
                            "ARM_CLIENT_CERTIFICATE_PATH",
                            "ARM_CLIENT_CERTIFICATE",
                            "ARM_OIDC_TOKEN",
                            "ARM_OIDC_TOKEN_FILE_PATH",
                            "ARM_OIDC_REQUEST_URL",
                            "ACTIONS_ID_TOKEN_REQUEST_URL"),
                    GIVEN),
            rule("an Azure client of Terraform", "ARM_CLIENT_SECRET", all("ARM_CLIENT_ID"), GIVEN),
            rule("an Azure client of Terraform", "ARM_OIDC_TOKEN", all("ARM_CLIENT_ID"), GIVEN),
            rule("an Azure client of Terraform", "ARM_OIDC_TOKEN_FILE_PATH", all("ARM_CLIENT_ID"), GIVEN),
            rule("an Azure token endpoint", "ARM_OIDC_REQUEST_URL", all("ARM_OIDC_REQUEST_TOKEN"), GIVEN),
            rule("an Azure token endpoint", "ARM_OIDC_REQUEST_TOKEN", all("ARM_OIDC_REQUEST_URL"), GIVEN),
            rule(
                    "an Azure workload identity",
                    "AZURE_FEDERATED_TOKEN_FILE",
                    all("AZURE_CLIENT_ID", "AZURE_TENANT_ID"),
                    GIVEN),
            rule("an Azure client", "AZURE_CLIENT_SECRET", all("AZURE_CLIENT_ID", "AZURE_TENANT_ID"), GIVEN),
            rule(
                    "an Azure client",
                    "AZURE_CLIENT_ID",
                    any("AZURE_FEDERATED_TOKEN_FILE", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"),
                    GIVEN),
            rule("an id-token endpoint", "ACTIONS_ID_TOKEN_REQUEST_URL", all("ACTIONS_ID_TOKEN_REQUEST_TOKEN"), GIVEN),
            rule("an id-token endpoint", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", all("ACTIONS_ID_TOKEN_REQUEST_URL"), GIVEN),
            rule(
                    "a Vault token",
                    "VAULT_TOKEN",
                    all("VAULT_ADDR"),
                    "Without an address Vault's tools take the one of a development server on this machine"),
            rule("an HCP client", "HCP_CLIENT_ID", all("HCP_CLIENT_SECRET"), GIVEN),
            rule("an HCP client", "HCP_CLIENT_SECRET", all("HCP_CLIENT_ID"), GIVEN),
            rule("a Tencent Cloud key", "TENCENTCLOUD_SECRET_ID", all("TENCENTCLOUD_SECRET_KEY"), GIVEN),
            rule("a Tencent Cloud key", "TENCENTCLOUD_SECRET_KEY", all("TENCENTCLOUD_SECRET_ID"), GIVEN),
            rule(
                    "a Tencent Cloud web identity",
                    "TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN",
                    all("TENCENTCLOUD_ASSUME_ROLE_ARN", "TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME"),
                    GIVEN));

    private HalfSets() {}

    /**
     * Returns what is wrong with a run that has the variables {@code names}, each as a sentence that names what is
     * there, what is missing and the remedy; empty if nothing is.
     */
    public static List<String> problems(Set<String> names) {
        List<String> problems = new ArrayList<>();
        for (Rule rule : RULES) {
            if (names.contains(rule.present()) && !rule.needs().areMet(names)) {
                problems.add("The run would have half of " + rule.what() + ": " + rule.present() + " is set, and "
                        + rule.needs().missing(names) + ". " + rule.remedy());
            }
        }
        return problems;
    }

    private static Rule rule(String what, String present, Needs needs, String remedy) {
        return new Rule(what, present, needs, remedy);
    }

    private static Needs all(String... names) {
        return new All(List.of(names));
    }

    private static Needs any(String... names) {
        return new Any(List.of(names));
    }

    private record Rule(String what, String present, Needs needs, String remedy) {}

    private sealed interface Needs {
        boolean areMet(Set<String> names);

        String missing(Set<String> names);
    }

    private record All(List<String> needed) implements Needs {
        @Override
        public boolean areMet(Set<String> names) {
            return names.containsAll(needed);
        }

        @Override
        public String missing(Set<String> names) {
            Set<String> absent = new TreeSet<>(needed);
            absent.removeAll(names);
            return String.join(" and ", absent) + (absent.size() == 1 ? " is not" : " are not");
        }
    }

    private record Any(List<String> choices) implements Needs {
        @Override
        public boolean areMet(Set<String> names) {
            return choices.stream().anyMatch(names::contains);
        }

        @Override
        public String missing(Set<String> names) {
            return "none of " + String.join(", ", choices) + " is";
        }
    }
}
