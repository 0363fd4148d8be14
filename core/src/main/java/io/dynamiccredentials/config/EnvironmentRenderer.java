package io.dynamiccredentials.config;

import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.token.IdentityToken;

/**
 * Turns credentials into the variables, files and Terraform inputs that a platform's official tools read.
 *
 * <p><b>For implementers:</b> set a platform's variables as a whole set or not at all, and write no file but through
 * the environment.
 */
@FunctionalInterface
public interface EnvironmentRenderer<C extends Credentials> {

    /** Renders {@code credentials} and the token that they were traded for into {@code environment}. */
    void render(C credentials, IdentityToken token, ConfigurationEnvironment environment);
}
