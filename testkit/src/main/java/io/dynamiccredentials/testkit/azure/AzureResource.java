package io.dynamiccredentials.testkit.azure;

import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.azure.EntraGrants.Grant;
import java.util.Map;
import java.util.Optional;

/**
 * A resource that looks at access tokens: whether it knows them, their end, their tenant and their audience.
 *
 * <p>UNVERIFIED: codes and texts, which are those of Azure Resource Manager from general knowledge.
 */
final class AzureResource {
    private static final String SCHEME = "Bearer ";

    private final EntraGrants grants;

    AzureResource(EntraGrants grants) {
        this.grants = grants;
    }

    /** Answers as a resource that takes tokens of any tenant and audience. */
    FakeAnswer whoAmI(FakeRequest request) {
        Optional<Grant> grant = bearer(request);
        return grant.isEmpty() ? unknown() : ended(grant.get()).orElseGet(() -> describe(grant.get()));
    }

    /** Answers as the resource {@code audience} of a tenant. */
    FakeAnswer whoAmI(FakeRequest request, String tenant, String audience) {
        Optional<Grant> grant = bearer(request);
        if (grant.isEmpty()) {
            return unknown();
        }
        if (!grant.get().tenant().equalsIgnoreCase(tenant)) {
            return refused(
                    "InvalidAuthenticationTokenTenant",
                    "The access token is from the wrong issuer. It must match the tenant associated with this resource.");
        }
        if (!grant.get().resource().equals(audience)) {
            return refused(
                    "InvalidAuthenticationTokenAudience",
                    "The access token has been obtained for wrong audience or resource.");
        }
        return whoAmI(request);
    }

    private Optional<Grant> bearer(FakeRequest request) {
        String header = request.header("Authorization").orElse("");
        return header.startsWith(SCHEME) ? grants.find(header.substring(SCHEME.length())) : Optional.empty();
    }

    private Optional<FakeAnswer> ended(Grant grant) {
        return grants.isLive(grant.token())
                ? Optional.empty()
                : Optional.of(
                        refused("ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than now."));
    }

    private static FakeAnswer describe(Grant grant) {
        return FakeAnswer.json(
                200,
                Map.of(
                        "tenant", grant.tenant(),
                        "client_id", grant.token().role(),
                        "resource", grant.resource(),
                        "expires", grant.token().expiresAt().toString()));
    }

    private static FakeAnswer unknown() {
        return refused("InvalidAuthenticationToken", "The access token is invalid.");
    }

    private static FakeAnswer refused(String code, String message) {
        return FakeAnswer.json(401, Map.of("error", Map.of("code", code, "message", message)));
    }
}
