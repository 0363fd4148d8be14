package io.dynamiccredentials.gcp;

import com.google.auth.http.HttpTransportFactory;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.ImpersonatedCredentials;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;

/**
 * As whom a principal of a pool acts. Immutable.
 *
 * @param serviceAccount the e-mail address of the service account
 * @param delegates those between the principal and the account, each of which may make tokens of the next
 * @param lifetime how long its token lives
 */
record Impersonation(String serviceAccount, List<String> delegates, Duration lifetime) {

    /** Copies the list, and refuses chains that go round in circles. */
    Impersonation {
        delegates = List.copyOf(delegates);
        if (!isChain(delegates, serviceAccount)) {
            throw new IllegalArgumentException(
                    "A chain of delegation must have each service account once; the delegates " + "were " + delegates
                            + " and the service account \"" + serviceAccount + "\"");
        }
    }

    /** Tells whether no account is twice on the way to {@code serviceAccount}. */
    static boolean isChain(List<String> delegates, String serviceAccount) {
        return !delegates.contains(serviceAccount) && new HashSet<>(delegates).size() == delegates.size();
    }

    /** Returns the first whom the pool's principal acts as. */
    String first() {
        return delegates.isEmpty() ? serviceAccount : delegates.get(0);
    }

    /** Returns credentials of the account that come of {@code source}. */
    GoogleCredentials of(GoogleCredentials source, List<String> scopes, String url, HttpTransportFactory transport) {
        return ImpersonatedCredentials.newBuilder()
                .setSourceCredentials(source)
                .setTargetPrincipal(serviceAccount)
                .setDelegates(delegates.stream()
                        .map(email -> "projects/-/serviceAccounts/" + email)
                        .toList())
                .setScopes(scopes)
                .setLifetime(Math.toIntExact(lifetime.toSeconds()))
                .setIamEndpointOverride(url)
                .setHttpTransportFactory(transport)
                .build();
    }
}
