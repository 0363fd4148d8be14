package io.dynamiccredentials.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.fixtures.FixedKey;
import io.dynamiccredentials.fixtures.ManualClock;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.workload.Claims;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.PipelineJob;
import io.dynamiccredentials.workload.TerraformModuleTest;
import io.dynamiccredentials.workload.TerraformRun;
import io.dynamiccredentials.workload.TerraformStackDeployment;
import io.dynamiccredentials.workload.Workload;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** One workload of each kind, and an issuer that gives each the same token every time but for an ES256 signature. */
enum GoldenTokens {
    TERRAFORM_RUN,
    TERRAFORM_RUN_WITHOUT_PROJECT,
    TERRAFORM_MODULE_TEST,
    TERRAFORM_STACK_DEPLOYMENT,
    PIPELINE_JOB;

    static final IssuerUrl ISSUER = IssuerUrl.of("https://ci.example");

    private static final Instant NOW = ManualClock.START;

    /** Returns the name of its golden files up to the first dot. */
    String fileName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String issue(SigningAlgorithm algorithm) {
        return JwtTokenIssuer.builder(ISSUER, SigningKeys.of(key(algorithm)))
                .relyingParties(RelyingPartyRules.vault())
                .clock(Clock.fixed(NOW, ZoneOffset.UTC))
                .tokenIds(() -> "00000000-0000-4000-8000-000000000001")
                .build()
                .issue(workload(), "aws.workload.identity")
                .compact()
                .reveal();
    }

    static SigningKey key(SigningAlgorithm algorithm) {
        return FixedKey.parse(read("test-only-key." + suffix(algorithm) + ".jwk.json"), algorithm);
    }

    static String suffix(SigningAlgorithm algorithm) {
        return algorithm.name().toLowerCase(Locale.ROOT);
    }

    static String read(String file) {
        try (InputStream in = GoldenTokens.class.getResourceAsStream("/golden/" + file)) {
            return new String(Objects.requireNonNull(in, file).readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Workload workload() {
        return switch (this) {
            case TERRAFORM_RUN -> run().claims(claims()).build();
            case TERRAFORM_RUN_WITHOUT_PROJECT -> run().subjectWithoutProject().build();
            case TERRAFORM_MODULE_TEST ->
                TerraformModuleTest.builder("acme", "vpc", "trun-5d2c")
                        .organizationId("org-8zQ2")
                        .build();
            case TERRAFORM_STACK_DEPLOYMENT ->
                TerraformStackDeployment.builder("acme", "Default Project", "net", "eu", "plan-9c1e")
                        .organizationId("org-8zQ2")
                        .projectId("prj-1f3A")
                        .stackId("st-4kQz")
                        .phase(Phase.APPLY)
                        .build();
            case PIPELINE_JOB ->
                PipelineJob.builder("acme", "team/shöp", "release", "run-7f3a")
                        .organizationId("17")
                        .projectId("4711")
                        .environment("prod: eu")
                        .ref(PipelineJob.RefType.BRANCH, "feature/a@b")
                        .phase(Phase.APPLY)
                        .build();
        };
    }

    private static TerraformRun.Builder run() {
        return TerraformRun.builder("acme", "Default Project", "prod", "run-7f3a")
                .workspaceId("ws-77Hd")
                .projectId("prj-1f3A")
                .organizationId("org-8zQ2");
    }

    private static Claims claims() {
        return Claims.builder()
                .text("team", "blü")
                .integer("attempt", 2)
                .flag("reviewed", true)
                .object(
                        "https://aws.amazon.com/tags",
                        Claims.builder()
                                .object(
                                        "principal_tags",
                                        Claims.builder()
                                                .texts("Project", List.of("shop"))
                                                .build())
                                .texts("transitive_tag_keys", List.of("Project"))
                                .build())
                .build();
    }
}
