package io.dynamiccredentials.testkit.azure;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A request of the token endpoint. It holds the assertion. */
final class EntraForm {
    /** What MSAL adds to each scope and Entra ignores in this grant. */
    private static final Set<String> IGNORED_SCOPES = Set.of("openid", "profile", "offline_access");

    private static final String ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private static final String SUFFIX = "/.default";

    private final Map<String, String> fields;

    private EntraForm(Map<String, String> fields) {
        this.fields = fields;
    }

    /** Checks that the form has what it must. */
    static EntraForm check(Map<String, String> fields) throws EntraRefusal {
        EntraForm form = new EntraForm(fields);
        for (String name : List.of("grant_type", "client_id", "scope")) {
            if (form.field(name).isEmpty()) {
                throw EntraRefusal.missingParameter(name);
            }
        }
        if (!form.field("grant_type").equals("client_credentials")) {
            throw EntraRefusal.otherGrant(form.field("grant_type"));
        }
        form.resource();
        if (form.assertion().isEmpty() || !form.field("client_assertion_type").equals(ASSERTION_TYPE)) {
            throw EntraRefusal.noAssertion();
        }
        return form;
    }

    /** Returns the only resource that a token is asked for. */
    String resource() throws EntraRefusal {
        String scope = field("scope");
        Set<String> resources = new LinkedHashSet<>(Arrays.asList(scope.split(" ", -1)));
        resources.removeAll(IGNORED_SCOPES);
        String asked = resources.size() == 1 ? resources.iterator().next() : "";
        if (!asked.endsWith(SUFFIX) || asked.length() == SUFFIX.length()) {
            throw EntraRefusal.badScope(scope);
        }
        return asked.substring(0, asked.length() - SUFFIX.length());
    }

    String clientId() {
        return field("client_id");
    }

    String assertion() {
        return field("client_assertion");
    }

    private String field(String name) {
        return fields.getOrDefault(name, "");
    }
}
