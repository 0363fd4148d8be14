package io.dynamiccredentials.azure;

import io.dynamiccredentials.token.IdentityToken;

/** What to check after a refusal, as whole sentences with the values that Entra must find. */
final class EntraRemedies {
    private final String tenantId;
    private final String clientId;
    private final String scope;
    private final IdentityToken token;

    EntraRemedies(String tenantId, String clientId, String scope, IdentityToken token) {
        this.tenantId = tenantId;
        this.clientId = clientId;
        this.scope = scope;
        this.token = token;
    }

    String tenant() {
        return "Check that \"" + tenantId
                + "\" is the tenant's id or domain, and that the authority host is that of its " + "cloud";
    }

    String application() {
        return "Check that \"" + clientId
                + "\" is the application (client) id, not the object id, of an application in "
                + "this tenant; a new one takes some minutes to be known";
    }

    String scope() {
        return "Check that scope \"" + scope + "\" names one resource that this tenant knows";
    }

    String request() {
        return "Check that no proxy takes fields out of the request's body";
    }

    String federation() {
        return "Check that the application has a federated identity credential with exactly issuer \"" + token.issuer()
                + "\", subject \"" + token.subject() + "\" and audience \"" + token.audience()
                + "\"; a new one takes some minutes to work";
    }

    String time() {
        return "The token was issued at " + token.issuedAt() + " and ends at " + token.expiresAt()
                + ". Check this machine's clock and issue a new token";
    }

    String lifetime() {
        return "Issue tokens that live for an hour or less; Entra accepts 25 hours at most";
    }

    String unknownKey() {
        return "Check that " + keys() + " publishes the key that signs, and publish a new key before it signs";
    }

    String signature() {
        return "Check that " + keys()
                + " publishes the very key that signs, under its own key id, and that nothing changes "
                + "the token on its way";
    }

    String token() {
        return "Check that the token is a signed JWT whose header has typ \"JWT\"";
    }

    String algorithm() {
        return "Sign the tokens for Azure with RS256, the one algorithm that it accepts";
    }

    String issuer() {
        return "Entra takes no tokens of its own. Use the host's issuer; this token has issuer \"" + token.issuer()
                + "\"";
    }

    String metadata() {
        return "Entra could not fetch the issuer's keys. Check that " + keys() + " answers requests from the internet";
    }

    String patience() {
        return "Try again later, and look at the service health of Entra ID";
    }

    String authority() {
        return "Check that the authority host is Entra's and that no proxy answers for it or rewrites its answers";
    }

    private String keys() {
        return "the jwks_uri in \"" + token.issuer() + "/.well-known/openid-configuration\"";
    }
}
