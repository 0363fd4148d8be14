package io.dynamiccredentials.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.wire.StrictJson;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The secrets that came by in requests and answers, known by the names of what holds them. Safe for many threads. */
final class SeenSecrets {
    private static final Pattern ELEMENT = Pattern.compile("<(\\w+)>([^<>]+)</\\1>");

    /** Parameters, members and elements, in lower case and without underscores. */
    private static final Set<String> NAMES = Set.of(
            "accesstoken",
            "idtoken",
            "token",
            "clienttoken",
            "secretaccesskey",
            "sessiontoken",
            "secretkey",
            "securitytoken",
            "clientsecret",
            "privatekeydata",
            "serviceaccounttoken",
            "clientassertion",
            "assertion",
            "subjecttoken",
            "webidentitytoken",
            "jwt");

    private static final Set<String> HEADERS = Set.of("authorization", "x-vault-token", "x-amz-security-token");

    /** What is shorter is in any text by chance, and masks leave it alone too. */
    private static final int SHORTEST = 6;

    private final Set<Secret> seen = ConcurrentHashMap.newKeySet();

    Set<Secret> all() {
        return Set.copyOf(seen);
    }

    void in(FakeRequest request) {
        for (String header : HEADERS) {
            request.header(header)
                    .map(value -> value.replaceFirst("^(?i)(Bearer|Basic) ", ""))
                    // Of a signed request the header holds no secret, and the signature is of no use to others.
                    .filter(value -> !value.startsWith("AWS4-HMAC-SHA256"))
                    .ifPresent(this::add);
        }
        request.query().forEach(this::add);
        request.form().forEach(this::add);
        json(request.body());
    }

    void in(FakeAnswer answer) {
        answer.secrets().forEach(secret -> add(secret.reveal()));
        String body = answer.body();
        json(body);
        Matcher elements = ELEMENT.matcher(body);
        while (elements.find()) {
            add(elements.group(1), elements.group(2));
        }
    }

    private void json(String body) {
        if (body.startsWith("{")) {
            try {
                members(StrictJson.parseObject(body));
            } catch (IllegalArgumentException e) {
                // No JSON after all: a form that is as odd.
                return;
            }
        }
    }

    private void members(JsonNode node) {
        node.properties().forEach(member -> {
            if (member.getValue().isTextual()) {
                add(member.getKey(), member.getValue().textValue());
            }
        });
        node.elements().forEachRemaining(this::members);
    }

    private void add(String name, String value) {
        if (NAMES.contains(name.replace("_", "").toLowerCase(Locale.ROOT))) {
            add(value);
        }
    }

    private void add(String value) {
        if (value.length() >= SHORTEST) {
            seen.add(Secret.of(value));
        }
    }
}
