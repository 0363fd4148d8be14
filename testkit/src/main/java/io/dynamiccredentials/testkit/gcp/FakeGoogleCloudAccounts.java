package io.dynamiccredentials.testkit.gcp;

import io.dynamiccredentials.verify.Glob;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The service accounts of a fake Google Cloud, and who may make tokens of them. Not safe for use while it changes. */
final class FakeGoogleCloudAccounts {
    private final Map<String, Binding> bindings = new LinkedHashMap<>();
    private final Map<String, Set<String>> creators = new HashMap<>();

    /** Which principals of a pool may have tokens of a service account. */
    private record Binding(String pool, Glob subjects) {
        boolean permits(String callersPool, String subject) {
            return pool.equals(callersPool) && subjects.matches(subject);
        }
    }

    void add(String email, String pool, String subjectPattern) {
        if (subjectPattern.isBlank() || subjectPattern.replaceAll("[*?]", "").isEmpty()) {
            throw new IllegalArgumentException("Service account \"" + email
                    + "\" needs a subject pattern that not every workload matches; it was \"" + subjectPattern + "\"");
        }
        if (bindings.putIfAbsent(email, new Binding(pool, Glob.of(subjectPattern))) != null) {
            throw new IllegalArgumentException("There is a service account \"" + email + "\" already");
        }
    }

    void delegate(String from, String to) {
        if (!bindings.containsKey(from) && !creators.containsKey(from)) {
            throw new IllegalArgumentException("There is no service account \"" + from + "\". Add it before \"" + to
                    + "\", which it shall make tokens of");
        }
        creators.computeIfAbsent(to, account -> new HashSet<>()).add(from);
    }

    void requirePoolsOf(Set<String> pools) {
        bindings.forEach((email, binding) -> {
            if (!pools.contains(binding.pool())) {
                throw new IllegalArgumentException("Service account \"" + email + "\" is bound to pool \""
                        + binding.pool() + "\", expected one with a provider: " + pools);
            }
        });
    }

    /** Tells whether the principal may act as the first of {@code chain}, and each of them as the next. */
    boolean permit(String pool, String subject, List<String> chain) {
        Binding first = bindings.get(chain.get(0));
        if (first == null || !first.permits(pool, subject)) {
            return false;
        }
        for (int i = 1; i < chain.size(); i++) {
            if (!creators.getOrDefault(chain.get(i), Set.of()).contains(chain.get(i - 1))) {
                return false;
            }
        }
        return true;
    }
}
