package io.dynamiccredentials.testkit.vault;

import java.util.Map;
import java.util.Optional;

/**
 * A secrets engine of a {@link FakeVault}.
 *
 * <p><b>For implementers:</b> safe for use by many threads.
 */
public interface FakeVaultEngine {

    /** Returns where it is mounted, without slashes at its ends; always the same. */
    String mount();

    /**
     * Makes a secret; empty if there is no such path, which becomes a 404 without a word.
     *
     * @param path what follows the mount, for example {@code creds/deploy}
     * @param parameters those of the query or of the body
     * @throws java.util.NoSuchElementException if the engine has no path of that form: the text of the 404 says so
     * @throws IllegalArgumentException if the request is wrong: the message becomes the text of a 400
     * @throws IllegalStateException if the engine's platform refuses it: the message becomes the text of a 500
     */
    Optional<FakeVaultSecret> read(String path, Map<String, String> parameters);

    /**
     * Tells whether it makes a secret for {@code POST} and {@code PUT} as it does for {@code GET}; else Vault answers
     * 405. Unless overridden, it does.
     */
    default boolean takesWrites() {
        return true;
    }
}
