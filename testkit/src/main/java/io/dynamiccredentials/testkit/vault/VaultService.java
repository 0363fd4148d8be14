package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.FakeService;
import io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability;
import io.dynamiccredentials.vault.VaultJwtMethod.Edition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;

/** The HTTP side of a fake Vault: which request is for whom, and who may make it. Safe for use by many threads. */
final class VaultService implements FakeService {
    /** Where all requests come from: the server listens on loopback only. */
    static final String REMOTE = "127.0.0.1";

    private static final String API = "/v1/";
    private static final String TOKEN = "auth/token/";
    private static final String LEASES = "sys/leases/";
    private static final Set<String> OPERATIONS = Set.of(
            "login",
            "create",
            "lookup",
            "lookup-self",
            "lookup-accessor",
            "renew",
            "renew-self",
            "renew-accessor",
            "revoke",
            "revoke-self",
            "revoke-accessor",
            "revoke-orphan",
            "revoke-prefix",
            "revoke-force",
            "health",
            "seal-status");

    private final VaultNode node;
    private final VaultTokens tokens;
    private final VaultLeases leases;
    private final VaultLogin login;
    private final VaultTokenCalls tokenCalls;
    private final VaultLeaseCalls leaseCalls;

    VaultService(VaultNode node, VaultTokens tokens, VaultLeases leases, VaultLogin login, VaultTokenCalls tokenCalls) {
        this.node = node;
        this.tokens = tokens;
        this.leases = leases;
        this.login = login;
        this.tokenCalls = tokenCalls;
        this.leaseCalls = new VaultLeaseCalls(leases);
    }

    /** What Vault says of a token that is none; OpenBao and old versions say less. */
    static VaultRefusal invalidToken() {
        return VaultRefusal.of(403, "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n");
    }

    @Override
    public String operation(FakeRequest request) {
        String path = node.resolve(request).map(VaultCall::path).orElseGet(request::path);
        if (!path.startsWith("auth/") && !path.startsWith("sys/")) {
            return "secret";
        }
        // What follows these names may be a token or the id of a lease.
        String[] parts = path.split("/", -1);
        for (int i = parts.length - 1; i > 0; i--) {
            if (OPERATIONS.contains(parts[i])) {
                return path.startsWith(LEASES) ? "leases/" + parts[i] : parts[i];
            }
        }
        return "unknown";
    }

    @Override
    public FakeAnswer throttled(FakeRequest request, Optional<Duration> retryAfter) {
        FakeAnswer answer = VaultRefusal.of(429, "rate limit quota exceeded").answer();
        return retryAfter
                .map(wait -> answer.header("Retry-After", Long.toString(wait.toSeconds())))
                .orElse(answer);
    }

    @Override
    public FakeAnswer failed(FakeRequest request, int status) {
        return switch (status) {
            case 500 -> VaultRefusal.internal().answer();
            case 503 -> VaultRefusal.of(503, "Vault is sealed").answer();
            default -> FakeAnswer.json(status, Map.of("errors", List.of()));
        };
    }

    @Override
    public FakeAnswer answer(FakeRequest request) {
        try {
            Optional<Duration> wait = node.takeFromQuota(request);
            return wait.isPresent()
                    ? throttled(request, wait)
                    : node.answer(request).orElseGet(() -> echoed(request));
        } catch (VaultRefusal e) {
            return e.answer();
        }
    }

    /** OpenBao says which namespace it took a request for. */
    private FakeAnswer echoed(FakeRequest request) {
        VaultCall call = node.resolve(request)
                .orElseThrow(() -> VaultRefusal.noRoute(
                        request.path().startsWith(API)
                                ? request.path().substring(API.length())
                                : request.path().substring(1)));
        FakeAnswer answer;
        try {
            answer = routed(call);
        } catch (VaultRefusal e) {
            answer = e.answer();
        }
        String namespace = call.namespace().name();
        return node.edition() == Edition.OPENBAO && !namespace.isEmpty()
                ? answer.header("X-Vault-Namespace", namespace + "/")
                : answer;
    }

    private FakeAnswer routed(VaultCall call) {
        if (!call.header("X-Vault-Wrap-TTL").isEmpty()) {
            // To answer in the open would be worse than not to answer.
            throw VaultRefusal.invalid("this Vault is a fake and wraps nothing; leave X-Vault-Wrap-TTL out");
        }
        Optional<String> mount = loginMount(call);
        if (mount.isPresent()) {
            if (!call.isWrite()) {
                throw VaultRefusal.unsupported();
            }
            return login.login(call, mount.get(), node.edition());
        }
        VaultToken token = authenticated(call);
        try {
            return authorized(call, token);
        } finally {
            tokens.release(token);
            if (VaultTokens.isLastUse(token)) {
                leases.sweep();
            }
        }
    }

    /** A login at a place where nothing is mounted is like any request without a token. */
    private static Optional<String> loginMount(VaultCall call) {
        String path = call.path();
        if (!path.startsWith("auth/") || !path.endsWith("/login") || path.length() <= "auth//login".length()) {
            return Optional.empty();
        }
        String mount = path.substring("auth/".length(), path.length() - "/login".length());
        return Optional.of(mount).filter(call.namespace()::isMounted);
    }

    private VaultToken authenticated(VaultCall call) {
        String bearer = call.header("Authorization");
        String header = call.header("X-Vault-Token");
        String id = header.isEmpty() && bearer.startsWith("Bearer ") ? bearer.substring("Bearer ".length()) : header;
        if (id.isEmpty()) {
            throw VaultRefusal.forbidden();
        }
        VaultToken token = tokens.use(call.namespace().name(), id)
                .orElseThrow(() -> node.edition() == Edition.VAULT ? invalidToken() : VaultRefusal.forbidden());
        if (!token.traits().bounds().permitsAddress(REMOTE)) {
            throw VaultRefusal.forbidden();
        }
        return token;
    }

    private FakeAnswer authorized(VaultCall call, VaultToken token) {
        boolean root = token.traits().policies().contains("root");
        Set<Capability> allowed =
                FakeVaultPolicy.allowed(call.namespace().policies(token.traits().policies()), call.path());
        boolean sudo = root || allowed.contains(Capability.SUDO);
        boolean kept = isKept(call.path());
        if (!root && (!allowed.contains(call.capability()) || (kept && !sudo))) {
            throw VaultRefusal.denied();
        }
        if (call.path().startsWith(TOKEN)) {
            return tokenCalls.answer(call, call.path().substring(TOKEN.length()), token, sudo);
        }
        return call.path().startsWith(LEASES)
                ? leaseCalls.answer(call, call.path().substring(LEASES.length()))
                : secret(call, token);
    }

    private static boolean isKept(String path) {
        return path.equals(TOKEN + "revoke-orphan")
                || (path.startsWith(LEASES) && VaultLeaseCalls.needsSudo(path.substring(LEASES.length())));
    }

    private FakeAnswer secret(VaultCall call, VaultToken token) {
        FakeVaultEngine engine =
                call.namespace().engineOf(call.path()).orElseThrow(() -> VaultRefusal.noRoute(call.path()));
        if (!call.isRead() && !(call.isWrite() && engine.takesWrites())) {
            throw VaultRefusal.unsupported();
        }
        String below = call.path().substring(engine.mount().length() + 1);
        try {
            return engine.read(below, call.parameters())
                    .map(made -> leases.hand(call, token, made))
                    .orElseGet(() -> FakeAnswer.json(404, Map.of("errors", List.of())));
        } catch (NoSuchElementException e) {
            throw VaultRefusal.error(404, "unsupported path");
        } catch (IllegalArgumentException e) {
            throw VaultRefusal.invalid(String.valueOf(e.getMessage()));
        } catch (IllegalStateException e) {
            throw VaultRefusal.error(500, String.valueOf(e.getMessage()));
        }
    }
}
