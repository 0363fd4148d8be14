package io.dynamiccredentials.exchange;

import io.dynamiccredentials.token.IdentityToken;

/**
 * Hands tokens on as they are, for platforms whose tools present them themselves. No network; nobody can end a token
 * sooner than it ends. Immutable.
 *
 * @param platform the platform's name as messages and reports show it
 * @param audience the audience that the platform expects
 */
public record TokenHandover(String platform, String audience) implements CredentialExchanger<HandedOnToken> {

    @Override
    public HandedOnToken exchange(IdentityToken token) {
        return new HandedOnToken(token);
    }
}
