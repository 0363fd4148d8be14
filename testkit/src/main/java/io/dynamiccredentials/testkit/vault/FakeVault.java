package io.dynamiccredentials.testkit.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.FakeServer;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.TokenCheck;
import io.dynamiccredentials.vault.VaultJwtRole;
import io.dynamiccredentials.verify.KeySource;
import io.dynamiccredentials.verify.RemoteJwkSets;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A Vault whose JWT auth method verifies tokens, with the tokens that it handed out, secrets engines and their leases.
 *
 * <p>It knows login, {@code lookup-self}, {@code renew-self}, {@code revoke-self} and {@code revoke-accessor}, with the
 * check order, texts and statuses of Vault's JWT plug-in; {@code sys/leases/lookup}, {@code renew} and {@code revoke};
 * and what its engines know. A revoked or ended token is dead: 403, and so are its leases. Like Vault's {@code default}
 * policy, it lets tokens renew leases and not revoke them or other tokens, unless told otherwise. Needs the artifact
 * {@code io.dynamiccredentials:dynamic-credentials-vault}; without it the first use ends in a
 * {@link NoClassDefFoundError}. Safe for use by many threads.
 */
public final class FakeVault implements AutoCloseable {
    private final FakeServer server;
    private final RemoteJwkSets keySets = TokenCheck.keySets();
    private final String loginPath;
    private final boolean leaseRevocation;
    private final Set<String> sweepers;
    private final Map<String, FakeVaultNamespace> namespaces = new HashMap<>();
    private final FakeVaultTokens tokens;
    private final FakeVaultLeases leases;

    private FakeVault(Builder builder) {
        this.loginPath = "auth/" + builder.authPath + "/login";
        this.leaseRevocation = builder.leaseRevocation;
        this.sweepers = Set.copyOf(builder.sweepers);
        this.tokens = new FakeVaultTokens(builder.clock, Map.copyOf(builder.maxTtls));
        this.leases = new FakeVaultLeases(tokens, builder.clock);
        KeySource keys = keySets.of(builder.issuer);
        namespaces.put(builder.namespace, new FakeVaultNamespace(builder.main, builder.issuer, keys, builder.clock));
        builder.others.forEach((name, draft) ->
                namespaces.put(name, new FakeVaultNamespace(draft, builder.issuer, keys, builder.clock)));
        this.server = FakeServer.start(null, this::answer);
    }

    /** Starts the description of a Vault whose JWT auth method trusts {@code issuer} and lives by {@code clock}. */
    public static Builder builder(IssuerUrl issuer, Clock clock) {
        return new Builder(issuer, clock);
    }

    /** Returns its address, {@code http} on loopback, without a path. */
    public URI address() {
        return server.address();
    }

    /** Returns the tokens that it would honour now, neither ended nor revoked. */
    public List<HandedOut> live() {
        return tokens.live();
    }

    /** Returns the {@code jti} of each identity token that bought one of those. */
    public Set<String> liveTokenIds() {
        return tokens.liveTokenIds();
    }

    /** Returns the leases that are alive: neither ended, nor revoked, nor dead with their token. */
    public List<HandedOut> leases() {
        return leases.live();
    }

    /** Returns how many times a token was renewed. */
    public int tokenRenewals() {
        return tokens.renewals();
    }

    /** Returns how many times a lease was renewed. */
    public int leaseRenewals() {
        return leases.renewals();
    }

    /** Returns how many tokens it handed out so far. */
    public int granted() {
        return tokens.granted();
    }

    /** Returns how many requests it refused so far, whoever sent them. */
    public int refused() {
        return server.calls().refused();
    }

    @Override
    public void close() {
        server.close();
        keySets.close();
    }

    private FakeAnswer answer(FakeRequest request) {
        String name = withoutSlash(request.header("X-Vault-Namespace").orElse(""));
        FakeVaultNamespace namespace = namespaces.get(name);
        if (namespace == null || !request.path().startsWith("/v1/")) {
            return noHandler(request);
        }
        String path = request.path().substring("/v1/".length());
        if (request.method().equals("POST") && path.equals(loginPath)) {
            return login(request, name, namespace);
        }
        String token = request.header("X-Vault-Token").orElse("");
        return tokens.live(token)
                .filter(grant -> grant.namespace().equals(name))
                .map(grant -> path.startsWith("auth/token/")
                        ? self(request, path, token, grant)
                        : path.startsWith("sys/leases/")
                                ? lease(request, path, grant)
                                : secret(request, path, namespace, token, grant))
                .orElseGet(FakeVault::forbidden);
    }

    private FakeAnswer login(FakeRequest request, String name, FakeVaultNamespace namespace) {
        JsonNode body;
        try {
            body = StrictJson.parseObject(request.body());
        } catch (IllegalArgumentException e) {
            return errors(400, "failed to parse JSON input");
        }
        return orRefused(() -> {
            return auth(tokens.grant(name, namespace.login(body)));
        });
    }

    private FakeAnswer self(FakeRequest request, String path, String token, FakeVaultTokens.Grant grant) {
        return switch (request.method() + " " + path) {
            case "GET auth/token/lookup-self" -> data(tokens.lookup(grant));
            case "POST auth/token/renew-self" ->
                tokens.renew(token, grant).map(FakeVault::auth).orElseGet(FakeVault::forbidden);
            case "POST auth/token/revoke-self" -> {
                tokens.revoke(token);
                leases.sweep();
                yield FakeAnswer.empty(204);
            }
            case "POST auth/token/revoke-accessor" ->
                isSweeper(grant) ? orRefused(() -> revokeByAccessor(request, grant)) : denied();
            default -> noHandler(request);
        };
    }

    private boolean isSweeper(FakeVaultTokens.Grant grant) {
        return sweepers.contains(grant.role().name().toLowerCase(Locale.ROOT));
    }

    private FakeAnswer revokeByAccessor(FakeRequest request, FakeVaultTokens.Grant grant) {
        String accessor = StrictJson.text(StrictJson.parseObject(request.body()), "accessor")
                .orElseThrow(() -> new IllegalArgumentException("1 error occurred:\n\t* missing accessor\n\n"));
        if (!tokens.revokeByAccessor(grant.namespace(), accessor)) {
            throw new IllegalArgumentException("1 error occurred:\n\t* invalid accessor\n\n");
        }
        leases.sweep();
        return FakeAnswer.empty(204);
    }

    private FakeAnswer lease(FakeRequest request, String path, FakeVaultTokens.Grant grant) {
        String namespace = grant.namespace();
        if (!request.method().equals("POST") && !request.method().equals("PUT")) {
            return errors(405, "unsupported operation");
        }
        if (path.equals("sys/leases/revoke") && !leaseRevocation && !isSweeper(grant)) {
            return denied();
        }
        return orRefused(() -> {
            JsonNode body = StrictJson.parseObject(request.body());
            String id = StrictJson.text(body, "lease_id")
                    .orElseThrow(() -> new IllegalArgumentException("lease_id must be specified"));
            return switch (path) {
                case "sys/leases/renew" -> FakeAnswer.json(200, leases.renew(namespace, id));
                case "sys/leases/lookup" -> data(leases.lookup(namespace, id));
                case "sys/leases/revoke" -> {
                    leases.revoke(namespace, id);
                    yield FakeAnswer.empty(body.path("sync").booleanValue() ? 204 : 202);
                }
                default -> noHandler(request);
            };
        });
    }

    private FakeAnswer secret(
            FakeRequest request, String path, FakeVaultNamespace namespace, String token, FakeVaultTokens.Grant grant) {
        return orRefused(() -> namespace
                .read(path, parameters(request))
                .map(secret -> FakeAnswer.json(200, leases.hand(path, token, grant, secret)))
                .orElseGet(() -> noHandler(request)));
    }

    private static FakeAnswer orRefused(Supplier<FakeAnswer> answer) {
        try {
            return answer.get();
        } catch (IllegalArgumentException e) {
            return errors(400, String.valueOf(e.getMessage()));
        } catch (IllegalStateException e) {
            return errors(500, "1 error occurred:\n\t* " + e.getMessage() + "\n\n");
        }
    }

    /** Reads the query of a GET, or the texts of a body. */
    private static Map<String, String> parameters(FakeRequest request) {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (!request.body().isEmpty()) {
            StrictJson.parseObject(request.body())
                    .properties()
                    .forEach(member ->
                            parameters.put(member.getKey(), member.getValue().asText()));
        }
        int query = request.target().indexOf('?');
        for (String pair : query < 0
                ? new String[0]
                : request.target().substring(query + 1).split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.put(
                        URLDecoder.decode(pair.substring(0, equals), UTF_8),
                        URLDecoder.decode(pair.substring(equals + 1), UTF_8));
            }
        }
        return parameters;
    }

    private static FakeAnswer auth(Map<String, Object> auth) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("request_id", UUID.randomUUID().toString());
        body.put("lease_id", "");
        body.put("renewable", false);
        body.put("lease_duration", 0);
        body.put("auth", auth);
        return FakeAnswer.json(200, body);
    }

    private static FakeAnswer data(Map<String, Object> data) {
        return FakeAnswer.json(200, Map.of("request_id", UUID.randomUUID().toString(), "data", data));
    }

    private static FakeAnswer denied() {
        return errors(403, "1 error occurred:\n\t* permission denied\n\n");
    }

    private static FakeAnswer forbidden() {
        return errors(403, "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n");
    }

    private static FakeAnswer noHandler(FakeRequest request) {
        return errors(404, "no handler for route \"" + request.path().substring(1) + "\". route entry not found.");
    }

    private static FakeAnswer errors(int status, String text) {
        return FakeAnswer.json(status, Map.of("errors", List.of(text)));
    }

    private static String withoutSlash(String namespace) {
        return namespace.endsWith("/") ? namespace.substring(0, namespace.length() - 1) : namespace;
    }

    /** Collects the description of a Vault. Not safe for use by several threads. */
    public static final class Builder {
        private final IssuerUrl issuer;
        private final Clock clock;
        private final FakeVaultNamespace.Draft main = new FakeVaultNamespace.Draft();
        private final Map<String, FakeVaultNamespace.Draft> others = new LinkedHashMap<>();
        private String authPath = "jwt";
        private String namespace = "";
        private boolean leaseRevocation;
        private final Set<String> sweepers = new HashSet<>();
        private final Map<String, Duration> maxTtls = new HashMap<>();

        private Builder(IssuerUrl issuer, Clock clock) {
            this.issuer = issuer;
            this.clock = clock;
        }

        /**
         * Adds a role of the JWT auth method.
         *
         * @throws IllegalArgumentException if there is a role of that name already; letter case makes no difference
         */
        public Builder role(VaultJwtRole role) {
            main.add(role);
            return this;
        }

        /**
         * Adds a role to another namespace, which has no others than its own.
         *
         * @param namespace without a trailing slash
         * @throws IllegalArgumentException if it has a role of that name already
         */
        public Builder role(String namespace, VaultJwtRole role) {
            other(namespace).add(role);
            return this;
        }

        /**
         * Mounts a secrets engine.
         *
         * @throws IllegalArgumentException if there is one already where it is to be mounted
         */
        public Builder engine(FakeVaultEngine engine) {
            main.add(engine);
            return this;
        }

        /**
         * Mounts a secrets engine in another namespace.
         *
         * @param namespace without a trailing slash
         * @throws IllegalArgumentException if there is one already where it is to be mounted
         */
        public Builder engine(String namespace, FakeVaultEngine engine) {
            other(namespace).add(engine);
            return this;
        }

        /** Sets where the JWT auth method is mounted, in each namespace. Default {@code jwt}. */
        public Builder authPath(String authPath) {
            this.authPath = authPath;
            return this;
        }

        /** Sets the namespace of what is added without one, without a trailing slash. Default: the root namespace. */
        public Builder namespace(String namespace) {
            this.namespace = namespace;
            return this;
        }

        /** Lets tokens revoke leases, which Vault's {@code default} policy does not. */
        public Builder allowLeaseRevocation() {
            this.leaseRevocation = true;
            return this;
        }

        /**
         * Lets tokens of this role revoke leases and, by their accessors, other tokens of its namespace, which Vault's
         * {@code default} policy does not.
         */
        public Builder sweeper(String role) {
            sweepers.add(role.toLowerCase(Locale.ROOT));
            return this;
        }

        /**
         * Sets {@code token_max_ttl} of roles of this name: how long their tokens live at most, however often they are
         * renewed. Default: no limit.
         *
         * @throws IllegalArgumentException if {@code maxTtl} is shorter than 1 s
         */
        public Builder tokenMaxTtl(String role, Duration maxTtl) {
            maxTtls.put(role.toLowerCase(Locale.ROOT), HandedOut.requireLife(maxTtl));
            return this;
        }

        /**
         * Starts the Vault.
         *
         * @throws IllegalArgumentException if the other namespaces are not others
         */
        public FakeVault start() {
            if (others.containsKey(namespace)) {
                throw new IllegalArgumentException(
                        "Add what is in namespace \"" + namespace + "\" either with its name or without");
            }
            return new FakeVault(this);
        }

        private FakeVaultNamespace.Draft other(String namespace) {
            return others.computeIfAbsent(namespace, name -> new FakeVaultNamespace.Draft());
        }
    }
}
