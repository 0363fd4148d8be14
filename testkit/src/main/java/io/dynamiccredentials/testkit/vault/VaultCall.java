package io.dynamiccredentials.testkit.vault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.vault.FakeVaultPolicy.Capability;
import io.dynamiccredentials.wire.StrictJson;
import java.util.LinkedHashMap;
import java.util.Map;

/** A request as Vault understands it. Immutable. */
final class VaultCall {
    private final FakeRequest request;
    private final FakeVaultNamespace namespace;
    private final String path;

    /**
     * Takes a request for what it asks.
     *
     * @param path without {@code /v1/} and without the namespace
     */
    VaultCall(FakeRequest request, FakeVaultNamespace namespace, String path) {
        this.request = request;
        this.namespace = namespace;
        this.path = path;
    }

    FakeVaultNamespace namespace() {
        return namespace;
    }

    String path() {
        return path;
    }

    String header(String name) {
        return request.header(name).orElse("");
    }

    boolean isWrite() {
        return request.method().equals("POST") || request.method().equals("PUT");
    }

    boolean isRead() {
        return request.method().equals("GET") && !isList();
    }

    private boolean isList() {
        return request.method().equals("LIST")
                || (request.method().equals("GET")
                        && query().getOrDefault("list", "").equals("true"));
    }

    /** Returns what a policy must allow. */
    Capability capability() {
        if (isList()) {
            return Capability.LIST;
        }
        return switch (request.method()) {
            case "GET" -> Capability.READ;
            case "POST", "PUT" -> Capability.UPDATE;
            case "DELETE" -> Capability.DELETE;
            default -> throw VaultRefusal.unsupported();
        };
    }

    /** Returns the body; an empty one is an object without members. */
    JsonNode body() {
        if (request.body().isEmpty()) {
            return JsonNodeFactory.instance.objectNode();
        }
        try {
            return StrictJson.parseObject(request.body());
        } catch (IllegalArgumentException e) {
            throw VaultRefusal.invalid("failed to parse JSON input: " + e.getMessage());
        }
    }

    Map<String, String> query() {
        return request.query();
    }

    /** Returns the query of a read, or the members of a body as texts. */
    Map<String, String> parameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        body().properties()
                .forEach(member ->
                        parameters.put(member.getKey(), member.getValue().asText()));
        parameters.putAll(query());
        return parameters;
    }
}
