package io.dynamiccredentials.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.aws.AwsProvider;
import io.dynamiccredentials.aws.AwsTrustPolicy;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.testkit.aws.FakeAws;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The contract of HCP Terraform's dynamic credentials, held against Terraform and its AWS provider as they are. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TerraformTest {
    private static final String ACCOUNT = "123456789012";
    private static final String TARGET = role("target");

    private final TestIssuer issuer = TestIssuer.start(Clock.systemUTC());
    private final FakeAws aws = aws();

    @TempDir
    private static Path directory;

    private Terraform terraform;

    @BeforeAll
    void find() throws Exception {
        terraform = Terraform.find(directory);
    }

    @AfterAll
    void stop() throws Exception {
        Terraform.unlink(directory);
        aws.close();
        issuer.close();
    }

    @Test
    void variables_planAndApplyOfASavedPlan_haveTheirOwnRoles() throws Exception {
        Path module = Terraform.module(directory, "main.tf");
        DynamicCredentials door = door().build();

        try (RunLease lease = door.open(Runs.plan(), variables())) {
            terraform.run(lease, module, "init");
            terraform.run(lease, module, "plan", "-out=plan");
        }
        try (RunLease lease = door.open(Runs.apply(), variables())) {
            terraform.run(lease, module, "apply", "plan");
            assertOutputs(lease, module);
        }
    }

    @Test
    void inputsFile_planAndApplyOfASavedPlan_haveTheirOwnRoles() throws Exception {
        Path module = Terraform.module(directory, "main.tf");
        DynamicCredentials door = door().withoutTerraformVariables().build();

        try (RunLease lease = door.open(Runs.plan(), variables())) {
            lease.writeTerraformInputs(module);
            terraform.run(lease, module, "init");
            terraform.run(lease, module, "plan", "-out=plan");
        }
        assertThat(module.resolve("dynamic-credentials.auto.tfvars.json")).doesNotExist();
        try (RunLease lease = door.open(Runs.apply(), variables())) {
            lease.writeTerraformInputs(module);
            terraform.run(lease, module, "apply", "plan");
            assertOutputs(lease, module);
        }
    }

    @Test
    void environment_onlyAChainedConfiguration_needsNothingInTheProvider() throws Exception {
        Path module = Terraform.module(directory, "untagged.tf");
        Map<String, String> variables = Map.of(
                "TFC_AWS_PROVIDER_AUTH",
                "true",
                "TFC_AWS_RUN_ROLE_ARN",
                role("two-plan"),
                "DYNAMIC_CREDENTIALS_AWS_RUN_CHAINED_ROLE_ARN",
                TARGET,
                "DYNAMIC_CREDENTIALS_AWS_RUN_EXTERNAL_ID",
                "acme");

        try (RunLease lease = door().build().open(Runs.plan(), variables)) {
            terraform.run(lease, module, "init");
            terraform.run(lease, module, "apply", "-auto-approve");

            assertThat(terraform.run(lease, module, "output", "-raw", "who")).isEqualTo(assumed("target"));
        }
    }

    @Test
    void variables_tagsOnly_passTheTypeWithANullDefault() throws Exception {
        Path module = Terraform.module(directory, "tags-only.tf");
        Map<String, String> variables =
                Map.of("TFC_AWS_PROVIDER_AUTH_ONE", "true", "TFC_AWS_RUN_ROLE_ARN_ONE", role("one-plan"));

        try (RunLease lease = door().build().open(Runs.plan(), variables)) {
            terraform.run(lease, module, "apply", "-auto-approve");

            assertThat(terraform.run(lease, module, "output", "-raw", "default_is_null"))
                    .isEqualTo("true");
            assertThat(Path.of(terraform.run(lease, module, "output", "-raw", "file")))
                    .content()
                    .contains("role_arn = " + role("one-plan"));
        }
    }

    private void assertOutputs(RunLease lease, Path module) throws Exception {
        assertThat(terraform.run(lease, module, "output", "-raw", "planned"))
                .isEqualTo(assumed("default-plan", "one-plan", "target"));
        assertThat(terraform.run(lease, module, "output", "-raw", "applied"))
                .isEqualTo(assumed("default-apply", "one-apply", "two-apply"));
        assertThat(terraform.run(lease, module, "output", "-raw", "regions"))
                .isEqualTo("eu-central-1 eu-central-1 eu-central-1");
    }

    /** The configuration "two" works as a chained role in the plan, and with the session's keys when it is applied. */
    private static Map<String, String> variables() {
        Map<String, String> variables = new TreeMap<>();
        Map.of("", "default", "_ONE", "one", "_two", "two").forEach((tag, name) -> {
            variables.put("TFC_AWS_PROVIDER_AUTH" + tag, "true");
            variables.put("TFC_AWS_PLAN_ROLE_ARN" + tag, role(name + "-plan"));
            variables.put("TFC_AWS_APPLY_ROLE_ARN" + tag, role(name + "-apply"));
        });
        variables.put("DYNAMIC_CREDENTIALS_AWS_PLAN_CHAINED_ROLE_ARN_two", TARGET);
        variables.put("DYNAMIC_CREDENTIALS_AWS_PLAN_EXTERNAL_ID_two", "acme");
        variables.put("DYNAMIC_CREDENTIALS_AWS_APPLY_SESSION_SECONDS_two", "900");
        return variables;
    }

    private DynamicCredentials.Builder door() throws Exception {
        return DynamicCredentials.builder(issuer)
                .provider(AwsProvider.builder("eu-central-1")
                        .endpoint(aws.address())
                        .build())
                .directory(Files.createTempDirectory(directory, "leases-"));
    }

    private FakeAws aws() {
        FakeAws fake = FakeAws.start(Clock.systemUTC());
        for (String phase : Set.of("plan", "apply")) {
            AwsTrustPolicy policy = new AwsTrustPolicy(
                    issuer.url(),
                    Set.of("aws.workload.identity"),
                    "organization:acme:project:shop:workspace:prod:run_phase:" + phase);
            Stream.of("default-", "one-", "two-").forEach(name -> fake.role(role(name + phase), policy));
        }
        return fake.chainedRole(TARGET, Set.of(role("two-plan")), "acme");
    }

    private static String role(String name) {
        return "arn:aws:iam::" + ACCOUNT + ":role/" + name;
    }

    private static String assumed(String... roles) {
        return Stream.of(roles)
                .map(role -> "arn:aws:sts::" + ACCOUNT + ":assumed-role/" + role + "/run-1")
                .collect(Collectors.joining(" "));
    }
}
