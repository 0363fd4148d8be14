package io.dynamiccredentials.gcp;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.gcp.AttributeMapping.Refusal;
import io.dynamiccredentials.gcp.ProviderDecision.Accepted;
import io.dynamiccredentials.gcp.ProviderDecision.Check;
import io.dynamiccredentials.gcp.ProviderDecision.Refused;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Makes a provider's decision, with Google's texts in Google's order. */
record ProviderChecks(WorkloadIdentityProvider provider, AttributeMapping mapping, Optional<Expression> condition) {

    ProviderDecision decide(JsonNode claims, Instant now) {
        return Stream.<Supplier<Optional<Refused>>>of(
                        this::disabled,
                        () -> wrongIssuer(claims),
                        () -> wrongAudience(claims),
                        () -> TokenTimes.refusal(claims, now))
                .map(Supplier::get)
                .flatMap(Optional::stream)
                .map(ProviderDecision.class::cast)
                .findFirst()
                .orElseGet(() -> mapped(claims));
    }

    Optional<Refused> refusalBeforeSignature(JsonNode claims) {
        return disabled().or(() -> wrongIssuer(claims)).or(() -> wrongAudience(claims));
    }

    private Optional<Refused> disabled() {
        return provider.isDisabled()
                ? Optional.of(new Refused(
                        Check.PROVIDER,
                        "invalid_target",
                        "The target service indicated by the \"audience\" parameters is invalid. This might either be "
                                + "because the pool or provider is disabled or deleted or because it doesn't exist.",
                        "an enabled provider",
                        "a disabled one"))
                : Optional.empty();
    }

    private Optional<Refused> wrongIssuer(JsonNode claims) {
        JsonNode issuer = claims.path("iss");
        if (issuer.isTextual() && issuer.textValue().equals(provider.issuer().value())) {
            return Optional.empty();
        }
        String actual = issuer.asText("null");
        return Optional.of(new Refused(
                Check.ISSUER,
                "invalid_grant",
                "The issuer in ID Token " + actual + " does not match the expected one in config: " + provider.issuer(),
                provider.issuer().value(),
                actual));
    }

    private Optional<Refused> wrongAudience(JsonNode claims) {
        List<String> audiences = audiences(claims.path("aud"));
        if (audiences.stream().anyMatch(provider.audiences()::contains)) {
            return Optional.empty();
        }
        return Optional.of(new Refused(
                Check.AUDIENCE,
                "invalid_grant",
                "The audience in ID Token " + audiences + " does not match the expected audience.",
                "one of " + provider.audiences(),
                audiences.toString()));
    }

    private static List<String> audiences(JsonNode claim) {
        List<String> audiences = new ArrayList<>();
        if (claim.isTextual()) {
            audiences.add(claim.textValue());
        }
        for (JsonNode element : claim) {
            if (claim.isArray() && element.isTextual()) {
                audiences.add(element.textValue());
            }
        }
        return audiences;
    }

    private ProviderDecision mapped(JsonNode claims) {
        Map<String, Object> variables = ClaimValues.variables(claims);
        try {
            Accepted accepted = mapping.map(provider.pool(), variables);
            return condition.isEmpty() || isMet(condition.get(), accepted, variables)
                    ? accepted
                    : Refused.byCondition(
                            Check.CONDITION,
                            provider.attributeCondition().orElse(""),
                            "google.subject " + accepted.subject());
        } catch (Refusal e) {
            return e.refused();
        }
    }

    private boolean isMet(Expression expression, Accepted accepted, Map<String, Object> variables) {
        Map<String, Object> all = new HashMap<>(variables);
        all.put(AttributeMapping.SUBJECT, accepted.subject());
        all.put(AttributeMapping.GROUPS, accepted.groups());
        accepted.attributes().forEach((name, value) -> all.put("attribute." + name, value));
        try {
            return Boolean.TRUE.equals(expression.evaluate(all));
        } catch (Expression.Unevaluable e) {
            return false;
        }
    }
}
