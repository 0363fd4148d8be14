package io.dynamiccredentials.gcp;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.Credentials;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An OAuth 2.0 access token for Google Cloud's APIs. Immutable.
 *
 * @param accessToken the token itself, opaque
 * @param principal the e-mail address of the service account, or {@code principal://iam.googleapis.com/…/subject/…} for
 *     a token of the pool itself
 * @param expiresAt when Google Cloud stops accepting it; there is no way to end it sooner
 * @param requestId the id of the last request that it took, if Google told one
 */
public record GcpAccessCredentials(Secret accessToken, String principal, Instant expiresAt, Optional<String> requestId)
        implements Credentials {

    /** Makes credentials of which no request is known. */
    public GcpAccessCredentials(Secret accessToken, String principal, Instant expiresAt) {
        this(accessToken, principal, expiresAt, Optional.empty());
    }

    @Override
    public List<Secret> secrets() {
        return List.of(accessToken);
    }
}
