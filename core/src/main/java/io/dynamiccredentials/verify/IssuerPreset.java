package io.dynamiccredentials.verify;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A well-known issuer of identity tokens: where it is and what it signs with. What its tokens say, and which claims are
 * worth a {@link Condition}, stands with each method.
 *
 * <p>An issuer is no policy. Anybody can have tokens of the public ones; only a {@link TrustPolicy} says whose are
 * welcome. Conditions go by ids where the platform has them: a name can be given up, and taken by somebody else.
 *
 * @param issuer the {@code iss} of its tokens
 * @param algorithms what it signs with, as its documentation or its key set says
 */
public record IssuerPreset(IssuerUrl issuer, Set<SigningAlgorithm> algorithms) {
    private static final Pattern SLUG = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,99}");
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern HOST = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[1-9][0-9]{0,4})?");

    /** Copies the algorithms. */
    public IssuerPreset {
        algorithms = Set.copyOf(algorithms);
    }

    /**
     * Returns GitHub Actions, {@code https://token.actions.githubusercontent.com}.
     *
     * <p>The subject is {@code repo:OWNER/REPO:} and then {@code environment:NAME} if the job has one, else
     * {@code pull_request}, else {@code ref:refs/heads/BRANCH} or {@code ref:refs/tags/TAG}; a colon in a name is
     * {@code %3A}. Repositories that were made, renamed or moved after July 15, 2026, or that opted in, have ids in it:
     * {@code repo:OWNER@OWNER_ID/REPO@REPO_ID:…}. Repositories may also make up a subject of other claims.
     *
     * <ul>
     *   <li>Worth a condition: {@code repository_id} and {@code repository_owner_id}, which are never used again; with
     *       one of them {@code environment}, {@code ref}, {@code job_workflow_ref}, {@code event_name}. All are texts,
     *       the ids too.
     *   <li>Not alone: {@code repository}, {@code repository_owner} and a subject without ids name whoever has the name
     *       now. {@code workflow}, {@code ref}, {@code environment} and {@code actor} are free to choose, or the same,
     *       in any repository. {@code aud} is what the job asks for.
     *   <li>A glob {@code repo:acme/app*} also welcomes {@code acme/app-evil}; end it with the colon.
     * </ul>
     *
     * @see <a href="https://docs.github.com/en/actions/reference/security/oidc">GitHub: OpenID Connect reference</a>
     */
    public static IssuerPreset gitHubActions() {
        return at("https://token.actions.githubusercontent.com");
    }

    /**
     * Returns GitHub Actions for an enterprise in GitHub Enterprise Cloud that has chosen an issuer of its own,
     * {@code https://token.actions.githubusercontent.com/ENTERPRISE}. The tokens are those of {@link #gitHubActions()},
     * and none but this enterprise's.
     *
     * @param enterprise the slug of the enterprise
     * @throws IllegalArgumentException if it is no slug
     * @see <a href="https://docs.github.com/en/enterprise-cloud@latest/actions/reference/security/oidc">GitHub: OpenID
     *     Connect reference for Enterprise Cloud</a>
     */
    public static IssuerPreset gitHubActions(String enterprise) {
        return at(gitHubActions().issuer + "/" + require(SLUG, "The slug of a GitHub enterprise", enterprise));
    }

    /**
     * Returns GitLab.com, {@code https://gitlab.com}.
     *
     * <p>The subject is {@code project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH}, or with {@code tag} and the tag;
     * a project may put other claims into it.
     *
     * <ul>
     *   <li>Worth a condition: {@code project_id} or {@code namespace_id}; with one of them {@code ref_path},
     *       {@code ref_protected} and {@code environment_protected} (the texts "true" and "false"),
     *       {@code environment}, {@code pipeline_source}. Ids are texts, but {@code runner_id} is a number;
     *       {@code groups_direct} is a list.
     *   <li>Not alone: {@code project_path}, {@code namespace_path} and the subject name whoever has the path now;
     *       {@code environment} and {@code ref} are free to choose; {@code user_email} can be changed.
     *   <li>In the pipeline of a merge request from a fork the claims of the project are those of the fork.
     * </ul>
     *
     * @see <a href="https://docs.gitlab.com/ci/secrets/id_token_authentication/">GitLab: authentication using ID
     *     tokens</a>
     */
    public static IssuerPreset gitLab() {
        return gitLab("gitlab.com");
    }

    /**
     * Returns a GitLab of one's own at {@code https://HOST}, whose tokens are like those of {@link #gitLab()}. For one
     * below a path make the preset of its address.
     *
     * @param host in lower case, if need be with a port: {@code gitlab.example}
     * @throws IllegalArgumentException if it is no host
     */
    public static IssuerPreset gitLab(String host) {
        return at("https://" + require(HOST, "The host of a GitLab", host));
    }

    /**
     * Returns HCP Terraform in the United States, {@code https://app.terraform.io}.
     *
     * <p>The subject is {@code organization:ORG:project:PROJECT:workspace:WORKSPACE:run_phase:plan} (or {@code apply});
     * of a module's test {@code organization:ORG:module:MODULE:operation:test_run}; of a Stack
     * {@code organization:ORG:project:PROJECT:stack:STACK:deployment:DEPLOYMENT:operation:plan} (or {@code apply}).
     * Projects were put into it in 2023.
     *
     * <ul>
     *   <li>Worth a condition: {@code terraform_organization_id}, {@code terraform_project_id},
     *       {@code terraform_workspace_id} and {@code terraform_run_phase}.
     *   <li>Not alone: the subject and the claims that end in {@code _name} can be renamed, and an organization's name
     *       is free again when it is given up. A workspace's name says nothing without its organization.
     *   <li>A plan runs code that nobody has approved. Expect {@code apply} where something is changed.
     * </ul>
     *
     * @see <a
     *     href="https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens">HCP
     *     Terraform: workload identity</a>
     */
    public static IssuerPreset hcpTerraform() {
        return at("https://app.terraform.io");
    }

    /**
     * Returns HCP Terraform in Europe, {@code https://app.eu.terraform.io}. Its organizations are others than those of
     * {@link #hcpTerraform()}, also if they have the same name.
     */
    public static IssuerPreset hcpTerraformEurope() {
        return at("https://app.eu.terraform.io");
    }

    /**
     * Returns a Terraform Enterprise at {@code https://HOST}, whose tokens are like those of {@link #hcpTerraform()}.
     *
     * @param host in lower case, if need be with a port: {@code tfe.example}
     * @throws IllegalArgumentException if it is no host
     */
    public static IssuerPreset terraformEnterprise(String host) {
        return at("https://" + require(HOST, "The host of a Terraform Enterprise", host));
    }

    /**
     * Returns an organization in CircleCI, {@code https://oidc.circleci.com/org/ORGANIZATION_ID}.
     *
     * <p>The subject is {@code org/ORGANIZATION_ID/project/PROJECT_ID/user/USER_ID}; in {@code CIRCLE_OIDC_TOKEN_V2}
     * {@code /vcs-origin/ORIGIN/vcs-ref/REF} follows. The audience is the organization's id unless the job asks for
     * another.
     *
     * <ul>
     *   <li>Worth a condition: {@code oidc.circleci.com/project-id} with {@code oidc.circleci.com/vcs-ref} (such as
     *       {@code refs/heads/main}), {@code oidc.circleci.com/vcs-origin}, {@code oidc.circleci.com/context-ids} (a
     *       list), and {@code oidc.circleci.com/ssh-rerun} (false: no one is logged in to the job).
     *   <li>Not a glob over the subject with a star before the origin or the ref: a branch may be called
     *       {@code x/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main}.
     *   <li>Builds of forks have tokens too, if the project passes secrets to them.
     * </ul>
     *
     * @param organizationId a UUID in lower case
     * @throws IllegalArgumentException if it is none
     * @see <a href="https://circleci.com/docs/openid-connect-tokens/">CircleCI: OpenID Connect tokens</a>
     */
    public static IssuerPreset circleCi(String organizationId) {
        return at("https://oidc.circleci.com/org/"
                + require(UUID, "The id of an organization in CircleCI", organizationId));
    }

    /**
     * Returns Buildkite, {@code https://agent.buildkite.com}.
     *
     * <p>The subject is {@code organization:ORG:pipeline:PIPELINE:ref:REF:commit:COMMIT:step:STEP}, where a step
     * without a key is empty at the end. An agent can ask for one claim, such as {@code pipeline_id}, as the subject
     * instead.
     *
     * <ul>
     *   <li>Worth a condition: {@code organization_slug} and {@code pipeline_slug} together, {@code build_branch},
     *       {@code step_key}; {@code organization_id}, {@code pipeline_id} and {@code cluster_id} if the agent asks for
     *       them ({@code --claim}).
     *   <li>Not alone: slugs name whoever has them now, and {@code pipeline_slug} says nothing without the
     *       organization. Branch, tag and commit are what the creator of the build says. {@code build_tag} and
     *       {@code step_key} may be null, which counts as absent here.
     * </ul>
     *
     * @see <a href="https://buildkite.com/docs/pipelines/security/oidc">Buildkite: OIDC in pipelines</a>
     * @see <a href="https://buildkite.com/docs/agent/v3/cli-oidc">Buildkite: the agent's command oidc</a>
     */
    public static IssuerPreset buildkite() {
        return at("https://agent.buildkite.com");
    }

    /**
     * Returns the service accounts of a Kubernetes cluster, whose issuer is its {@code --service-account-issuer}.
     *
     * <p>The subject is {@code system:serviceaccount:NAMESPACE:NAME}. The claim {@code kubernetes.io} is an object with
     * {@code namespace}, {@code serviceaccount} (an object of {@code name} and {@code uid}) and perhaps {@code pod} and
     * {@code node}.
     *
     * <ul>
     *   <li>Worth a condition: the subject as a whole, or {@code claim("kubernetes.io", "serviceaccount", "uid")},
     *       which is never used again.
     *   <li>Not alone: the name of a service account, which each namespace has ("default"); names of pods. Namespaces
     *       and accounts can be deleted and made anew. Whoever may make pods in a namespace has tokens of each account
     *       in it.
     *   <li>An issuer such as {@code https://kubernetes.default.svc.cluster.local} is that of thousands of clusters,
     *       which only their keys tell apart. Issuers that end in a slash, such as those of Azure Kubernetes Service,
     *       are made by {@link IssuerUrl#endingInSlash}.
     *   <li>Pods use one token many times until it is renewed, often an hour old: no replay guard, no short greatest
     *       age.
     *   <li>A cluster that shows its keys to nobody (HTTP 401) has them in {@code kubectl get --raw /openid/v1/jwks}:
     *       {@code KeySource.of(JwkSet.parse(json))}. One inside your network needs
     *       {@link RemoteJwkSets.Builder#allowPrivateAddresses()}, best on key sets of its own.
     * </ul>
     *
     * @see <a href="https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/">Kubernetes:
     *     managing service accounts</a>
     */
    public static IssuerPreset kubernetes(IssuerUrl issuer) {
        return new IssuerPreset(issuer, Set.of(SigningAlgorithm.RS256, SigningAlgorithm.ES256));
    }

    /**
     * Returns Google, {@code https://accounts.google.com}, for the service accounts of Google Cloud.
     *
     * <p>The subject is the account's number, which is never used again. The audience is what the caller asks for.
     *
     * <ul>
     *   <li>Worth a condition: {@code sub}; {@code email} together with {@code email_verified} (a truth value); for
     *       machines in the full format {@code claim("google", "compute_engine", "project_number")}, a number.
     *   <li>Not alone: {@code email} and a project's id go to whoever makes such an account next. {@code hd} is the
     *       domain of a person's account. Anyone on earth can have a token with your audience.
     *   <li>Some older tokens have the issuer {@code accounts.google.com} without {@code https://}; they are refused.
     * </ul>
     *
     * @see <a href="https://cloud.google.com/docs/authentication/token-types">Google Cloud: token types</a>
     * @see <a href="https://cloud.google.com/compute/docs/instances/verifying-instance-identity">Google Cloud:
     *     verifying the identity of instances</a>
     */
    public static IssuerPreset google() {
        return at("https://accounts.google.com");
    }

    /**
     * Returns this issuer as one that a verifier trusts.
     *
     * @param audiences those that mean this relying party
     * @param keys where its public keys come from
     * @throws IllegalArgumentException if there is no audience, or a blank one
     */
    public TrustedIssuer trustedFor(Set<String> audiences, KeySource keys) {
        return new TrustedIssuer(issuer, audiences, algorithms, keys);
    }

    private static IssuerPreset at(String issuer) {
        return new IssuerPreset(IssuerUrl.of(issuer), Set.of(SigningAlgorithm.RS256));
    }

    private static String require(Pattern form, String what, String value) {
        if (!form.matcher(value).matches()) {
            throw new IllegalArgumentException(what + " must have the form " + form + "; it was \"" + value + "\"");
        }
        return value;
    }
}
