package io.dynamiccredentials.azure;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What Entra checks of a token: one federated identity credential of an application. Immutable.
 *
 * <p>An {@linkplain #exact exact} one compares all three parts as they stand, letter case included. So each subject,
 * for example each phase of each workspace, takes one of the 20 credentials that an application may have. A
 * {@linkplain #flexible flexible} one, a preview of Microsoft's, takes patterns instead of the subject.
 */
public final class FederatedIdentityCredential {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{2,119}");

    /** Entra's limit for each of the parts, in characters. */
    private static final int MAX_LENGTH = 600;

    private final String name;
    private final IssuerUrl issuer;
    private final String audience;
    private final Optional<String> subject;
    private final Optional<ClaimsMatchingExpression> expression;

    private FederatedIdentityCredential(
            String name,
            IssuerUrl issuer,
            String audience,
            Optional<String> subject,
            Optional<ClaimsMatchingExpression> expression) {
        this.name = name;
        this.issuer = issuer;
        this.audience = audience;
        this.subject = subject;
        this.expression = expression;
    }

    /**
     * Returns a credential that compares the parts exactly.
     *
     * @param name its name at the application, 3 to 120 letters, digits, {@code -} and {@code _}
     * @param subject the {@code sub} of the token
     * @param audience the only {@code aud} of the token; {@code api://AzureADTokenExchange} unless there is a reason
     * @throws IllegalArgumentException if a part is empty, longer than 600 characters or has blanks around it, if the
     *     subject has a wildcard, or the name is malformed
     */
    public static FederatedIdentityCredential exact(String name, IssuerUrl issuer, String subject, String audience) {
        requireParts(name, issuer, audience);
        requireText(name, "subject", subject);
        if (subject.contains("*") || subject.contains("?")) {
            throw new IllegalArgumentException("The subject of federated identity credential \"" + name
                    + "\" is compared as it stands, without wildcards; it was \"" + subject
                    + "\". A flexible credential has a pattern");
        }
        return new FederatedIdentityCredential(name, issuer, audience, Optional.of(subject), Optional.empty());
    }

    /**
     * Returns a flexible credential: {@code claimsMatchingExpression} in version 1 of its language.
     *
     * <p>Microsoft's preview allows it for tokens of GitHub, GitLab and HCP Terraform only. This takes any issuer, as
     * one would be after the preview: ask Microsoft before a set-up relies on it. Claims are {@code sub}, and of GitHub
     * also {@code job_workflow_ref}.
     *
     * @param expression {@code claims['sub'] eq '…'} or {@code claims['sub'] matches '…'} where {@code *} stands for
     *     any text and {@code ?} for one character; several with {@code and} between them
     * @throws IllegalArgumentException if a part is empty, longer than 600 characters or has blanks around it, if the
     *     expression is malformed or lets everybody in, or the name is malformed
     */
    public static FederatedIdentityCredential flexible(
            String name, IssuerUrl issuer, String expression, String audience) {
        requireParts(name, issuer, audience);
        // UNVERIFIED: the limit; it is that of the subject which the expression stands for.
        requireText(name, "expression", expression);
        return new FederatedIdentityCredential(
                name,
                issuer,
                audience,
                Optional.empty(),
                Optional.of(ClaimsMatchingExpression.parse(expression, issuer.value())));
    }

    /** Returns its name at the application. */
    public String name() {
        return name;
    }

    /** Returns the exact {@code iss} of tokens. */
    public IssuerUrl issuer() {
        return issuer;
    }

    /** Returns the only {@code aud} of tokens. */
    public String audience() {
        return audience;
    }

    /** Returns the exact {@code sub} of tokens; empty for a flexible credential. */
    public Optional<String> subject() {
        return subject;
    }

    /** Returns the expression of a flexible credential; empty for an exact one. */
    public Optional<String> claimsMatchingExpression() {
        return expression.map(ClaimsMatchingExpression::toString);
    }

    /** Returns what takes the place of the subject: that itself, or the expression. */
    String subjectOrExpression() {
        return subject.or(this::claimsMatchingExpression).orElseThrow();
    }

    boolean permitsIssuer(String claim) {
        return claim.equals(issuer.value());
    }

    boolean permitsSubject(JsonNode claims) {
        return expression.isPresent()
                ? expression.get().matches(claims)
                : claims.path("sub").isTextual()
                        && subject.filter(claims.path("sub").textValue()::equals)
                                .isPresent();
    }

    boolean permitsAudience(String claim) {
        return claim.equals(audience);
    }

    /** Tells whether the subject would be the one but for letter case. */
    boolean resemblesSubject(JsonNode claims) {
        return subject.filter(claims.path("sub").asText()::equalsIgnoreCase).isPresent();
    }

    @Override
    public String toString() {
        return "FederatedIdentityCredential[" + name + ", issuer=" + issuer + ", subject=" + subjectOrExpression()
                + ", audience=" + audience + "]";
    }

    private static void requireParts(String name, IssuerUrl issuer, String audience) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("The name of a federated identity credential must be 3 to 120 letters, "
                    + "digits, \"-\" and \"_\", starting with a letter or digit; it was \"" + name + "\"");
        }
        requireText(name, "issuer", issuer.value());
        requireText(name, "audience", audience);
    }

    private static void requireText(String name, String part, String value) {
        if (value.isEmpty() || value.length() > MAX_LENGTH || !value.equals(value.strip())) {
            throw new IllegalArgumentException(
                    "The " + part + " of federated identity credential \"" + name + "\" must have 1 to " + MAX_LENGTH
                            + " characters and no blanks around it; it was \"" + value + "\"");
        }
    }
}
