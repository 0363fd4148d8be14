package io.dynamiccredentials.azure;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.wire.UntrustedText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * All that one application (or managed identity) in Entra trusts: its federated identity credentials. Immutable.
 *
 * @param credentials at most 20, each with a name and with an issuer and subject (or expression) of its own
 */
public record ApplicationTrust(List<FederatedIdentityCredential> credentials) {
    private static final int MAX_CREDENTIALS = 20;
    private static final String GUIDE = "https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if Entra would refuse it
     */
    public ApplicationTrust {
        credentials = List.copyOf(credentials);
        if (credentials.size() > MAX_CREDENTIALS) {
            throw new IllegalArgumentException("An application may have at most " + MAX_CREDENTIALS
                    + " federated identity credentials; it has " + credentials.size()
                    + ". Use a flexible one, or another application");
        }
        requireDistinct("name", credentials, FederatedIdentityCredential::name);
        requireDistinct(
                "issuer and subject",
                credentials,
                credential -> List.of(credential.issuer().value(), credential.subjectOrExpression()));
    }

    /** Returns this with one more credential, or with it in the place of the one of its name. */
    public ApplicationTrust with(FederatedIdentityCredential credential) {
        List<FederatedIdentityCredential> changed = new ArrayList<>(credentials);
        changed.removeIf(other -> other.name().equals(credential.name()));
        changed.add(credential);
        return new ApplicationTrust(changed);
    }

    /**
     * Returns this without the credential of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public ApplicationTrust without(String name) {
        List<FederatedIdentityCredential> changed = new ArrayList<>(credentials);
        if (!changed.removeIf(credential -> credential.name().equals(name))) {
            throw new IllegalArgumentException(
                    "There is no federated identity credential \"" + name + "\"; there are " + credentials);
        }
        return new ApplicationTrust(changed);
    }

    /**
     * Decides about a token by issuer, subject and audience, in this order. Its signature and times are for the caller
     * to check.
     */
    public Decision decide(JsonNode claims) {
        String issuer = text(claims.path("iss"));
        String subject = text(claims.path("sub"));
        String audience = audience(claims.path("aud"));
        if (credentials.isEmpty()) {
            return unmatched(issuer, subject, audience);
        }
        List<FederatedIdentityCredential> ofIssuer = keep(credentials, c -> c.permitsIssuer(issuer));
        if (ofIssuer.isEmpty()) {
            return refused(
                    700211, Part.ISSUER, issuer, credentials, c -> c.issuer().value());
        }
        List<FederatedIdentityCredential> ofSubject = keep(ofIssuer, c -> c.permitsSubject(claims));
        if (ofSubject.isEmpty()) {
            boolean byCase = ofIssuer.stream().anyMatch(c -> c.resemblesSubject(claims));
            return refused(
                    byCase ? 7002138 : 700213,
                    Part.SUBJECT,
                    subject,
                    ofIssuer,
                    FederatedIdentityCredential::subjectOrExpression);
        }
        List<FederatedIdentityCredential> left = keep(ofSubject, c -> c.permitsAudience(audience));
        return left.isEmpty()
                ? refused(700212, Part.AUDIENCE, audience, ofSubject, FederatedIdentityCredential::audience)
                : new Accepted(left.get(0));
    }

    /**
     * Returns the refusal under which Entra names no part: there is no credential at all, or one that it has yet to
     * learn of.
     */
    public static Refused unmatched(JsonNode claims) {
        return unmatched(text(claims.path("iss")), text(claims.path("sub")), audience(claims.path("aud")));
    }

    private static Refused unmatched(String issuer, String subject, String audience) {
        return new Refused(
                70021,
                Part.CREDENTIAL,
                "No matching federated identity record found for presented assertion. Assertion Issuer: '" + issuer
                        + "'. Assertion Subject: '" + subject + "'. Assertion Audience: '" + audience + "'. " + GUIDE,
                "a federated identity credential",
                "none");
    }

    private static Refused refused(
            int number,
            Part part,
            String actual,
            List<FederatedIdentityCredential> candidates,
            Function<FederatedIdentityCredential, String> expected) {
        String byCase = number == 7002138
                ? " The subject matches with case-insensitive comparison, but not with case-sensitive comparison."
                : "";
        return new Refused(
                number,
                part,
                "No matching federated identity record found for presented assertion " + part.word() + " '" + actual
                        + "'. Please check your federated identity credential Subject, Audience and Issuer against the "
                        + "presented assertion." + byCase + " " + GUIDE,
                "one of " + candidates.stream().map(expected).distinct().toList(),
                actual);
    }

    /** Returns the only audience; none if there are several, of which nobody has written down what Entra does. */
    private static String audience(JsonNode claim) {
        return text(claim.isArray() && claim.size() == 1 ? claim.path(0) : claim);
    }

    private static String text(JsonNode claim) {
        return claim.isTextual() ? claim.textValue() : "";
    }

    private static List<FederatedIdentityCredential> keep(
            List<FederatedIdentityCredential> credentials, Predicate<FederatedIdentityCredential> wanted) {
        return credentials.stream().filter(wanted).toList();
    }

    private static void requireDistinct(
            String what,
            List<FederatedIdentityCredential> credentials,
            Function<FederatedIdentityCredential, Object> value) {
        Set<Object> seen = new HashSet<>();
        for (FederatedIdentityCredential credential : credentials) {
            if (!seen.add(value.apply(credential))) {
                throw new IllegalArgumentException("Each federated identity credential of an application needs a "
                        + what + " of its own; two have that of " + credential);
            }
        }
    }

    /** A part of a token that a credential must have. */
    public enum Part {
        /** All of them. */
        CREDENTIAL("credential"),
        /** The claim {@code iss}. */
        ISSUER("issuer"),
        /** The claim {@code sub}, or what an expression looks up. */
        SUBJECT("subject"),
        /** The claim {@code aud}. */
        AUDIENCE("audience");

        private final String word;

        Part(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    /** What an application's credentials say to a token. */
    public sealed interface Decision {}

    /**
     * A credential takes the token, if its signature and times are good. Immutable.
     *
     * @param credential that one
     */
    public record Accepted(FederatedIdentityCredential credential) implements Decision {}

    /**
     * No credential takes the token. Immutable.
     *
     * @param number Entra's, as in {@code AADSTS700213}
     * @param part the first that no credential has, among those that have the parts before it
     * @param description Entra's text, in which parts of the token stand as they came
     * @param expected what would be accepted
     * @param actual what came, fit for a message
     */
    public record Refused(int number, Part part, String description, String expected, String actual)
            implements Decision {
        /** Makes {@code actual}, which is of the token, fit for a message. */
        public Refused {
            actual = UntrustedText.clean(actual);
        }
    }
}
