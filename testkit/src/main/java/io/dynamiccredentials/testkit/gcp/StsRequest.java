package io.dynamiccredentials.testkit.gcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.wire.StrictJson;
import java.net.URLDecoder;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A request of STS to exchange a token, as a form (of Google's libraries) or as JSON. It holds the token. */
final class StsRequest {
    static final String ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token";

    private static final Set<String> SUBJECT_TOKEN_TYPES =
            Set.of("urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token");
    private static final String ID = "[a-z0-9-]{4,32}";
    private static final Pattern PROVIDER =
            Pattern.compile("//iam\\.googleapis\\.com/(projects/[0-9]+/locations/global/" + "workloadIdentityPools/"
                    + ID + "/providers/" + ID + ")");
    private static final Pattern WORKFORCE = Pattern.compile(
            "//iam\\.googleapis\\.com/locations/[a-z0-9-]+/workforcePools/[a-z0-9-]+/providers/[a-z0-9-]+");
    private static final Pattern CAMEL = Pattern.compile("([a-z])([A-Z])");
    private static final int MAX_USER_PROJECT = 32;

    private final Map<String, String> fields;

    private StsRequest(Map<String, String> fields) {
        this.fields = fields;
    }

    /** Reads the fields, by their names in the form, whichever way they came. */
    static StsRequest read(FakeRequest request) throws GoogleRefusal {
        String type = request.header("Content-Type").orElse("").toLowerCase(Locale.ROOT);
        return new StsRequest(type.startsWith("application/json") ? json(request.body()) : request.form());
    }

    /** Checks all fields but the token, and returns the full name of the provider. */
    String provider() throws GoogleRefusal {
        require("grant_type", Set.of("urn:ietf:params:oauth:grant-type:token-exchange"));
        require("requested_token_type", Set.of(ACCESS_TOKEN_TYPE));
        require("subject_token_type", SUBJECT_TOKEN_TYPES);
        if (!Scopes.areGood(field("scope"))) {
            throw invalid("scope");
        }
        requireOptions(field("options"));
        String audience = field("audience");
        if (WORKFORCE.matcher(audience).matches()) {
            throw GoogleProviders.invalidTarget();
        }
        Matcher provider = PROVIDER.matcher(audience);
        if (!provider.matches()) {
            throw GoogleRefusal.oauth(
                    "invalid_request",
                    "Invalid value for \"audience\". This value should be the full resource name of the Identity Provider."
                            + " See https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token for the list of "
                            + "possible formats.");
        }
        return provider.group(1);
    }

    String subjectToken() {
        return field("subject_token");
    }

    private static Map<String, String> json(String body) throws GoogleRefusal {
        Map<String, String> fields = new TreeMap<>();
        JsonNode object;
        try {
            object = StrictJson.parseObject(body);
        } catch (IllegalArgumentException e) {
            throw GoogleRefusal.invalidArgument("Invalid JSON payload received.");
        }
        object.properties().forEach(member -> {
            String name = CAMEL.matcher(member.getKey()).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
            fields.put(name, member.getValue().asText());
        });
        return fields;
    }

    private void require(String name, Set<String> expected) throws GoogleRefusal {
        if (!expected.contains(field(name))) {
            throw invalid(name);
        }
    }

    // A boundary or an audience would make the token weaker, which this fake can't, and so it refuses them.
    private static void requireOptions(String text) throws GoogleRefusal {
        if (text.isEmpty()) {
            return;
        }
        try {
            // Google's library for Python quotes it once more.
            JsonNode options = StrictJson.parseObject(text.startsWith("%") ? URLDecoder.decode(text, UTF_8) : text);
            int known = options.path("userProject").isTextual() ? 1 : 0;
            if (options.size() == known && options.path("userProject").asText().length() <= MAX_USER_PROJECT) {
                return;
            }
        } catch (IllegalArgumentException e) {
            throw invalid("options");
        }
        throw invalid("options");
    }

    private String field(String name) {
        return fields.getOrDefault(name, "");
    }

    private static GoogleRefusal invalid(String name) {
        return GoogleRefusal.oauth("invalid_request", "Invalid value for \"" + name + "\".");
    }
}
