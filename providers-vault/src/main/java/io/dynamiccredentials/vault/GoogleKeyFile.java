package io.dynamiccredentials.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.wire.StrictJson;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The JSON file of a service account's key.
 *
 * <p>It is written anew with the members that tools need: what else stands in it could make them send requests to other
 * addresses, or read other files. Immutable.
 */
final class GoogleKeyFile {
    private static final String TOKEN_URI = "https://oauth2.googleapis.com/token";
    private static final String AUTH_URI = "https://accounts.google.com/o/oauth2/auth";
    private static final String UNIVERSE = "googleapis.com";

    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----\\n[A-Za-z0-9+/=\\n]{1,8192}\\n-----END PRIVATE KEY-----\\n?");
    private static final Pattern KEY_ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern EMAIL =
            Pattern.compile("[A-Za-z0-9.-]{1,64}@[a-z0-9.:-]{1,200}\\.gserviceaccount\\.com");
    private static final Pattern PROJECT = Pattern.compile("[a-z0-9.:-]{1,100}");
    private static final Pattern CLIENT_ID = Pattern.compile("[0-9]{1,40}");

    private final String email;
    private final String keyId;
    private final Secret json;

    private GoogleKeyFile(String email, String keyId, Secret json) {
        this.email = email;
        this.keyId = keyId;
        this.json = json;
    }

    /**
     * Reads a file in base64.
     *
     * @throws IllegalArgumentException if it is not that of a service account of Google's own cloud; the message
     *     repeats nothing of it
     */
    static GoogleKeyFile parse(String base64) {
        JsonNode file = decode(base64);
        require(file, "type", "service_account");
        require(file, "token_uri", TOKEN_URI);
        if (!file.path("universe_domain").isMissingNode()) {
            require(file, "universe_domain", UNIVERSE);
        }
        String email = EngineMembers.text(file, "client_email", EngineMembers.matching(EMAIL));
        String keyId = EngineMembers.text(file, "private_key_id", EngineMembers.matching(KEY_ID));
        Map<String, String> members = new LinkedHashMap<>();
        members.put("type", "service_account");
        EngineMembers.optionalText(file, "project_id", EngineMembers.matching(PROJECT))
                .ifPresent(project -> members.put("project_id", project));
        members.put("private_key_id", keyId);
        members.put("private_key", EngineMembers.text(file, "private_key", EngineMembers.matching(PRIVATE_KEY)));
        members.put("client_email", email);
        EngineMembers.optionalText(file, "client_id", EngineMembers.matching(CLIENT_ID))
                .ifPresent(client -> members.put("client_id", client));
        members.put("auth_uri", AUTH_URI);
        members.put("token_uri", TOKEN_URI);
        members.put("universe_domain", UNIVERSE);
        return new GoogleKeyFile(email, keyId, Secret.of(StrictJson.write(members)));
    }

    private static JsonNode decode(String base64) {
        String text;
        try {
            text = new String(Base64.getDecoder().decode(base64), UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("data.private_key_data is not in base64", e);
        }
        try {
            return StrictJson.parseSmallObject(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("data.private_key_data is " + e.getMessage(), e);
        }
    }

    private static void require(JsonNode file, String member, String expected) {
        if (!expected.equals(file.path(member).textValue())) {
            throw new IllegalArgumentException("the key's " + member + " is not \"" + expected + "\"");
        }
    }

    Secret json() {
        return json;
    }

    /** Returns the key's id and whose it is. */
    String name() {
        return "key \"" + keyId + "\" of \"" + email + "\"";
    }
}
