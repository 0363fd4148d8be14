package io.dynamiccredentials.environment;

import io.dynamiccredentials.Secret;
import java.util.Set;

/**
 * Takes what a host has to mask in the logs of a run.
 *
 * <p><b>For implementers:</b> safe for use by many threads. It is called before the run is given anything of what it
 * takes, at the opening of its lease and again whenever something is renewed; if it throws, nothing is given.
 */
@FunctionalInterface
public interface SecretSink {

    /**
     * Takes forms of one secret.
     *
     * @param runId the run whose logs may show them
     * @param forms the secret itself and each way in which a log may show it, such as base64; all at least 6 characters
     *     long
     */
    void mask(String runId, Set<Secret> forms);
}
