package io.dynamiccredentials.testkit.gcp;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/** The service accounts of a fake Google Cloud, and who may have their tokens. Safe for use by many threads. */
final class IamPolicies {
    private static final Pattern EMAIL = Pattern.compile("[a-z0-9-]{1,63}@[a-z0-9.-]{1,253}");
    private static final String POOL =
            "//iam\\.googleapis\\.com/projects/[0-9]+/locations/global/workloadIdentityPools/[a-z0-9-]{4,32}/";
    private static final Pattern MEMBER = Pattern.compile("principal:" + POOL + "subject/.+"
            + "|principalSet:" + POOL + "(?:group/.+|attribute\\.[a-z0-9_]{1,100}/.*|\\*)"
            + "|serviceAccount:" + EMAIL.pattern());

    private final Clock clock;
    private final Map<String, Account> accounts = new ConcurrentHashMap<>();
    private volatile Duration grantDelay = Duration.ZERO;
    private volatile Duration revokeDelay = Duration.ZERO;

    IamPolicies(Clock clock) {
        this.clock = clock;
    }

    /** A service account with the bindings of its policy. */
    private static final class Account {
        private final List<Binding> bindings = new CopyOnWriteArrayList<>();
        private volatile boolean extendedLifetime;
    }

    /** Who has which role from when until when. */
    private record Binding(IamRole role, String member, Instant from, Instant until) {
        boolean isOf(IamRole otherRole, String otherMember) {
            return role == otherRole && member.equals(otherMember);
        }

        boolean gives(Set<IamRole> roles, Set<String> members, Instant now) {
            return roles.contains(role) && members.contains(member) && !now.isBefore(from) && now.isBefore(until);
        }
    }

    void add(String email) {
        if (!EMAIL.matcher(email).matches()) {
            throw new IllegalArgumentException("A service account has an e-mail address such as "
                    + "\"deploy@shop-prod.iam.gserviceaccount.com\"; it was \"" + email + "\"");
        }
        accounts.putIfAbsent(email, new Account());
    }

    void remove(String email) {
        account(email);
        accounts.remove(email);
    }

    void grant(String email, IamRole role, String member) {
        if (!MEMBER.matcher(member).matches()) {
            throw new IllegalArgumentException("A member is principal://iam.googleapis.com/POOL/subject/SUBJECT, "
                    + "principalSet://iam.googleapis.com/POOL/group/GROUP (or /attribute.NAME/VALUE, or /*) or "
                    + "serviceAccount:EMAIL; it was \"" + member + "\"");
        }
        // Without a delay, however a test puts the clock back.
        Instant from = grantDelay.isZero() ? Instant.MIN : clock.instant().plus(grantDelay);
        account(email).bindings.add(new Binding(role, member, from, Instant.MAX));
    }

    void revoke(String email, IamRole role, String member) {
        List<Binding> bindings = account(email).bindings;
        if (bindings.stream().noneMatch(binding -> binding.isOf(role, member))) {
            throw new IllegalArgumentException("Service account \"" + email + "\" has no binding of " + role + " and \""
                    + member + "\"; it has " + bindings);
        }
        if (revokeDelay.isZero()) {
            bindings.removeIf(binding -> binding.isOf(role, member));
            return;
        }
        Instant until = clock.instant().plus(revokeDelay);
        bindings.replaceAll(binding -> binding.isOf(role, member) && until.isBefore(binding.until())
                ? new Binding(role, member, binding.from(), until)
                : binding);
    }

    void extendLifetime(String email) {
        account(email).extendedLifetime = true;
    }

    void delay(Duration grants, Duration revocations) {
        if (grants.isNegative() || revocations.isNegative()) {
            throw new IllegalArgumentException(
                    "Policies can't take effect before they change; it was " + grants + " and " + revocations);
        }
        grantDelay = grants;
        revokeDelay = revocations;
    }

    /** Returns the address of the account of that name, which is its address or its unique id. */
    Optional<String> find(String emailOrId) {
        return accounts.keySet().stream()
                .filter(email -> email.equals(emailOrId) || uniqueId(email).equals(emailOrId))
                .findFirst();
    }

    boolean hasExtendedLifetime(String email) {
        return account(email).extendedLifetime;
    }

    /** Tells whether the members may act as the first of {@code chain}, each of it as the next, and so as the last. */
    boolean permit(Set<String> members, List<String> chain) {
        Set<String> callers = members;
        for (int i = 0; i < chain.size(); i++) {
            // UNVERIFIED, from general knowledge: to go through an account takes
            // iam.serviceAccounts.implicitDelegation,
            // which only the second role has.
            Set<IamRole> roles = i == chain.size() - 1 ? Set.of(IamRole.values()) : Set.of(IamRole.TOKEN_CREATOR);
            if (!permit(callers, roles, chain.get(i))) {
                return false;
            }
            callers = Set.of("serviceAccount:" + chain.get(i));
        }
        return true;
    }

    private boolean permit(Set<String> members, Set<IamRole> roles, String email) {
        Account account = accounts.get(email);
        Instant now = clock.instant();
        return account != null && account.bindings.stream().anyMatch(binding -> binding.gives(roles, members, now));
    }

    /** Returns the 21 digits that an account goes by beside its address. */
    static String uniqueId(String email) {
        return String.format(Locale.ROOT, "1%020d", Integer.toUnsignedLong(email.hashCode()));
    }

    private Account account(String email) {
        Account account = accounts.get(email);
        if (account == null) {
            throw new IllegalArgumentException(
                    "There is no service account \"" + email + "\". Add it first; there are " + accounts.keySet());
        }
        return account;
    }
}
