package io.dynamiccredentials.testkit.vault;

import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** An ACL policy of a {@link FakeVault}: which paths its tokens may use, and for what. Immutable. */
public final class FakeVaultPolicy {
    private static final Comparator<String> PRIORITY = Comparator.comparingInt(FakeVaultPolicy::firstWildcard)
            .thenComparing(path -> !path.endsWith("*"))
            .thenComparing(
                    Comparator.comparingLong(FakeVaultPolicy::segmentWildcards).reversed())
            .thenComparingInt(String::length)
            .thenComparing(Comparator.naturalOrder());

    private final String name;
    private final Map<String, Set<Capability>> rules;

    private FakeVaultPolicy(String name, Map<String, Set<Capability>> rules) {
        this.name = name;
        this.rules = Collections.unmodifiableMap(new LinkedHashMap<>(rules));
    }

    /** What a rule allows. */
    public enum Capability {
        /** To write what was not there; of an engine that can't tell, {@link #UPDATE} does for both. */
        CREATE,
        /** To read: GET. */
        READ,
        /** To write: POST and PUT. */
        UPDATE,
        /** To delete: DELETE. */
        DELETE,
        /** To list: LIST. */
        LIST,
        /** To use a path that Vault keeps for its operators, together with one of the others. */
        SUDO,
        /** Nothing at all, whatever other rules allow. */
        DENY
    }

    /** Returns a policy that allows nothing. */
    public static FakeVaultPolicy named(String name) {
        return new FakeVaultPolicy(name.toLowerCase(Locale.ROOT), Map.of());
    }

    /** Returns what every Vault begins with: tokens may look up, renew and end themselves, and renew leases. */
    static FakeVaultPolicy standard() {
        return named("default")
                .rule("auth/token/lookup-self", Capability.READ)
                .rule("auth/token/renew-self", Capability.UPDATE)
                .rule("auth/token/revoke-self", Capability.UPDATE)
                .rule("sys/renew", Capability.UPDATE)
                .rule("sys/leases/renew", Capability.UPDATE)
                .rule("sys/leases/lookup", Capability.UPDATE);
    }

    /**
     * Returns it with one more rule.
     *
     * @param path a path without {@code /v1/}; {@code +} stands for one of its parts, and {@code *} at its end for any
     *     text
     * @throws IllegalArgumentException if there is no capability, or a {@code *} before the end
     */
    public FakeVaultPolicy rule(String path, Capability... capabilities) {
        int star = path.indexOf('*');
        if (capabilities.length == 0 || (star >= 0 && star < path.length() - 1)) {
            throw new IllegalArgumentException("A rule must have a capability, and \"*\" only at the end of its path; "
                    + "path \"" + path + "\" had " + capabilities.length + " capabilities");
        }
        Map<String, Set<Capability>> more = new LinkedHashMap<>(rules);
        EnumSet<Capability> all = EnumSet.copyOf(List.of(capabilities));
        all.addAll(more.getOrDefault(path, Set.of()));
        more.put(path, Collections.unmodifiableSet(all));
        return new FakeVaultPolicy(name, more);
    }

    /** Returns its name, in lower case. */
    public String name() {
        return name;
    }

    /** Returns what several policies allow at {@code path}: the rules of the most specific pattern, added up. */
    static Set<Capability> allowed(List<FakeVaultPolicy> policies, String path) {
        EnumSet<Capability> sum = EnumSet.noneOf(Capability.class);
        policies.stream()
                .flatMap(policy -> policy.rules.keySet().stream())
                .filter(pattern -> matches(pattern, path))
                .max(PRIORITY)
                .ifPresent(pattern ->
                        policies.forEach(policy -> sum.addAll(policy.rules.getOrDefault(pattern, Set.of()))));
        return sum.contains(Capability.DENY) ? Set.of() : sum;
    }

    private static boolean matches(String pattern, String path) {
        boolean prefix = pattern.endsWith("*");
        String[] wanted = (prefix ? pattern.substring(0, pattern.length() - 1) : pattern).split("/", -1);
        String[] parts = path.split("/", -1);
        if (parts.length < wanted.length || (!prefix && parts.length > wanted.length)) {
            return false;
        }
        int last = wanted.length - 1;
        for (int i = 0; i < last; i++) {
            if (!isSame(wanted[i], parts[i])) {
                return false;
            }
        }
        return prefix ? parts[last].startsWith(wanted[last]) : isSame(wanted[last], parts[last]);
    }

    private static boolean isSame(String wanted, String part) {
        return wanted.equals("+") || wanted.equals(part);
    }

    private static int firstWildcard(String path) {
        int plus = ("/" + path + "/").indexOf("/+/");
        int star = path.indexOf('*');
        int none = Integer.MAX_VALUE;
        return Math.min(plus < 0 ? none : plus, star < 0 ? none : star);
    }

    private static long segmentWildcards(String path) {
        return List.of(path.split("/", -1)).stream().filter("+"::equals).count();
    }

    @Override
    public String toString() {
        return "FakeVaultPolicy[" + name + "]";
    }
}
