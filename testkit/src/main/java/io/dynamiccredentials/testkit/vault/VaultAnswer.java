package io.dynamiccredentials.testkit.vault;

import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.vault.VaultJwtMethod.Edition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The body that all successes of Vault share. Not safe for use by several threads. */
final class VaultAnswer {
    private final Map<String, @Nullable Object> members = new LinkedHashMap<>();

    private VaultAnswer() {
        members.put("request_id", UUID.randomUUID().toString());
        members.put("lease_id", "");
        members.put("renewable", false);
        members.put("lease_duration", 0);
        members.put("data", null);
        members.put("wrap_info", null);
        members.put("warnings", null);
        members.put("auth", null);
    }

    static VaultAnswer ofData(Object data) {
        VaultAnswer answer = new VaultAnswer();
        answer.members.put("data", data);
        return answer;
    }

    static VaultAnswer ofAuth(Map<String, ?> auth, List<String> warnings) {
        VaultAnswer answer = new VaultAnswer();
        answer.members.put("auth", auth);
        return answer.warned(warnings);
    }

    static VaultAnswer ofLease(String id, boolean renewable, long seconds) {
        VaultAnswer answer = new VaultAnswer();
        answer.members.put("lease_id", id);
        answer.members.put("renewable", renewable);
        answer.members.put("lease_duration", seconds);
        return answer;
    }

    VaultAnswer with(Object data) {
        members.put("data", data);
        return this;
    }

    VaultAnswer warned(List<String> warnings) {
        members.put("warnings", warnings.isEmpty() ? null : new ArrayList<>(warnings));
        return this;
    }

    /** Adds what Vault says since 1.17 or so, and OpenBao does not: the type of what answered. */
    VaultAnswer from(String mountType, Edition edition) {
        if (edition == Edition.VAULT) {
            members.put("mount_type", mountType);
        }
        return this;
    }

    FakeAnswer status(int status) {
        return FakeAnswer.json(status, members);
    }

    FakeAnswer ok() {
        return status(200);
    }
}
