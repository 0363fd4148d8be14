package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.UNKNOWN_KEY;
import static io.dynamiccredentials.verify.Trial.CLAIMS;
import static io.dynamiccredentials.verify.Trial.EC;
import static io.dynamiccredentials.verify.Trial.header;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.keys.SigningKey;
import java.util.ArrayList;
import java.util.List;

/** Tokens under keys that an issuer publishes and nobody should use; where a forger needs no private key, forged. */
final class KeyAttacks {
    private static final RawJson SAYS = CLAIMS.withText("iss", WeakKey.ISSUER);

    private KeyAttacks() {}

    static List<Attack> rows() {
        List<Attack> rows = new ArrayList<>();
        rows.add(Attack.control(
                "a good key among weak ones",
                () -> Jws.sign(EC, header(EC).withText("kid", WeakKey.GOOD).toString(), SAYS.toString())));
        for (String id : WeakKey.ids()) {
            String defect = id.equals("EC beside the curve") ? "CVE-2017-12974 " : "";
            rows.add(Attack.of(UNKNOWN_KEY, defect + "the key is " + id, () -> under(id)));
        }
        return rows;
    }

    private static String under(String id) {
        String algorithm = WeakKey.algorithm(id);
        String input = Jws.encode(header(EC)
                        .withText("alg", algorithm)
                        .withText("kid", id)
                        .toString()) + "." + Jws.encode(SAYS.toString());
        return input + "." + Jws.encode(signature(id, algorithm, input.getBytes(UTF_8)));
    }

    private static byte[] signature(String id, String algorithm, byte[] input) {
        if (id.equals("RSA with exponent 1")) {
            return Pkcs1.encode(Pkcs1.SHA256, input);
        }
        if (algorithm.equals("EdDSA")) {
            // The neutral point and zero: right for every text under a key that is the neutral point.
            byte[] neutral = new byte[64];
            neutral[0] = 1;
            return neutral;
        }
        SigningKey key = algorithm.equals("RS256") ? Trial.RSA : EC;
        return key.sign(input);
    }
}
