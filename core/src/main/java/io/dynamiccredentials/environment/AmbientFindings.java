package io.dynamiccredentials.environment;

import io.dynamiccredentials.environment.AmbientFinding.Kind;
import io.dynamiccredentials.environment.AmbientFinding.Treatment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Looks for traces of a machine's own identity, for a report at start-up. Files are looked at for existence only, and
 * nothing is asked of the network.
 */
public final class AmbientFindings {
    private static final List<String> IN_HOME = List.of(
            ".aws/credentials",
            ".aws/config",
            ".aws/sso",
            ".aws/login",
            ".boto",
            ".azure",
            ".azd",
            ".config/gcloud",
            ".vault-token",
            ".vault",
            ".kube/config",
            ".docker/config.json",
            ".netrc",
            ".npmrc",
            ".pypirc",
            ".git-credentials",
            ".ssh",
            ".terraform.d/credentials.tfrc.json",
            ".terraformrc",
            ".config/hcp",
            ".config/gh",
            ".config/doctl",
            ".tccli",
            ".aliyun",
            ".oci",
            ".databrickscfg",
            ".snowflake");

    /** What Kubernetes mounts: tokens of the pod's service account, for the cluster and for AWS, Azure and others. */
    private static final List<String> IN_POD = List.of(
            "var/run/secrets/kubernetes.io/serviceaccount/token",
            "var/run/secrets/eks.amazonaws.com/serviceaccount/token",
            "var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token",
            "var/run/secrets/azure/tokens/azure-identity-token",
            "var/run/secrets/tokens/gcp-ksa/token",
            "var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token");

    /** Signs that a program of AWS or Google runs this one, and the variable that shuts the metadata service. */
    private static final Map<String, String> SIGNS = Map.of(
            "AWS_EXECUTION_ENV", "AWS_EC2_METADATA_DISABLED",
            "ECS_CONTAINER_METADATA_URI", "AWS_EC2_METADATA_DISABLED",
            "ECS_CONTAINER_METADATA_URI_V4", "AWS_EC2_METADATA_DISABLED",
            "K_SERVICE", "NO_GCE_CHECK",
            "CLOUD_RUN_JOB", "NO_GCE_CHECK",
            "GAE_SERVICE", "NO_GCE_CHECK");

    /** The agent of Azure's virtual machines, whose metadata service no variable shuts. */
    private static final String AGENT_OF_AZURE = "var/lib/waagent";

    private AmbientFindings() {}

    /**
     * Returns what there is, in the order of kinds and names.
     *
     * @param environment the machine's variables
     * @param home the home directory of the user that this process runs as
     */
    public static List<AmbientFinding> of(Map<String, String> environment, Path home) {
        return of(environment, home, home.getFileSystem().getPath("/"));
    }

    static List<AmbientFinding> of(Map<String, String> environment, Path home, Path root) {
        List<AmbientFinding> findings = new ArrayList<>();
        for (String name : new TreeSet<>(environment.keySet())) {
            if (AmbientIdentity.staysWithMachine(name) && !AmbientIdentity.SHUT.containsKey(name)) {
                findings.add(finding(Kind.VARIABLE, name, Treatment.NOT_INHERITED));
            }
        }
        for (String path : IN_HOME) {
            addIfThere(findings, Kind.FILE, home.resolve(path), Treatment.HIDDEN_BY_HOME);
        }
        for (String path : IN_POD) {
            addIfThere(findings, Kind.FILE, root.resolve(path), Treatment.REACHABLE);
        }
        for (String name : new TreeSet<>(SIGNS.keySet())) {
            if (environment.containsKey(name)) {
                findings.add(
                        new AmbientFinding(Kind.METADATA, name, Treatment.SHUT, Optional.ofNullable(SIGNS.get(name))));
            }
        }
        addIfThere(findings, Kind.METADATA, root.resolve(AGENT_OF_AZURE), Treatment.REACHABLE);
        return List.copyOf(findings);
    }

    private static void addIfThere(List<AmbientFinding> findings, Kind kind, Path path, Treatment treatment) {
        // A link that leads nowhere today may lead somewhere tomorrow.
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            findings.add(finding(kind, path.toString(), treatment));
        }
    }

    private static AmbientFinding finding(Kind kind, String name, Treatment treatment) {
        return new AmbientFinding(kind, name, treatment, Optional.empty());
    }
}
