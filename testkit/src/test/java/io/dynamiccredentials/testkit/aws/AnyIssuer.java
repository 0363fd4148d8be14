package io.dynamiccredentials.testkit.aws;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.FakeServer;
import io.dynamiccredentials.testkit.LoopbackTls;
import io.dynamiccredentials.wire.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/** An issuer on loopback that publishes and signs whatever a test says, by all algorithms of AWS. */
final class AnyIssuer implements AutoCloseable {
    static final PublicJsonWebKey RSA = rsa("rsa");
    static final PublicJsonWebKey OTHER_RSA = rsa("rsa");

    private static final Map<String, PublicJsonWebKey> KEYS = keys();

    private final FakeServer server = FakeServer.start(this::answer);
    private final Map<String, Object> discovery = new LinkedHashMap<>();
    private volatile List<Map<String, Object>> published = new ArrayList<>();

    AnyIssuer() {
        discovery.put("issuer", server.address().toString());
        discovery.put("jwks_uri", server.address() + "/keys");
        discovery.put("response_types_supported", List.of("id_token"));
        discovery.put("subject_types_supported", List.of("public"));
        discovery.put("id_token_signing_alg_values_supported", List.of("RS256"));
        KEYS.values().stream().distinct().forEach(key -> published.add(jwk(key)));
    }

    IssuerUrl url() {
        return IssuerUrl.loopback(server.address().toString());
    }

    /** Publishes these keys and no others. */
    void publish(List<Map<String, Object>> keys) {
        published = keys;
    }

    /** Sets a member of the discovery document, or leaves it out. */
    void discovery(String member, @Nullable Object value) {
        if (value == null) {
            discovery.remove(member);
        } else {
            discovery.put(member, value);
        }
    }

    /** Returns the public members of a key, to be changed at will. */
    static Map<String, Object> jwk(PublicJsonWebKey key) {
        Map<String, Object> members = new LinkedHashMap<>(key.toParams(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
        members.put("use", "sig");
        return members;
    }

    static PublicJsonWebKey key(String algorithm) {
        PublicJsonWebKey key = KEYS.get(algorithm);
        if (key == null) {
            throw new IllegalArgumentException("No key is for " + algorithm);
        }
        return key;
    }

    /** Signs any claims. */
    static String token(String algorithm, String claims) {
        return token(algorithm, key(algorithm), key(algorithm).getKeyId(), claims);
    }

    /** Signs any claims under any key id, or none. */
    static String token(String algorithm, PublicJsonWebKey key, @Nullable String keyId, String claims) {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setAlgorithmHeaderValue(algorithm);
        signature.setKey(key.getPrivateKey());
        if (keyId != null) {
            signature.setKeyIdHeaderValue(keyId);
        }
        signature.setPayload(claims);
        try {
            return signature.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns a certificate of a key that nobody here has, as {@code x5c} holds it. */
    static String certificate() {
        try {
            return Base64.getEncoder().encodeToString(Holder.CERTIFICATE.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the key of that certificate with it, under the id of the other. */
    static Map<String, Object> certifiedJwk() {
        try {
            PublicJsonWebKey key = PublicJsonWebKey.Factory.newPublicJwk(Holder.CERTIFICATE.getPublicKey());
            key.setKeyId("rsa");
            Map<String, Object> members = jwk(key);
            members.put("x5c", List.of(certificate()));
            return members;
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Made by a tool that takes a second. */
    private static final class Holder {
        static final Certificate CERTIFICATE = create();

        private static Certificate create() {
            try {
                Path file = Files.createTempFile("certificate", ".p12");
                LoopbackTls.create().writeTrustStore(file, "password");
                KeyStore store = KeyStore.getInstance(file.toFile(), "password".toCharArray());
                Files.delete(file);
                return store.getCertificate(store.aliases().nextElement());
            } catch (IOException | GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        server.close();
    }

    private FakeAnswer answer(FakeRequest request) {
        return switch (request.target()) {
            case "/.well-known/openid-configuration" -> FakeAnswer.json(200, discovery);
            case "/keys" -> FakeAnswer.of(200, "application/json", StrictJson.write(Map.of("keys", published)));
            default -> FakeAnswer.empty(404);
        };
    }

    private static Map<String, PublicJsonWebKey> keys() {
        try {
            Map<String, PublicJsonWebKey> keys = new LinkedHashMap<>();
            List.of("RS256", "RS384", "RS512").forEach(algorithm -> keys.put(algorithm, RSA));
            keys.put("ES256", EcJwkGenerator.generateJwk(EllipticCurves.P256));
            keys.put("ES384", EcJwkGenerator.generateJwk(EllipticCurves.P384));
            keys.put("ES512", EcJwkGenerator.generateJwk(EllipticCurves.P521));
            for (String algorithm : List.of("ES256", "ES384", "ES512")) {
                key(keys, algorithm).setKeyId(algorithm);
            }
            return keys;
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private static PublicJsonWebKey key(Map<String, PublicJsonWebKey> keys, String algorithm) {
        PublicJsonWebKey key = keys.get(algorithm);
        if (key == null) {
            throw new IllegalArgumentException("No key is for " + algorithm);
        }
        return key;
    }

    private static PublicJsonWebKey rsa(String keyId) {
        try {
            PublicJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
            key.setKeyId(keyId);
            return key;
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }
}
