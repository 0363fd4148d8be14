package io.dynamiccredentials.gcp;

import com.google.api.client.http.GenericUrl;
import java.net.URI;
import java.util.regex.Pattern;

/** Where Google Cloud takes tokens. Immutable. */
record GoogleAddresses(URI tokenUrl, URI iamCredentialsUrl) {
    /** The universe that is meant where nobody names one. */
    static final String PUBLIC_UNIVERSE = "googleapis.com";

    static final GoogleAddresses PUBLIC = of(PUBLIC_UNIVERSE);
    static final String EXPECTED_UNIVERSE = "a domain, such as \"googleapis.com\"";

    private static final Pattern UNIVERSE = Pattern.compile("(?=.{1,200}$)[a-z0-9-]{1,63}(?:[.][a-z0-9-]{1,63})+");

    /** Returns the addresses of a universe, which is a Google Cloud with a domain of its own. */
    static GoogleAddresses of(String universe) {
        return new GoogleAddresses(
                URI.create("https://sts." + universe + "/v1/token"), URI.create("https://iamcredentials." + universe));
    }

    /** Returns where access tokens of the service account come from. */
    String impersonationUrl(String email) {
        return iamCredentialsUrl + "/v1/projects/-/serviceAccounts/" + email + ":generateAccessToken";
    }

    static boolean isUniverse(String text) {
        return UNIVERSE.matcher(text).matches();
    }

    static URI requireTokenUrl(URI url) {
        return requireHttps("token URL", url, PUBLIC.tokenUrl);
    }

    static URI requireIamCredentialsUrl(URI url) {
        requireHttps("IAM Credentials URL", url, PUBLIC.iamCredentialsUrl);
        if (!url.getRawPath().isEmpty()) {
            throw new IllegalArgumentException("The IAM Credentials URL must have no path, such as \""
                    + PUBLIC.iamCredentialsUrl + "\"; it was \"" + url + "\"");
        }
        return url;
    }

    private static URI requireHttps(String what, URI url, URI example) {
        boolean bare = url.getRawQuery() == null && url.getRawFragment() == null && url.getRawUserInfo() == null;
        // Google's library would rewrite some addresses, and the rewritten one is not what the host allowed.
        if (!"https".equals(url.getScheme())
                || url.getHost() == null
                || !bare
                || !new GenericUrl(url).build().equals(url.toString())) {
            throw new IllegalArgumentException(
                    "The " + what + " must be https with a host and no user, query or fragment, " + "such as \""
                            + example + "\"; it was \"" + url + "\"");
        }
        return url;
    }
}
