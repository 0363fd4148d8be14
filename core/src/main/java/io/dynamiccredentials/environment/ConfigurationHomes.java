package io.dynamiccredentials.environment;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where a run's tools look for configurations and logins of their own: in its private home.
 *
 * <p>{@code HOME} alone does not move all of them, since some take the home of the user's account. Nothing has to exist
 * there: {@code aws}, {@code gcloud}, {@code az} and {@code kubectl} take an absent file for an empty one and make
 * directories as they need them. Each variable is one that a workspace may not set.
 */
public final class ConfigurationHomes {
    private ConfigurationHomes() {}

    /** Returns the variables by name, each with a path below {@code home}, for those that no platform gives a run. */
    public static Map<String, Path> below(Path home) {
        return Map.of(
                "AWS_CONFIG_FILE", home.resolve(".aws/config"),
                "AWS_SHARED_CREDENTIALS_FILE", home.resolve(".aws/credentials"),
                "AWS_LOGIN_CACHE_DIRECTORY", home.resolve(".aws/login/cache"),
                "BOTO_CONFIG", home.resolve(".boto"),
                "AZURE_CONFIG_DIR", home.resolve(".azure"),
                "AZD_CONFIG_DIR", home.resolve(".azd"),
                "CLOUDSDK_CONFIG", home.resolve(".config/gcloud"),
                "KUBECONFIG", home.resolve(".kube/config"));
    }
}
