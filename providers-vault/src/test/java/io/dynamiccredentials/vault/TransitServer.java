package io.dynamiccredentials.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A Vault whose transit engine has one key and signs for real. It knows the check order and the texts of the engine,
 * and misbehaves as a test asks.
 */
final class TransitServer implements AutoCloseable {
    static final String TOKEN = "hvs.MARKER0123456789abcdefghij";

    private final ScriptedServer server = ScriptedServer.http(this::answer);
    private final Map<String, Object> settings = new LinkedHashMap<>();
    private final List<KeyPair> versions = new ArrayList<>();
    private final String path;
    private String type = "";
    private int minEncryptionVersion;
    private boolean rotationAnswersNothing;
    private Function<ScriptedServer.Request, Optional<Answer>> script = request -> Optional.empty();
    private Function<String, String> signatures = signature -> signature;

    private TransitServer(String path) {
        this.path = path;
    }

    /** Starts a Vault with the engine at {@code transit} and no key {@code ci}. */
    static TransitServer start() {
        return new TransitServer("transit");
    }

    static TransitServer startAt(String mount) {
        return new TransitServer(mount);
    }

    URI address() {
        return server.address();
    }

    List<ScriptedServer.Request> requests() {
        return server.requests();
    }

    /** Returns {@code METHOD path} of each request so far, without the version prefix of the API. */
    List<String> calls() {
        return requests().stream()
                .map(request -> request.method() + " " + request.path().substring("/v1/".length()))
                .toList();
    }

    /** Makes the key, as an operator would. */
    synchronized TransitServer key(String keyType) {
        settings.put("exportable", false);
        settings.put("allow_plaintext_backup", false);
        settings.put("imported_key", false);
        type = keyType;
        versions.clear();
        minEncryptionVersion = 0;
        rotate();
        return this;
    }

    synchronized TransitServer rotate() {
        versions.add(newPair());
        return this;
    }

    synchronized TransitServer deleteKey() {
        versions.clear();
        return this;
    }

    synchronized TransitServer setting(String name, Object value) {
        settings.put(name, value);
        return this;
    }

    /** Answers a rotation with 204, as older servers do. */
    synchronized TransitServer rotationAnswersNothing() {
        rotationAnswersNothing = true;
        return this;
    }

    /** Lets {@code other} answer in the engine's place where it gives an answer. */
    synchronized TransitServer script(Function<ScriptedServer.Request, Optional<Answer>> other) {
        script = other;
        return this;
    }

    synchronized TransitServer answerAll(Answer answer) {
        return script(request -> Optional.of(answer));
    }

    /** Changes each signature, of the form {@code vault:v1:…}, on its way out. */
    synchronized TransitServer signatures(Function<String, String> change) {
        signatures = change;
        return this;
    }

    synchronized KeyPair version(int version) {
        return versions.get(version - 1);
    }

    synchronized int latestVersion() {
        return versions.size();
    }

    synchronized int minEncryptionVersion() {
        return minEncryptionVersion;
    }

    synchronized void minEncryptionVersion(int version) {
        minEncryptionVersion = version;
    }

    @Override
    public void close() {
        server.close();
    }

    private synchronized Answer answer(ScriptedServer.Request request) {
        return script.apply(request).orElseGet(() -> engine(request));
    }

    private Answer engine(ScriptedServer.Request request) {
        if (!TOKEN.equals(request.headers().get("X-Vault-Token"))) {
            return errors(403, "2 errors occurred:\\n\\t* permission denied\\n\\t* invalid token\\n\\n");
        }
        String call = request.method() + " " + request.path().replace("/v1/" + path + "/", "");
        return switch (call) {
            case "GET keys/ci" -> versions.isEmpty() ? Answer.json(404, "{\"errors\":[]}") : shown();
            case "POST keys/ci" -> create(StrictJson.parseObject(request.body()));
            case "POST keys/ci/rotate" -> rotation();
            case "POST keys/ci/config" -> configure(StrictJson.parseObject(request.body()));
            case "POST sign/ci" -> sign(StrictJson.parseObject(request.body()));
            default ->
                errors(404, "no handler for route \\\"" + request.path().substring(4) + "\\\". route entry not found.");
        };
    }

    private Answer create(JsonNode body) {
        // The engine leaves a key that exists as it is, and warns.
        if (versions.isEmpty()) {
            key(body.path("type").asText());
            settings.put("exportable", body.path("exportable").booleanValue());
            settings.put(
                    "allow_plaintext_backup",
                    body.path("allow_plaintext_backup").booleanValue());
        }
        return shown();
    }

    private Answer rotation() {
        if (versions.isEmpty()) {
            return errors(400, "key not found");
        }
        rotate();
        return rotationAnswersNothing ? new Answer(204, Map.of(), "", Answer.Manner.WHOLE) : shown();
    }

    private Answer configure(JsonNode body) {
        int asked = body.path("min_encryption_version").intValue();
        if (asked > versions.size()) {
            return errors(
                    400,
                    "cannot set min encryption version of " + asked + ", latest key version is " + versions.size());
        }
        minEncryptionVersion = asked;
        return shown();
    }

    private Answer sign(JsonNode body) {
        int version = body.path("key_version").intValue();
        if (versions.isEmpty()) {
            return errors(400, "signing key not found");
        }
        if (version > versions.size()) {
            return errors(400, "requested version for signing is higher than the latest key version");
        }
        if (version < minEncryptionVersion) {
            return errors(400, "requested version for signing is less than the minimum encryption key version");
        }
        boolean jws = body.path("marshaling_algorithm").asText().equals("jws");
        String algorithm = body.path("signature_algorithm").asText();
        try {
            Signature signature = Signature.getInstance(jcaName(algorithm, jws));
            signature.initSign(version(version == 0 ? versions.size() : version).getPrivate());
            signature.update(Base64.getDecoder().decode(body.path("input").asText()));
            Base64.Encoder encoder = jws ? Base64.getUrlEncoder().withoutPadding() : Base64.getEncoder();
            String text = "vault:v" + version + ":" + encoder.encodeToString(signature.sign());
            return data(Map.of("signature", signatures.apply(text), "key_version", version));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The engine's defaults are PSS for RSA and DER for ECDSA, so that a forgotten parameter shows. */
    private String jcaName(String algorithm, boolean jws) {
        if (type.startsWith("rsa-")) {
            return algorithm.equals("pkcs1v15") ? "SHA256withRSA" : "RSASSA-PSS";
        }
        return jws ? "SHA256withECDSAinP1363Format" : "SHA256withECDSA";
    }

    private Answer shown() {
        Map<String, Object> keys = new TreeMap<>();
        for (int i = 0; i < versions.size(); i++) {
            String pem = "-----BEGIN PUBLIC KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'})
                            .encodeToString(versions.get(i).getPublic().getEncoded())
                    + "\n-----END PUBLIC KEY-----" + (type.startsWith("rsa-") ? "\n" : "");
            keys.put(
                    String.valueOf(i + 1),
                    Map.of(
                            "name",
                            type.startsWith("rsa-") ? type : "P-256",
                            "public_key",
                            pem,
                            "creation_time",
                            "2026-03-01T12:00:00.123456789Z"));
        }
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", "ci");
        data.put("type", type);
        data.put("derived", false);
        data.put("deletion_allowed", false);
        data.put("min_available_version", 0);
        data.put("min_decryption_version", 1);
        data.put("min_encryption_version", minEncryptionVersion);
        data.put("latest_version", versions.size());
        data.put("supports_signing", true);
        data.put("auto_rotate_period", 0);
        data.put("keys", keys);
        data.putAll(settings);
        return data(data);
    }

    private static Answer data(Map<String, ?> data) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("request_id", "00000000-0000-0000-0000-000000000000");
        body.put("lease_id", "");
        body.put("renewable", false);
        body.put("lease_duration", 0);
        body.put("data", data);
        return Answer.json(200, StrictJson.write(body));
    }

    static Answer errors(int status, String text) {
        return Answer.json(status, "{\"errors\":[\"" + text + "\"]}");
    }

    private KeyPair newPair() {
        try {
            if (type.startsWith("rsa-")) {
                KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
                rsa.initialize(Integer.parseInt(type.substring("rsa-".length())));
                return rsa.generateKeyPair();
            }
            KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
            ec.initialize(new ECGenParameterSpec("secp256r1"));
            return ec.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
