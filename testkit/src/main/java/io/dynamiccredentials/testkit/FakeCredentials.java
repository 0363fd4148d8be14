package io.dynamiccredentials.testkit;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.Credentials;
import java.time.Instant;
import java.util.List;

/**
 * What a {@link FakeCredentialExchanger} gives. Immutable.
 *
 * @param id by which its platform knows it; not secret
 * @param secret what opens its platform
 * @param principal who its platform says its holder is
 * @param expiresAt its end
 */
public record FakeCredentials(String id, Secret secret, String principal, Instant expiresAt) implements Credentials {
    @Override
    public List<Secret> secrets() {
        return List.of(secret);
    }
}
