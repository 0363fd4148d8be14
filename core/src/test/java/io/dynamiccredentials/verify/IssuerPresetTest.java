package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.ALGORITHM_REFUSED;
import static io.dynamiccredentials.TokenRejectedException.Reason.CLAIM_MISMATCH;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_ISSUER;
import static io.dynamiccredentials.verify.Condition.anyOf;
import static io.dynamiccredentials.verify.Condition.claim;
import static io.dynamiccredentials.verify.Trial.EC;
import static io.dynamiccredentials.verify.Trial.NOW;
import static io.dynamiccredentials.verify.Trial.RSA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Takes a token of each preset in the form that its platform documents, and refuses its neighbours. */
class IssuerPresetTest {
    private static final String AUDIENCE = "https://deploy.example";
    private static final String ORGANIZATION = "3f8a1c52-7d7e-4a55-9a5e-0d3c6a4f9f10";
    private static final String PROJECT = "6f1b2c9e-2b7e-4a55-9a5e-0d3c6a4f9f11";

    private static final String GITHUB = """
            {"jti":"1","sub":"repo:acme@123/app@456:environment:prod","repository":"acme/app","repository_id":"456",
            "repository_owner":"acme","repository_owner_id":"123","environment":"prod","ref":"refs/heads/main",
            "ref_type":"branch","event_name":"push","job_workflow_ref":"acme/app/.github/workflows/d.yml@refs/heads/main",
            "runner_environment":"github-hosted","run_id":"7","actor":"octocat"}""";

    private static final String GITLAB = """
            {"jti":"1","sub":"project_path:acme/app:ref_type:branch:ref:main","namespace_id":"72","namespace_path":"acme",
            "project_id":"20","project_path":"acme/app","ref":"main","ref_type":"branch","ref_path":"refs/heads/main",
            "ref_protected":"true","pipeline_source":"push","runner_id":1,"groups_direct":["acme","acme/deployers"]}""";

    private static final String TERRAFORM = """
            {"jti":"1","sub":"organization:acme:project:Default Project:workspace:app:run_phase:apply",
            "terraform_organization_id":"org-1","terraform_organization_name":"acme","terraform_project_id":"prj-1",
            "terraform_project_name":"Default Project","terraform_workspace_id":"ws-1","terraform_workspace_name":"app",
            "terraform_full_workspace":"organization:acme:project:Default Project:workspace:app",
            "terraform_run_id":"run-1","terraform_run_phase":"apply"}""";

    private static final String CIRCLECI = """
            {"sub":"org/ORG/project/PROJECT/user/U/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main",
            "oidc.circleci.com/org-id":"ORG","oidc.circleci.com/project-id":"PROJECT",
            "oidc.circleci.com/context-ids":["CTX"],"oidc.circleci.com/vcs-origin":"github.com/acme/app",
            "oidc.circleci.com/vcs-ref":"refs/heads/main","oidc.circleci.com/ssh-rerun":false}""".replace("ORG", ORGANIZATION).replace("PROJECT", PROJECT);

    private static final String BUILDKITE = """
            {"jti":"1","sub":"organization:acme:pipeline:app:ref:refs/heads/main:commit:b5ffe3:step:","organization_slug":"acme",
            "pipeline_slug":"app","build_number":5,"build_branch":"main","build_tag":null,"build_commit":"b5ffe3",
            "step_key":null,"job_id":"j","agent_id":"a","build_source":"ui","runner_environment":"buildkite-hosted"}""";

    private static final String KUBERNETES = """
            {"jti":"1","sub":"system:serviceaccount:shop:deployer","kubernetes.io":{"namespace":"shop",
            "node":{"name":"n","uid":"u1"},"pod":{"name":"deployer-1","uid":"u2"},
            "serviceaccount":{"name":"deployer","uid":"u3"}}}""";

    private static final String GOOGLE = """
            {"azp":"117","sub":"117","email":"bot@acme.iam.gserviceaccount.com","email_verified":true,
            "google":{"compute_engine":{"project_id":"acme","project_number":42,"instance_name":"i"}}}""";

    @Test
    void gitHubActions_ids_admitTheRepositoryAlone() {
        IssuerPreset preset = IssuerPreset.gitHubActions();
        assertThat(preset.issuer()).hasToString("https://token.actions.githubusercontent.com");
        TrustPolicy policy = policy(
                preset, claim("repository_id").is("456"), claim("environment").is("prod"));

        assertWelcome(preset, policy, GITHUB);
        // The same names in the hands of somebody else, and the same environment in another repository.
        assertRefused(preset, policy, GITHUB.replace("456", "999").replace("123", "998"), "repository_id");
        assertRefused(preset, policy, GITHUB.replace("\"456\"", "456"), "repository_id");
        assertRefused(preset, policy, GITHUB.replace("prod", "production"), "environment");
    }

    @Test
    void gitHubActions_globOverTheSubject_endsWithTheRepository() {
        IssuerPreset preset = IssuerPreset.gitHubActions();
        TrustPolicy policy = policy(
                preset,
                anyOf(
                        claim("sub").matches("repo:acme@123/app@456:*"),
                        claim("sub").matches("repo:acme/app:ref:*")));
        String old = GITHUB.replace("repo:acme@123/app@456:environment:prod", "repo:acme/app:ref:refs/heads/main");

        assertWelcome(preset, policy, GITHUB);
        assertWelcome(preset, policy, old);
        assertRefused(preset, policy, old.replace("acme/app:", "acme/app-evil:"), "sub");
        assertRefused(preset, policy, old.replace("repo:acme/", "repo:acme-evil/"), "sub");
        assertRefused(preset, policy, old.replace("repo:", "Repo:"), "sub");
        assertRefused(preset, policy, GITHUB.replace("app@456:", "app@4567:"), "sub");
    }

    @Test
    void gitHubActions_enterprise_isAnIssuerOfItsOwn() {
        IssuerPreset preset = IssuerPreset.gitHubActions("octo-inc");
        assertThat(preset.issuer()).hasToString("https://token.actions.githubusercontent.com/octo-inc");
        TrustPolicy policy = policy(preset, claim("repository_id").is("456"));

        assertWelcome(preset, policy, GITHUB);
        assertForeign(preset, "https://token.actions.githubusercontent.com", GITHUB);
        assertForeign(preset, "https://token.actions.githubusercontent.com/octo-inc-evil", GITHUB);
    }

    @Test
    void gitLab_project_isAdmittedOnItsProtectedBranch() {
        IssuerPreset preset = IssuerPreset.gitLab();
        assertThat(preset.issuer()).hasToString("https://gitlab.com");
        TrustPolicy policy = policy(
                preset,
                claim("project_id").is("20"),
                claim("ref_protected").is("true"),
                claim("groups_direct").contains("acme/deployers"));

        assertWelcome(preset, policy, GITLAB);
        assertRefused(preset, policy, GITLAB.replace("\"20\"", "\"201\""), "project_id");
        assertRefused(preset, policy, GITLAB.replace("\"true\"", "\"false\""), "ref_protected");
        assertRefused(preset, policy, GITLAB.replace("\"true\"", "true"), "ref_protected");
        assertRefused(preset, policy, GITLAB.replace("acme/deployers", "acme/deployers-evil"), "groups_direct");
        TrustPolicy bySubject = policy(preset, claim("sub").matches("project_path:acme/app:ref_type:branch:ref:*"));
        assertWelcome(preset, bySubject, GITLAB);
        assertRefused(preset, bySubject, GITLAB.replace("acme/app:", "acme/app-evil:"), "sub");
    }

    @Test
    void gitLab_ownHost_isAnIssuerOfItsOwn() {
        IssuerPreset preset = IssuerPreset.gitLab("gitlab.example:8443");
        assertThat(preset.issuer()).hasToString("https://gitlab.example:8443");

        assertWelcome(preset, policy(preset, claim("project_id").is("20")), GITLAB);
        assertForeign(preset, "https://gitlab.com", GITLAB);
        assertForeign(preset, "https://gitlab.example", GITLAB);
    }

    @Test
    void hcpTerraform_workspace_isAdmittedInItsPhase() {
        IssuerPreset preset = IssuerPreset.hcpTerraform();
        assertThat(preset.issuer()).hasToString("https://app.terraform.io");
        TrustPolicy policy = policy(
                preset,
                claim("terraform_organization_id").is("org-1"),
                claim("terraform_workspace_id").isOneOf("ws-1", "ws-2"),
                claim("terraform_run_phase").is("apply"));

        assertWelcome(preset, policy, TERRAFORM);
        assertRefused(preset, policy, TERRAFORM.replace("ws-1", "ws-12"), "terraform_workspace_id");
        assertRefused(preset, policy, TERRAFORM.replace("org-1", "org-9"), "terraform_organization_id");
        assertRefused(preset, policy, TERRAFORM.replace("apply", "plan"), "terraform_run_phase");
        assertForeign(preset, "https://app.eu.terraform.io", TERRAFORM);
        TrustPolicy bySubject =
                policy(preset, claim("sub").matches("organization:acme:project:*:workspace:app:run_phase:apply"));
        assertWelcome(preset, bySubject, TERRAFORM);
        assertRefused(preset, bySubject, TERRAFORM.replace("organization:acme:", "organization:acme-evil:"), "sub");
        assertRefused(preset, bySubject, TERRAFORM.replace("workspace:app:", "workspace:app-evil:"), "sub");
    }

    @Test
    void terraform_europeAndEnterprise_areIssuersOfTheirOwn() {
        IssuerPreset europe = IssuerPreset.hcpTerraformEurope();
        IssuerPreset own = IssuerPreset.terraformEnterprise("tfe.example");
        assertThat(europe.issuer()).hasToString("https://app.eu.terraform.io");
        assertThat(own.issuer()).hasToString("https://tfe.example");

        for (IssuerPreset preset : List.of(europe, own)) {
            TrustPolicy policy = policy(preset, claim("terraform_workspace_id").is("ws-1"));
            assertWelcome(preset, policy, TERRAFORM);
            assertRefused(preset, policy, TERRAFORM.replace("ws-1", "ws-11"), "terraform_workspace_id");
            assertForeign(preset, "https://app.terraform.io", TERRAFORM);
        }
    }

    @Test
    void circleCi_claims_admitTheBranchOfTheProject() {
        IssuerPreset preset = IssuerPreset.circleCi(ORGANIZATION);
        assertThat(preset.issuer()).hasToString("https://oidc.circleci.com/org/" + ORGANIZATION);
        TrustPolicy policy = policy(
                preset,
                claim("oidc.circleci.com/project-id").is(PROJECT),
                claim("oidc.circleci.com/vcs-ref").is("refs/heads/main"),
                claim("oidc.circleci.com/ssh-rerun").is(false));

        assertWelcome(preset, policy, CIRCLECI);
        assertRefused(preset, policy, CIRCLECI.replace(PROJECT, ORGANIZATION), "oidc.circleci.com/project-id");
        assertRefused(preset, policy, CIRCLECI.replace("heads/main", "heads/main-evil"), "oidc.circleci.com/vcs-ref");
        assertRefused(preset, policy, CIRCLECI.replace("rerun\":false", "rerun\":true"), "oidc.circleci.com/ssh-rerun");
        assertForeign(preset, "https://oidc.circleci.com/org/" + PROJECT, CIRCLECI);
    }

    @Test
    void circleCi_branchThatImitatesASubject_foolsAGlobAndNoClaim() {
        IssuerPreset preset = IssuerPreset.circleCi(ORGANIZATION);
        TrustPolicy bySubject = policy(
                preset,
                claim("sub").matches("org/*/project/*/user/*/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main"));
        TrustPolicy byClaim = policy(preset, claim("oidc.circleci.com/vcs-ref").is("refs/heads/main"));
        String imitation = CIRCLECI.replace(
                "refs/heads/main", "refs/heads/x/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main");

        assertWelcome(preset, bySubject, imitation);
        assertRefused(preset, byClaim, imitation, "oidc.circleci.com/vcs-ref");
    }

    @Test
    void buildkite_pipeline_isAdmittedWithItsOrganization() {
        IssuerPreset preset = IssuerPreset.buildkite();
        assertThat(preset.issuer()).hasToString("https://agent.buildkite.com");
        TrustPolicy policy = policy(
                preset,
                claim("organization_slug").is("acme"),
                claim("pipeline_slug").is("app"),
                claim("build_branch").is("main"));

        assertWelcome(preset, policy, BUILDKITE);
        assertRefused(preset, policy, BUILDKITE.replace("\"acme\"", "\"acme-evil\""), "organization_slug");
        assertRefused(preset, policy, BUILDKITE.replace("\"app\"", "\"app-evil\""), "pipeline_slug");
        TrustPolicy bySubject =
                policy(preset, claim("sub").matches("organization:acme:pipeline:app:ref:refs/heads/main:*"));
        assertWelcome(preset, bySubject, BUILDKITE);
        assertRefused(preset, bySubject, BUILDKITE.replace("pipeline:app:", "pipeline:app-evil:"), "sub");
        assertRefused(preset, policy(preset, claim("build_tag").isPresent()), BUILDKITE, "build_tag");
    }

    @Test
    void kubernetes_serviceAccount_isAdmittedByItsNamespaceAndId() {
        IssuerPreset preset =
                IssuerPreset.kubernetes(IssuerUrl.of("https://oidc.eks.eu-central-1.amazonaws.com/id/ABC"));
        TrustPolicy policy = policy(
                preset,
                claim("sub").is("system:serviceaccount:shop:deployer"),
                claim("kubernetes.io", "serviceaccount", "uid").is("u3"));

        assertWelcome(preset, policy, KUBERNETES);
        assertRefused(preset, policy, KUBERNETES.replace(":shop:", ":shop-evil:"), "sub");
        assertRefused(preset, policy, KUBERNETES.replace("u3", "u4"), "kubernetes.io > serviceaccount > uid");
        TrustPolicy byNamespace =
                policy(preset, claim("kubernetes.io", "namespace").is("shop"));
        assertWelcome(preset, byNamespace, KUBERNETES);
        assertRefused(preset, byNamespace, KUBERNETES.replace("\"shop\"", "\"shop2\""), "kubernetes.io > namespace");
        assertForeign(preset, "https://oidc.eks.eu-central-1.amazonaws.com/id/ABCD", KUBERNETES);
    }

    @Test
    void google_serviceAccount_isAdmittedByItsNumber() {
        IssuerPreset preset = IssuerPreset.google();
        assertThat(preset.issuer()).hasToString("https://accounts.google.com");
        TrustPolicy policy = policy(
                preset,
                claim("sub").is("117"),
                claim("email_verified").is(true),
                claim("google", "compute_engine", "project_number").is(42));

        assertWelcome(preset, policy, GOOGLE);
        assertRefused(preset, policy, GOOGLE.replace("\"sub\":\"117\"", "\"sub\":\"118\""), "sub");
        assertRefused(preset, policy, GOOGLE.replace("true", "\"true\""), "email_verified");
        assertRefused(preset, policy, GOOGLE.replace("42", "421"), "google > compute_engine > project_number");
        assertForeign(preset, "accounts.google.com", GOOGLE);
    }

    @Test
    void algorithms_areThoseOfTheIssuer() {
        IssuerPreset preset = IssuerPreset.gitHubActions();

        assertThatThrownBy(() -> verifier(preset)
                        .verify(Jws.sign(EC, claims(preset.issuer().value(), GITHUB))))
                .isInstanceOfSatisfying(
                        TokenRejectedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(ALGORITHM_REFUSED));
        assertThat(IssuerPreset.kubernetes(preset.issuer()).algorithms())
                .containsExactlyInAnyOrder(SigningAlgorithm.RS256, SigningAlgorithm.ES256);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                "a/b",
                "evil.example#",
                "a?b",
                "user@host",
                "A.example",
                "a.example/",
                "a..b",
                "ä.example",
                "a:0"
            })
    void hosts_thatAreNone_areRefused(String host) {
        for (Runnable making :
                List.<Runnable>of(() -> IssuerPreset.gitLab(host), () -> IssuerPreset.terraformEnterprise(host))) {
            assertThatThrownBy(making::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(host);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "../x", "a b", "-a", "3F8A1C52-7D7E-4A55-9A5E-0D3C6A4F9F10 "})
    void slugsAndIds_thatAreNone_areRefused(String text) {
        assertThatThrownBy(() -> IssuerPreset.gitHubActions(text)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> IssuerPreset.circleCi(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was \"" + text + "\"");
    }

    private static TrustPolicy policy(IssuerPreset preset, Condition... conditions) {
        return TrustPolicy.builder(preset.issuer())
                .audience(AUDIENCE)
                .require(conditions)
                .build();
    }

    private static JwtTokenVerifier verifier(IssuerPreset preset) {
        return JwtTokenVerifier.builder(preset.trustedFor(Set.of(AUDIENCE), KeySource.of(Trial.KEYS)))
                .clock(Trial.CLOCK)
                .build();
    }

    private static String claims(String issuer, String claims) {
        return "{\"iss\":\"" + issuer + "\",\"aud\":\"" + AUDIENCE + "\",\"iat\":" + NOW + ",\"exp\":" + (NOW + 300)
                + "," + claims.substring(1);
    }

    private static VerifiedToken verified(IssuerPreset preset, String claims) {
        return verifier(preset).verify(Jws.sign(RSA, claims(preset.issuer().value(), claims)));
    }

    private static void assertWelcome(IssuerPreset preset, TrustPolicy policy, String claims) {
        VerifiedToken token = verified(preset, claims);
        assertThat(policy.require(token)).isSameAs(token);
    }

    private static void assertRefused(IssuerPreset preset, TrustPolicy policy, String claims, String claim) {
        VerifiedToken token = verified(preset, claims);
        assertThatThrownBy(() -> policy.require(token))
                .isInstanceOfSatisfying(TokenRejectedException.class, refused -> {
                    assertThat(refused.reason()).isEqualTo(CLAIM_MISMATCH);
                    assertThat(refused.claim()).contains(claim);
                });
    }

    private static void assertForeign(IssuerPreset preset, String issuer, String claims) {
        assertThatThrownBy(() -> verifier(preset).verify(Jws.sign(RSA, claims(issuer, claims))))
                .isInstanceOfSatisfying(
                        TokenRejectedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(WRONG_ISSUER));
    }
}
