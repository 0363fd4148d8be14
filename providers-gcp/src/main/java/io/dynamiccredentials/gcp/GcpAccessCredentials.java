package io.dynamiccredentials.gcp;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.Credentials;
import java.time.Instant;
import java.util.List;

/**
 * An OAuth 2.0 access token for Google Cloud's APIs. Immutable.
 *
 * @param accessToken the token itself, opaque
 * @param principal the e-mail address of the service account, or {@code principal://iam.googleapis.com/…/subject/…} for
 *     a token of the pool itself
 * @param expiresAt when Google Cloud stops accepting it; there is no way to end it sooner
 */
public record GcpAccessCredentials(Secret accessToken, String principal, Instant expiresAt) implements Credentials {

    @Override
    public List<Secret> secrets() {
        return List.of(accessToken);
    }
}
