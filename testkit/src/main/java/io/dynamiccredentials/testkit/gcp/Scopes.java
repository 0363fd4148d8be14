package io.dynamiccredentials.testkit.gcp;

import java.util.regex.Pattern;

/** Which OAuth scopes Google knows; here those of Google Cloud's form. */
final class Scopes {
    private static final Pattern SCOPE = Pattern.compile("https://www\\.googleapis\\.com/auth/[a-z0-9._-]{1,100}");

    private Scopes() {}

    static boolean isGood(String scope) {
        return SCOPE.matcher(scope).matches();
    }

    /** Tells whether a list with blanks between them has some, and no other. */
    static boolean areGood(String scopes) {
        for (String scope : scopes.split(" ", -1)) {
            if (!isGood(scope)) {
                return false;
            }
        }
        return true;
    }
}
