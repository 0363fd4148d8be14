package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.testkit.FakeAnswer;
import java.util.List;
import java.util.function.BiConsumer;

/** What Vault answers at {@code sys/leases}. Safe for use by many threads. */
final class VaultLeaseCalls {
    private final VaultLeases leases;

    VaultLeaseCalls(VaultLeases leases) {
        this.leases = leases;
    }

    /** Tells whether a path is one that Vault keeps for operators with the capability {@code sudo}. */
    static boolean needsSudo(String operation) {
        return operation.startsWith("revoke-prefix/")
                || operation.startsWith("revoke-force/")
                || operation.startsWith("lookup/");
    }

    /**
     * Answers a call whose policies allow it.
     *
     * @param operation what follows {@code sys/leases/}; the lease may stand in it or in the body
     */
    FakeAnswer answer(VaultCall call, String operation) {
        if (!call.isWrite()) {
            throw VaultRefusal.unsupported();
        }
        int slash = operation.indexOf('/');
        String verb = slash < 0 ? operation : operation.substring(0, slash);
        String rest = slash < 0 ? "" : operation.substring(slash + 1);
        return switch (verb) {
            case "renew" -> leases.renew(call, leaseId(call, rest));
            case "lookup" -> leases.lookup(call, leaseId(call, rest));
            case "revoke" -> revoke(call, List.of(leaseId(call, rest)));
            case "revoke-prefix" -> revoke(call, below(call, rest));
            case "revoke-force" -> end(call, below(call, rest), leases::force, 204);
            default -> throw VaultRefusal.noRoute(call.path());
        };
    }

    private static String leaseId(VaultCall call, String inPath) {
        String inBody = call.body().path("lease_id").asText("");
        String id = inBody.isEmpty() ? inPath : inBody;
        if (id.isEmpty()) {
            throw VaultRefusal.invalid("lease_id must be specified");
        }
        return id;
    }

    private List<String> below(VaultCall call, String prefix) {
        if (prefix.isEmpty()) {
            throw VaultRefusal.noRoute(call.path());
        }
        return leases.below(call.namespace().name(), prefix);
    }

    private FakeAnswer revoke(VaultCall call, List<String> ids) {
        return call.body().path("sync").asBoolean(false)
                ? end(call, ids, leases::revoke, 204)
                : end(call, ids, leases::order, 202);
    }

    private static FakeAnswer end(VaultCall call, List<String> ids, BiConsumer<String, String> how, int status) {
        ids.forEach(id -> how.accept(call.namespace().name(), id));
        return FakeAnswer.empty(status);
    }
}
