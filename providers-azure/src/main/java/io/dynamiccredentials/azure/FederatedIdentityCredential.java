package io.dynamiccredentials.azure;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.verify.VerifiedToken;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What Entra checks of a token: one federated identity credential of an application. Immutable.
 *
 * <p>Entra compares all three parts exactly, letter case included, and knows no wildcards here. So each subject, for
 * example each phase of each workspace, takes one of the 20 credentials that an application may have.
 *
 * @param name its name at the application, 3 to 120 letters, digits, {@code -} and {@code _}
 * @param issuer the {@code iss} of the token
 * @param subject the {@code sub} of the token
 * @param audience the only {@code aud} of the token; {@code api://AzureADTokenExchange} unless there is a reason
 */
public record FederatedIdentityCredential(String name, IssuerUrl issuer, String subject, String audience) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{2,119}");

    /** Entra's limit for each of the three parts, in characters. */
    private static final int MAX_LENGTH = 600;

    /**
     * Checks the parts against Entra's limits.
     *
     * @throws IllegalArgumentException if a part is empty, longer than 600 characters or has blanks around it, if the
     *     subject has a wildcard, or the name is malformed
     */
    public FederatedIdentityCredential {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("The name of a federated identity credential must be 3 to 120 letters, "
                    + "digits, \"-\" and \"_\", starting with a letter or digit; it was \"" + name + "\"");
        }
        requireText(name, "issuer", issuer.value());
        requireText(name, "subject", subject);
        requireText(name, "audience", audience);
        if (subject.contains("*") || subject.contains("?")) {
            throw new IllegalArgumentException("The subject of federated identity credential \"" + name
                    + "\" is compared as it stands, without wildcards; it was \"" + subject + "\"");
        }
    }

    /** Tells whether the issuer of {@code token} is this one, exactly. */
    public boolean permitsIssuer(VerifiedToken token) {
        return token.issuer().equals(issuer.value());
    }

    /** Tells whether the subject of {@code token} is this one, exactly. */
    public boolean permitsSubject(VerifiedToken token) {
        return token.subject().equals(subject);
    }

    /** Tells whether {@code token} is for this audience and no other. */
    public boolean permitsAudience(VerifiedToken token) {
        return token.audiences().equals(Set.of(audience));
    }

    private static void requireText(String name, String part, String value) {
        if (value.isEmpty() || value.length() > MAX_LENGTH || !value.equals(value.strip())) {
            throw new IllegalArgumentException(
                    "The " + part + " of federated identity credential \"" + name + "\" must have 1 to " + MAX_LENGTH
                            + " characters and no blanks around it; it was \"" + value + "\"");
        }
    }
}
