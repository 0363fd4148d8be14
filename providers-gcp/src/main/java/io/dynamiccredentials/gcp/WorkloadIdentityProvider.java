package io.dynamiccredentials.gcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.verify.Glob;
import io.dynamiccredentials.verify.VerifiedToken;
import java.util.Set;

/**
 * What Google Cloud checks of a token: an OpenID Connect provider of a workload identity pool, with the attribute
 * mapping {@code google.subject=assertion.sub}. Immutable.
 *
 * @param name the full name, {@code projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER}
 * @param issuer the exact {@code iss}
 * @param allowedAudiences at most 10 audiences of which a token needs one; if empty, the two forms of the provider's
 *     own name
 * @param subjectPattern the attribute condition: {@code *} in it stands for any text and {@code ?} for one character
 */
public record WorkloadIdentityProvider(
        String name, IssuerUrl issuer, Set<String> allowedAudiences, String subjectPattern) {
    private static final int MAX_AUDIENCES = 10;
    private static final int MAX_SUBJECT_BYTES = 127;

    /**
     * Copies the set.
     *
     * @throws IllegalArgumentException if {@code name} or an audience is malformed, there are too many audiences, or
     *     the pattern lets everybody in
     */
    public WorkloadIdentityProvider {
        ProviderName.parse(name);
        allowedAudiences = Set.copyOf(allowedAudiences);
        if (allowedAudiences.size() > MAX_AUDIENCES
                || !allowedAudiences.stream().allMatch(GcpWorkloadIdentityExchanger::isAudience)) {
            throw new IllegalArgumentException("Provider \"" + name + "\" may have " + MAX_AUDIENCES
                    + " allowed audiences of 1 to 256 characters each; they were " + allowedAudiences);
        }
        if (subjectPattern.isBlank()
                || subjectPattern.replace("*", "").replace("?", "").isEmpty()) {
            throw new IllegalArgumentException("Provider \"" + name
                    + "\" needs an attribute condition that not every workload meets; the subject pattern was \""
                    + subjectPattern + "\"");
        }
    }

    /**
     * Returns the audiences of which a token needs one: those allowed, or else the provider's name in its two forms.
     */
    public Set<String> audiences() {
        String own = ProviderName.parse(name).resource();
        return allowedAudiences.isEmpty() ? Set.of(own, "https:" + own) : allowedAudiences;
    }

    /** Tells whether {@code token} is from the issuer. */
    public boolean permitsIssuer(VerifiedToken token) {
        return token.issuer().equals(issuer.value());
    }

    /** Tells whether {@code token} is for one of the {@link #audiences()}. */
    public boolean permitsAudience(VerifiedToken token) {
        return token.audiences().stream().anyMatch(audiences()::contains);
    }

    /** Tells whether the subject of {@code token} fits into {@code google.subject}, which holds 127 bytes of UTF-8. */
    public boolean permitsSubjectLength(VerifiedToken token) {
        return token.subject().getBytes(UTF_8).length <= MAX_SUBJECT_BYTES;
    }

    /** Tells whether {@code token} meets the attribute condition. */
    public boolean permitsSubject(VerifiedToken token) {
        return Glob.of(subjectPattern).matches(token.subject());
    }

    /**
     * Returns how IAM policies name the holder of {@code token}, {@code principal://iam.googleapis.com/…/subject/…}.
     */
    public String principal(VerifiedToken token) {
        return ProviderName.parse(name).principal(token.subject());
    }
}
