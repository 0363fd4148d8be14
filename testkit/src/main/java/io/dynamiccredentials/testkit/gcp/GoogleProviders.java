package io.dynamiccredentials.testkit.gcp;

import io.dynamiccredentials.gcp.WorkloadIdentityProvider;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** The providers of a fake Google Cloud and their states. Safe for use by many threads. */
final class GoogleProviders {
    /** For so long a deleted provider can be had back, and its name can't be used anew. */
    static final Duration KEPT = Duration.ofDays(30);

    private final Clock clock;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    GoogleProviders(Clock clock) {
        this.clock = clock;
    }

    private record Entry(WorkloadIdentityProvider provider, Optional<Instant> deletedAt) {
        Entry deleted(Instant now) {
            return new Entry(provider, Optional.of(now));
        }

        boolean isGone(Instant now) {
            return deletedAt.isPresent() && !now.isBefore(deletedAt.get().plus(KEPT));
        }
    }

    /** Adds a provider, or puts it in the place of the one of its name. */
    void put(WorkloadIdentityProvider provider) {
        entries.compute(provider.name(), (name, before) -> {
            if (before != null && before.deletedAt().isPresent() && !before.isGone(clock.instant())) {
                throw new IllegalStateException("Provider \"" + name + "\" was deleted at "
                        + before.deletedAt().get() + " and keeps its name for 30 days. Undelete it");
            }
            return new Entry(provider, Optional.empty());
        });
    }

    void disable(String name) {
        change(name, entry -> live(entry, WorkloadIdentityProvider::disabled));
    }

    void enable(String name) {
        change(name, entry -> live(entry, WorkloadIdentityProvider::enabled));
    }

    void delete(String name) {
        change(name, entry -> live(entry, provider -> provider).deleted(clock.instant()));
    }

    void undelete(String name) {
        change(name, entry -> {
            if (entry.deletedAt().isEmpty() || entry.isGone(clock.instant())) {
                throw new IllegalArgumentException(
                        "Provider \"" + name + "\" can't be undeleted: it was not deleted in the last 30 days");
            }
            return new Entry(entry.provider(), Optional.empty());
        });
    }

    /** Returns the provider that STS finds by that name, whether it is enabled or not. */
    WorkloadIdentityProvider find(String name) throws GoogleRefusal {
        Entry entry = entries.get(name);
        if (entry == null || entry.deletedAt().isPresent()) {
            throw invalidTarget();
        }
        return entry.provider();
    }

    static GoogleRefusal invalidTarget() {
        return GoogleRefusal.oauth(
                "invalid_target",
                "The target service indicated by the \"audience\" parameters is invalid. This might either be because "
                        + "the pool or provider is disabled or deleted or because it doesn't exist.");
    }

    private void change(String name, UnaryOperator<Entry> change) {
        Entry changed = entries.computeIfPresent(name, (key, entry) -> change.apply(entry));
        if (changed == null) {
            throw new IllegalArgumentException("There is no provider \"" + name + "\"; there are " + entries.keySet());
        }
    }

    private static Entry live(Entry entry, UnaryOperator<WorkloadIdentityProvider> change) {
        if (entry.deletedAt().isPresent()) {
            throw new IllegalArgumentException(
                    "Provider \"" + entry.provider().name() + "\" is deleted. Undelete it first");
        }
        return new Entry(change.apply(entry.provider()), Optional.empty());
    }
}
