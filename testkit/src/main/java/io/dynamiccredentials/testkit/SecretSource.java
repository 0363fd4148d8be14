package io.dynamiccredentials.testkit;

import io.dynamiccredentials.Secret;
import java.util.Set;

/**
 * Knows secrets that no log, message or file may show: those that it made and those that it was sent.
 *
 * <p><b>For implementers:</b> safe for use by many threads.
 */
@FunctionalInterface
public interface SecretSource {

    /** Returns them all, also those that have ended. */
    Set<Secret> secrets();
}
