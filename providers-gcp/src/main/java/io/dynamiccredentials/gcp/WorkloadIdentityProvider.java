package io.dynamiccredentials.gcp;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What Google Cloud checks of a token: an OpenID Connect provider of a workload identity pool, as an operator makes it.
 * Immutable.
 *
 * <p>Mappings and conditions that are more than a claim ({@code assertion.NAME}) and a {@link Builder#subjectPattern
 * subject pattern} are expressions in CEL, and need the artifact {@code dev.cel:cel}. They may use what the language
 * defines and {@code extract}, {@code split}, {@code join} and {@code lowerAscii}.
 */
public final class WorkloadIdentityProvider {
    private static final int MAX_AUDIENCES = 10;
    private static final int MAX_CONDITION = 4096;

    // UNVERIFIED: a limit of the issuer's length.
    private static final int MAX_ISSUER = 2000;

    /** Whose tokens anybody can have; Google asks for a condition there. */
    private static final Set<String> SHARED_ISSUERS =
            Set.of("https://token.actions.githubusercontent.com", "https://gitlab.com", "https://app.terraform.io");

    private static final Pattern CLAIM = Pattern.compile("\\b(?:assertion|attribute|google)\\b");

    private final ProviderName name;
    private final IssuerUrl issuer;
    private final Set<String> allowedAudiences;
    private final AttributeMapping mapping;
    private final Optional<String> conditionText;
    private final Optional<Expression> condition;
    private final Optional<JwkSet> uploadedKeys;
    private final boolean disabled;

    private WorkloadIdentityProvider(Builder builder) {
        this.name = builder.name;
        this.issuer = builder.issuer;
        this.allowedAudiences = Collections.unmodifiableSet(new LinkedHashSet<>(builder.allowedAudiences));
        this.mapping = new AttributeMapping(builder.mapping);
        this.conditionText = builder.conditionText();
        this.condition = builder.condition();
        this.uploadedKeys = Optional.ofNullable(builder.uploadedKeys);
        this.disabled = false;
    }

    private WorkloadIdentityProvider(WorkloadIdentityProvider other, boolean disabled) {
        this.name = other.name;
        this.issuer = other.issuer;
        this.allowedAudiences = other.allowedAudiences;
        this.mapping = other.mapping;
        this.conditionText = other.conditionText;
        this.condition = other.condition;
        this.uploadedKeys = other.uploadedKeys;
        this.disabled = disabled;
    }

    /**
     * Returns the simplest provider: {@code google.subject=assertion.sub}, for the subjects that match a pattern.
     *
     * @param name the full name, {@code projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER}
     * @param subjectPattern {@code *} in it stands for any text and {@code ?} for one character
     * @throws IllegalArgumentException if Google would refuse it, or the pattern lets everybody in
     */
    public static WorkloadIdentityProvider of(String name, IssuerUrl issuer, String subjectPattern) {
        return builder(name, issuer)
                .map(AttributeMapping.SUBJECT, "assertion.sub")
                .subjectPattern(subjectPattern)
                .build();
    }

    /**
     * Starts the description of a provider.
     *
     * @param name the full name, {@code projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER}
     * @param issuer the exact {@code iss}
     * @throws IllegalArgumentException if {@code name} is malformed or has an id that Google keeps for itself
     */
    public static Builder builder(String name, IssuerUrl issuer) {
        return new Builder(ProviderName.parse(name), issuer);
    }

    /**
     * Returns the full name, {@code projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER}.
     */
    public String name() {
        return name.value();
    }

    /** Returns the name of its pool, {@code projects/NUMBER/locations/global/workloadIdentityPools/POOL}. */
    public String pool() {
        return name.poolName();
    }

    /** Returns the exact {@code iss}. */
    public IssuerUrl issuer() {
        return issuer;
    }

    /**
     * Returns the audiences of which a token needs one: those allowed, or else the provider's name in its two forms.
     */
    public Set<String> audiences() {
        String own = name.resource();
        return allowedAudiences.isEmpty() ? Set.of(own, "https:" + own) : allowedAudiences;
    }

    /** Returns the audiences that the operator allows; empty for the provider's own name. */
    public Set<String> allowedAudiences() {
        return allowedAudiences;
    }

    /** Returns the expressions by the attributes that they give. */
    public Map<String, String> attributeMapping() {
        return mapping.texts();
    }

    /** Returns the condition in CEL; also a subject pattern in that form. */
    public Optional<String> attributeCondition() {
        return conditionText;
    }

    /** Returns the keys that were uploaded; empty if they are fetched from the issuer. */
    public Optional<JwkSet> uploadedKeys() {
        return uploadedKeys;
    }

    /** Tells whether it takes no token now. */
    public boolean isDisabled() {
        return disabled;
    }

    /** Returns this provider in the state in which it takes no token. */
    public WorkloadIdentityProvider disabled() {
        return new WorkloadIdentityProvider(this, true);
    }

    /** Returns this provider in the state in which it takes tokens. */
    public WorkloadIdentityProvider enabled() {
        return new WorkloadIdentityProvider(this, false);
    }

    /**
     * Decides about a token by its claims, whose signature is for the caller to check. The first check that is not met
     * decides; their order is that of {@link ProviderDecision.Check}.
     */
    public ProviderDecision decide(JsonNode claims, Instant now) {
        return new ProviderChecks(this, mapping, condition).decide(claims, now);
    }

    /**
     * Returns why the provider refuses a token whatever its signature, if it does: what Google looks at before.
     * Evaluates no expression, which a stranger's claims could make long.
     */
    public Optional<ProviderDecision.Refused> refusalBeforeSignature(JsonNode claims) {
        return new ProviderChecks(this, mapping, condition).refusalBeforeSignature(claims);
    }

    @Override
    public String toString() {
        return "WorkloadIdentityProvider[" + name() + ", issuer=" + issuer + ", condition="
                + conditionText.orElse("none") + (disabled ? ", disabled]" : "]");
    }

    /** Collects the description of a provider. Not safe for use by several threads. */
    public static final class Builder {
        private final ProviderName name;
        private final IssuerUrl issuer;
        private final Set<String> allowedAudiences = new LinkedHashSet<>();
        private final Map<String, String> mapping = new LinkedHashMap<>();
        private @Nullable String cel;
        private @Nullable SubjectPattern pattern;
        private @Nullable JwkSet uploadedKeys;
        private boolean unconditional;

        private Builder(ProviderName name, IssuerUrl issuer) {
            name.requireOperators();
            if (issuer.value().length() > MAX_ISSUER) {
                throw new IllegalArgumentException("The issuer of a provider may have " + MAX_ISSUER
                        + " characters; it has " + issuer.value().length());
            }
            this.name = name;
            this.issuer = issuer;
        }

        /** Allows an audience, 1 to 256 characters, instead of the provider's own name. At most 10. */
        public Builder allowAudience(String audience) {
            allowedAudiences.add(audience);
            return this;
        }

        /**
         * Maps an attribute: {@code google.subject}, which every provider needs, {@code google.groups}, or up to 50
         * {@code attribute.NAME}.
         *
         * @param expression CEL over {@code assertion}, up to 2048 characters
         * @throws IllegalArgumentException if the attribute is mapped already
         */
        public Builder map(String attribute, String expression) {
            if (mapping.putIfAbsent(attribute, expression) != null) {
                throw new IllegalArgumentException(
                        "Attribute " + attribute + " is mapped already, from " + mapping.get(attribute));
            }
            return this;
        }

        /**
         * Sets the condition.
         *
         * @param expression CEL over {@code assertion} and the attributes that are mapped, up to 4096 characters
         */
        public Builder attributeCondition(String expression) {
            this.cel = expression;
            return this;
        }

        /**
         * Sets the condition that {@code sub} matches a pattern: {@code *} in it stands for any text and {@code ?} for
         * one character.
         *
         * @throws IllegalArgumentException if the pattern lets everybody in
         */
        public Builder subjectPattern(String subjects) {
            this.pattern = SubjectPattern.of(subjects);
            return this;
        }

        /** Lets everybody in who has a token of the issuer. */
        public Builder withoutAttributeCondition() {
            this.unconditional = true;
            return this;
        }

        /**
         * Uploads a key set, so that none is fetched.
         *
         * @param jwks the JSON document, with keys of type RSA and of P-256 only
         * @throws IllegalArgumentException if Google would refuse it
         */
        public Builder uploadKeys(String jwks) {
            this.uploadedKeys = UploadedKeys.parse(jwks);
            return this;
        }

        /**
         * Makes the provider.
         *
         * @throws IllegalArgumentException if Google would refuse it, or not exactly one condition is set
         * @throws IllegalStateException if an expression needs the library of CEL, and that is not on the class path
         */
        public WorkloadIdentityProvider build() {
            requireAudiences();
            requireOneCondition();
            return new WorkloadIdentityProvider(this);
        }

        private void requireAudiences() {
            if (allowedAudiences.size() > MAX_AUDIENCES
                    || !allowedAudiences.stream().allMatch(GcpWorkloadIdentityExchanger::isAudience)) {
                throw new IllegalArgumentException("Provider \"" + name.value() + "\" may have " + MAX_AUDIENCES
                        + " allowed audiences of 1 to 256 characters each; they were " + allowedAudiences);
            }
        }

        private void requireOneCondition() {
            int conditions = (cel == null ? 0 : 1) + (pattern == null ? 0 : 1) + (unconditional ? 1 : 0);
            if (conditions != 1) {
                throw new IllegalArgumentException("Provider \"" + name.value() + "\" needs one of attributeCondition, "
                        + "subjectPattern and withoutAttributeCondition; it has " + conditions);
            }
            boolean asksForClaim =
                    conditionText().filter(text -> CLAIM.matcher(text).find()).isPresent();
            if (SHARED_ISSUERS.contains(issuer.value()) && !asksForClaim) {
                throw new IllegalArgumentException(
                        "The attribute condition must reference one of the provider's claims,"
                                + " since anybody can have a token of " + issuer);
            }
        }

        private Optional<String> conditionText() {
            return pattern == null ? Optional.ofNullable(cel) : Optional.of(pattern.cel());
        }

        private Optional<Expression> condition() {
            conditionText().ifPresent(text -> Expressions.requireLength("attribute condition", text, MAX_CONDITION));
            return pattern == null
                    ? Optional.ofNullable(cel).map(text -> Expressions.condition(text, mapping.keySet()))
                    : Optional.of(pattern);
        }
    }
}
