package io.dynamiccredentials.testkit.azure;

import io.dynamiccredentials.azure.ApplicationTrust;
import io.dynamiccredentials.azure.AzureCloud;
import io.dynamiccredentials.azure.FederatedIdentityCredential;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The tenants of a fake Entra with their applications. Safe for use by many threads. */
final class EntraTenants {
    private static final Pattern GUID = Pattern.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final Pattern DOMAIN =
            Pattern.compile("(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\\.)+[a-zA-Z]{2,63}");

    private final AzureCloud cloud;
    private final Clock clock;
    private final Map<String, Tenant> tenants = new ConcurrentHashMap<>();
    private volatile Duration delay = Duration.ZERO;

    EntraTenants(AzureCloud cloud, Clock clock) {
        this.cloud = cloud;
        this.clock = clock;
    }

    /** A tenant, by its id, with its applications by their client ids. */
    record Tenant(String id, Set<String> domains, Set<String> resources, Map<String, Application> applications) {}

    /** The credentials of an application, and from when on each of them is known everywhere. */
    record Application(ApplicationTrust trust, Map<String, Instant> effectiveFrom) {
        /** Returns the trust as it is known at {@code now}. */
        ApplicationTrust at(Instant now) {
            return new ApplicationTrust(trust.credentials().stream()
                    .filter(credential -> !now.isBefore(effectiveFrom.getOrDefault(credential.name(), Instant.MIN)))
                    .toList());
        }

        Application with(FederatedIdentityCredential credential, Instant from) {
            Map<String, Instant> times = new LinkedHashMap<>(effectiveFrom);
            times.put(credential.name(), from);
            return new Application(trust.with(credential), Map.copyOf(times));
        }

        Application without(String name) {
            return new Application(trust.without(name), effectiveFrom);
        }
    }

    void add(String id, List<String> domains) {
        if (!GUID.matcher(id).matches() || !domains.stream().allMatch(DOMAIN.asMatchPredicate())) {
            throw new IllegalArgumentException(
                    "A tenant has an id such as \"11111111-2222-3333-4444-555555555555\" and "
                            + "domains such as \"contoso.onmicrosoft.com\"; it was \"" + id + "\" with " + domains);
        }
        Set<String> resources = ConcurrentHashMap.newKeySet();
        resources.addAll(CloudResources.managers(cloud));
        Tenant tenant = new Tenant(key(id), Set.copyOf(domains), resources, new ConcurrentHashMap<>());
        tenants.putIfAbsent(key(id), tenant);
    }

    void remove(String id) {
        tenants.remove(tenant(id).id());
    }

    void addResource(String tenantId, String resource) {
        if (resource.isBlank() || resource.contains(" ")) {
            throw new IllegalArgumentException(
                    "A resource is an identifier such as \"https://vault.azure.net\"; it was \"" + resource + "\"");
        }
        tenant(tenantId).resources().add(resource);
    }

    /** Adds an application, if it is not there, and credentials that it has now or soon. */
    void trust(String tenantId, String client, List<FederatedIdentityCredential> credentials) {
        if (!GUID.matcher(client).matches()) {
            throw new IllegalArgumentException("A client id is one such as \"11111111-2222-3333-4444-555555555555\"; it"
                    + " was \"" + client + "\"");
        }
        credentials.forEach(this::requireAudienceOfCloud);
        Instant from = clock.instant().plus(delay);
        tenant(tenantId).applications().compute(key(client), (id, before) -> {
            Application application =
                    before == null ? new Application(new ApplicationTrust(List.of()), Map.of()) : before;
            for (FederatedIdentityCredential credential : credentials) {
                application = application.with(credential, from);
            }
            return application;
        });
    }

    void distrust(String tenantId, String client, String credential) {
        application(tenantId, client);
        tenant(tenantId).applications().computeIfPresent(key(client), (id, before) -> before.without(credential));
    }

    void removeApplication(String tenantId, String client) {
        application(tenantId, client);
        tenant(tenantId).applications().remove(key(client));
    }

    void delay(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("A credential can't take effect before it is added; it was " + time);
        }
        delay = time;
    }

    /** Returns the tenant of that id or domain. */
    Tenant find(String idOrDomain) throws EntraRefusal {
        if (!GUID.matcher(idOrDomain).matches() && !DOMAIN.matcher(idOrDomain).matches()) {
            throw EntraRefusal.malformedTenant(idOrDomain);
        }
        Optional<Tenant> found = tenants.values().stream()
                .filter(tenant -> tenant.id().equals(key(idOrDomain))
                        || tenant.domains().stream().anyMatch(idOrDomain::equalsIgnoreCase))
                .findFirst();
        return found.orElseThrow(() -> EntraRefusal.unknownTenant(idOrDomain));
    }

    static Application find(Tenant tenant, String client) throws EntraRefusal {
        Application application = tenant.applications().get(key(client));
        if (application == null) {
            throw EntraRefusal.unknownClient(client, tenant.id());
        }
        return application;
    }

    static String key(String id) {
        return id.toLowerCase(Locale.ROOT);
    }

    /** Refuses what Microsoft documents for another cloud, since such a credential would never match there. */
    private void requireAudienceOfCloud(FederatedIdentityCredential credential) {
        for (AzureCloud other : AzureCloud.values()) {
            if (other != cloud && credential.audience().equals(other.audience())) {
                throw new IllegalArgumentException("The audience in cloud " + cloud.id() + " is \"" + cloud.audience()
                        + "\"; that of " + credential + " is for cloud " + other.id());
            }
        }
    }

    private Tenant tenant(String id) {
        Tenant tenant = tenants.get(key(id));
        if (tenant == null) {
            throw new IllegalArgumentException(
                    "There is no tenant \"" + id + "\". Add it first; there are " + tenants.keySet());
        }
        return tenant;
    }

    private void application(String tenantId, String client) {
        if (!tenant(tenantId).applications().containsKey(key(client))) {
            throw new IllegalArgumentException("There is no application \"" + client + "\" in tenant \"" + tenantId
                    + "\". Add it first; there are "
                    + tenant(tenantId).applications().keySet());
        }
    }
}
