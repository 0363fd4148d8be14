package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.vault.FakeVault.State;
import io.dynamiccredentials.vault.VaultJwtMethod.Edition;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What Vault answers at {@code sys/health} and {@code sys/seal-status}, without a token and in any state. */
final class VaultHealth {
    private static final List<String> CODES = List.of(
            "activecode", "standbycode", "performancestandbycode", "drsecondarycode", "sealedcode", "uninitcode");

    private static final String CLUSTER = "fake-cluster";

    private final String clusterId = UUID.randomUUID().toString();

    FakeAnswer health(FakeRequest request, State state, Edition edition, Instant now) {
        Map<String, String> query = request.query();
        int status;
        try {
            status = status(query, state);
        } catch (IllegalArgumentException e) {
            return FakeAnswer.json(400, Map.of("errors", List.of()));
        }
        return switch (request.method()) {
            case "GET" -> FakeAnswer.json(status, body(state, edition, now));
            case "HEAD" -> FakeAnswer.empty(status).header("Content-Type", "application/json");
            default -> FakeAnswer.json(405, Map.of("errors", List.of()));
        };
    }

    /** Reads all numbers, as Vault does, so that a bad one is refused in whatever state. */
    private static int status(Map<String, String> query, State state) {
        CODES.forEach(name -> code(query, name, 200));
        return switch (state) {
            case ACTIVE -> code(query, "activecode", 200);
            case STANDBY ->
                isTrue(query, "standbyok") ? code(query, "activecode", 200) : code(query, "standbycode", 429);
            case PERFORMANCE_STANDBY ->
                isTrue(query, "perfstandbyok")
                        ? code(query, "activecode", 200)
                        : code(query, "performancestandbycode", 473);
            case DR_SECONDARY -> code(query, "drsecondarycode", 472);
            case SEALED -> code(query, "sealedcode", 503);
            case UNINITIALIZED -> code(query, "uninitcode", 501);
        };
    }

    /** Returns a status of the caller's choice. */
    private static int code(Map<String, String> query, String name, int otherwise) {
        int code = query.containsKey(name) ? Integer.parseInt(query.getOrDefault(name, "")) : otherwise;
        if (code < 200 || code > 599) {
            throw new IllegalArgumentException("A fake answers with statuses from 200 to 599; it was " + code);
        }
        return code;
    }

    private static boolean isTrue(Map<String, String> query, String name) {
        if (!query.containsKey(name)) {
            return false;
        }
        return switch (query.getOrDefault(name, "")) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "", "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw new IllegalArgumentException("no truth value");
        };
    }

    private Map<String, Object> body(State state, Edition edition, Instant now) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("initialized", state != State.UNINITIALIZED);
        body.put("sealed", isSealed(state));
        body.put("standby", state == State.STANDBY || state == State.PERFORMANCE_STANDBY);
        if (edition == Edition.VAULT) {
            body.put("performance_standby", state == State.PERFORMANCE_STANDBY);
        }
        body.put("replication_performance_mode", isSealed(state) ? "unknown" : "disabled");
        body.put(
                "replication_dr_mode",
                state == State.DR_SECONDARY ? "secondary" : isSealed(state) ? "unknown" : "disabled");
        body.put("server_time_utc", now.getEpochSecond());
        body.put("version", version(edition));
        if (!isSealed(state)) {
            body.put("cluster_name", CLUSTER);
            body.put("cluster_id", clusterId);
        }
        return body;
    }

    FakeAnswer sealStatus(State state, Edition edition) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "shamir");
        body.put("initialized", state != State.UNINITIALIZED);
        body.put("sealed", isSealed(state));
        body.put("t", state == State.UNINITIALIZED ? 0 : 1);
        body.put("n", state == State.UNINITIALIZED ? 0 : 1);
        body.put("progress", 0);
        body.put("nonce", "");
        body.put("version", version(edition));
        if (!isSealed(state)) {
            body.put("cluster_name", CLUSTER);
            body.put("cluster_id", clusterId);
        }
        return FakeAnswer.json(200, body);
    }

    private static boolean isSealed(State state) {
        return state == State.SEALED || state == State.UNINITIALIZED;
    }

    private static String version(Edition edition) {
        return edition == Edition.VAULT ? "1.20.0" : "2.3.2";
    }
}
