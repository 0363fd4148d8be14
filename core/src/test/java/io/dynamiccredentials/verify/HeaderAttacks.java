package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.ALGORITHM_REFUSED;
import static io.dynamiccredentials.TokenRejectedException.Reason.MALFORMED;
import static io.dynamiccredentials.verify.Trial.CLAIMS;
import static io.dynamiccredentials.verify.Trial.EC;
import static io.dynamiccredentials.verify.Trial.ED;
import static io.dynamiccredentials.verify.Trial.RSA;
import static io.dynamiccredentials.verify.Trial.headed;
import static io.dynamiccredentials.verify.Trial.header;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.fixtures.Jws;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.wire.StrictJson;
import java.math.BigInteger;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Algorithms that are none of ours, and header members that would change how a token is read or whom it trusts. */
final class HeaderAttacks {
    private HeaderAttacks() {}

    static List<Attack> rows() {
        List<Attack> rows = new ArrayList<>();
        addControls(rows);
        addNone(rows);
        addAlgorithms(rows);
        addSecrets(rows);
        addOtherKeys(rows);
        addMembers(rows);
        addTypes(rows);
        return rows;
    }

    private static void addControls(List<Attack> rows) {
        for (SigningAlgorithm algorithm : SigningAlgorithm.forIssuing()) {
            rows.add(Attack.control(
                    "a good token of " + algorithm.jwsName(),
                    () -> Jws.sign(Trial.keyFor(algorithm), CLAIMS.toString())));
        }
        rows.add(Attack.control("typ is absent", () -> headed(header(EC).without("typ"))));
        rows.add(Attack.control("typ is in lower case", () -> headed(header(EC).withText("typ", "jwt"))));
        rows.add(Attack.control(
                "x5t names a certificate", () -> headed(header(EC).withText("x5t", "AAAA"))));
        rows.add(Attack.control(
                "white space in the header",
                () -> headed(" {\n\t\"alg\" : \"ES256\" , \"kid\":\""
                        + EC.publicJwk().keyId() + "\"} ")));
    }

    private static void addNone(List<Attack> rows) {
        rows.add(Attack.of(
                MALFORMED,
                "CVE-2015-9235 alg none and no signature",
                () -> Jws.encode("{\"alg\":\"none\"}") + "." + Jws.encode(CLAIMS.toString()) + "."));
        rows.add(Attack.of(
                ALGORITHM_REFUSED,
                "CVE-2022-23540 alg none and some signature",
                () -> Jws.encode("{\"alg\":\"none\"}") + "." + Jws.encode(CLAIMS.toString()) + ".AAAA"));
        for (String name : List.of("none", "None", "NONE", "nOnE", "noNE", "none ", "no\\u006ee")) {
            rows.add(algorithm("alg " + name + " over a good signature", '"' + name + '"'));
        }
    }

    private static void addAlgorithms(List<Attack> rows) {
        rows.add(Attack.of(
                ALGORITHM_REFUSED, "alg is missing", () -> headed(header(EC).without("alg"))));
        rows.add(algorithm("alg is empty", "\"\""));
        for (String json : List.of("null", "[]", "[\"ES256\"]", "{}", "256", "true")) {
            rows.add(Attack.of(
                    MALFORMED, "alg is " + json, () -> headed(header(EC).with("alg", json))));
        }
        for (String name : List.of("es256", "Es256", " ES256", "ES256\\u0000", "ES256,none", "SHA256withECDSA")) {
            rows.add(algorithm("alg is spelled " + name, '"' + name + '"'));
        }
        for (String name : List.of("ES384", "ES512", "ES256K", "ES256K-R", "RS384", "RS512", "PS256", "PS384")) {
            rows.add(algorithm("alg is " + name + ", which nobody allowed", '"' + name + '"'));
        }
        for (String name : List.of("RS1", "dir", "RSA-OAEP", "ML-DSA-44", "HS256")) {
            rows.add(algorithm("alg is " + name + ", which is for something else", '"' + name + '"'));
        }
        for (String name : List.of("Ed25519", "Ed448", "ed25519", "EDDSA")) {
            rows.add(Attack.of(
                    ALGORITHM_REFUSED,
                    "alg is " + name + " and not EdDSA",
                    () -> Jws.sign(ED, header(ED).withText("alg", name).toString(), CLAIMS.toString())));
        }
        for (String name : List.of("PS256", "RS384", "RS512")) {
            rows.add(Attack.of(
                    ALGORITHM_REFUSED,
                    "alg is " + name + " on the key for RS256",
                    () -> Jws.sign(RSA, header(RSA).withText("alg", name).toString(), CLAIMS.toString())));
        }
        rows.add(Attack.of(
                ALGORITHM_REFUSED,
                "alg is one that only another issuer may use",
                () -> Jws.sign(RSA, CLAIMS.withText("iss", Trial.TENANT).toString())));
    }

    private static void addSecrets(List<Attack> rows) {
        byte[] der = RSA.publicJwk().publicKey().getEncoded();
        byte[] modulus =
                ((RSAPublicKey) RSA.publicJwk().publicKey()).getModulus().toByteArray();
        rows.add(secret("CVE-2015-9235 HMAC keyed with the public key as DER", RSA, "HS256", der));
        rows.add(secret("CVE-2016-10555 HMAC keyed with the public key as PEM", RSA, "HS256", pem(der, 64)));
        rows.add(secret("HMAC keyed with the public key as PEM in one line", RSA, "HS256", pem(der, 4096)));
        rows.add(secret("CVE-2022-23541 HMAC keyed with the modulus", RSA, "HS256", modulus));
        rows.add(secret("CVE-2022-29217 HMAC keyed with the OpenSSH form", ED, "HS256", openSsh()));
        rows.add(secret("CVE-2024-33663 HMAC keyed with an EC key as PEM", EC, "HS256", pem(ecDer(), 64)));
        rows.add(secret("HMAC of 384 bits keyed with the public key", RSA, "HS384", der));
        rows.add(secret("HMAC of 512 bits keyed with the public key", EC, "HS512", ecDer()));
        rows.add(secret(
                "HMAC keyed with the JWK", EC, "HS256", Trial.KEYS.toJson().getBytes(UTF_8)));
        rows.add(secret("HMAC keyed with one zero", EC, "HS256", new byte[1]));
        rows.add(secret(
                "HMAC keyed with the key's id",
                EC,
                "HS256",
                EC.publicJwk().keyId().getBytes(UTF_8)));
    }

    private static void addOtherKeys(List<Attack> rows) {
        for (SigningAlgorithm named : SigningAlgorithm.forIssuing()) {
            for (SigningAlgorithm used : SigningAlgorithm.forIssuing()) {
                if (named != used) {
                    SigningKey key = Trial.keyFor(used);
                    String defect =
                            named == SigningAlgorithm.RS256 && used == SigningAlgorithm.ES256 ? "CVE-2022-23539 " : "";
                    rows.add(Attack.of(
                            ALGORITHM_REFUSED,
                            defect + "alg " + named.jwsName() + " on the key for " + used.jwsName(),
                            () -> Jws.sign(
                                    key,
                                    header(key).withText("alg", named.jwsName()).toString(),
                                    CLAIMS.toString())));
                }
            }
        }
    }

    private static void addMembers(List<Attack> rows) {
        String key = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"AAAA\"}";
        String published = StrictJson.write(EC.publicJwk().members());
        rows.add(member("CVE-2018-0114 the key comes with the token", "jwk", key));
        rows.add(member("the key that comes with the token is the published one", "jwk", published));
        rows.add(member("jwk is null", "jwk", "null"));
        rows.add(member("jku points to the attacker", "jku", "\"https://evil.example/jwks\""));
        rows.add(member("jku points to the issuer", "jku", "\"https://ci.example/jwks\""));
        rows.add(member("jku points into the network", "jku", "\"http://169.254.169.254/\""));
        rows.add(member("x5u points to the attacker", "x5u", "\"https://evil.example/cert\""));
        rows.add(member("x5c brings a certificate", "x5c", "[\"MIIB\"]"));
        rows.add(member("GHSA-752w-5fwx-jx9f crit names what nobody knows", "crit", "[\"unheard\"]"));
        rows.add(member("crit is empty", "crit", "[]"));
        rows.add(member("crit names a claim", "crit", "[\"exp\"]"));
        rows.add(member("crit names a registered member", "crit", "[\"alg\"]"));
        rows.add(member("crit names the same twice", "crit", "[\"b64\",\"b64\"]"));
        rows.add(member("crit names b64, which is absent", "crit", "[\"b64\"]"));
        rows.add(member("crit is a string", "crit", "\"b64\""));
        rows.add(member("crit is null", "crit", "null"));
        rows.add(member("b64 is true", "b64", "true"));
        rows.add(Attack.of(
                MALFORMED,
                "b64 is false and the claims are plain",
                () -> Trial.signed(
                        EC,
                        Jws.encode(header(EC)
                                .with("b64", "false")
                                .with("crit", "[\"b64\"]")
                                .toString()),
                        CLAIMS.toString().replace(".", "\\u002e"))));
        rows.add(member("CVE-2024-33664 zip asks to inflate the claims", "zip", "\"DEF\""));
        rows.add(member("zip is empty", "zip", "\"\""));
        rows.add(member("CVE-2023-51775 p2c asks for a million rounds", "p2c", "1000000"));
        rows.add(member("CVE-2023-52428 p2c asks for two thousand million rounds", "p2c", "2147483647"));
        rows.add(member("CVE-2023-31582 p2c asks for one round", "p2c", "1"));
        rows.add(member("p2s salts a password", "p2s", "\"AAAA\""));
        rows.add(member("CVE-2017-12973 enc names a cipher", "enc", "\"A128CBC-HS256\""));
        rows.add(member("epk brings a key to agree with", "epk", key));
        rows.add(member("cty says that a token is nested", "cty", "\"JWT\""));
        rows.add(member("iss stands in the header", "iss", '"' + Trial.ISSUER + '"'));
        rows.add(member("a member that nobody knows", "unheard", "1"));
        rows.add(member("a member with an empty name", "", "1"));
        rows.add(member("ALG beside alg", "ALG", "\"none\""));
    }

    private static void addTypes(List<Attack> rows) {
        List<String> types = List.of(
                "\"at+jwt\"",
                "\"application/jwt\"",
                "\"application/at+jwt\"",
                "\"JOSE\"",
                "\"JOSE+JSON\"",
                "\"secevent+jwt\"",
                "\"JWT \"",
                "\"JWT\\u0000\"",
                "\"\\uff2a\\uff37\\uff34\"",
                "\"\"",
                "null",
                "1",
                "[\"JWT\"]",
                "{}");
        for (String type : types) {
            rows.add(Attack.of(
                    MALFORMED, "typ is " + type, () -> headed(header(EC).with("typ", type))));
        }
    }

    private static Attack algorithm(String name, String json) {
        return Attack.of(ALGORITHM_REFUSED, name, () -> headed(header(EC).with("alg", json)));
    }

    private static Attack member(String name, String member, String json) {
        return Attack.of(MALFORMED, name, () -> headed(header(EC).with(member, json)));
    }

    private static Attack secret(String name, SigningKey key, String algorithm, byte[] secret) {
        String header = header(key).withText("alg", algorithm).toString();
        return Attack.of(
                ALGORITHM_REFUSED,
                name,
                () -> Jws.hmac("HmacSHA" + algorithm.substring(2), secret, header, CLAIMS.toString()));
    }

    private static byte[] ecDer() {
        return EC.publicJwk().publicKey().getEncoded();
    }

    private static byte[] pem(byte[] der, int lineLength) {
        String lines = Base64.getMimeEncoder(lineLength, new byte[] {'\n'}).encodeToString(der);
        return ("-----BEGIN PUBLIC KEY-----\n" + lines + "\n-----END PUBLIC KEY-----\n").getBytes(UTF_8);
    }

    private static byte[] openSsh() {
        byte[] der = ED.publicJwk().publicKey().getEncoded();
        byte[] length = BigInteger.valueOf(32).toByteArray();
        byte[] blob = new byte[19 + 32];
        System.arraycopy("\0\0\0\013ssh-ed25519\0\0\0".getBytes(UTF_8), 0, blob, 0, 18);
        blob[18] = length[0];
        System.arraycopy(der, der.length - 32, blob, 19, 32);
        return ("ssh-ed25519 " + Base64.getEncoder().encodeToString(blob)).getBytes(UTF_8);
    }
}
