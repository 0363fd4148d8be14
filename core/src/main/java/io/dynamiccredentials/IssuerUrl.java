package io.dynamiccredentials;

import io.dynamiccredentials.wire.PlatformAddress;
import java.net.URI;
import java.util.Locale;

/**
 * The address that names an issuer: the {@code iss} of its tokens, byte for byte, and the place of its discovery
 * document (OpenID Connect Discovery 1.0, section 2 and 4).
 *
 * <p>It has a host and perhaps a port and a path, and neither user, query, fragment nor trailing slash (but for
 * {@link #endingInSlash}), since platforms compare it as text. It comes from configuration, never from a request's Host
 * header. Immutable.
 */
public final class IssuerUrl {
    private final String value;
    private final boolean loopback;

    private IssuerUrl(String value, boolean loopback) {
        URI uri = parse(value);
        if (uri.getHost() == null
                || !uri.getHost().equals(uri.getHost().toLowerCase(Locale.ROOT))
                || uri.getUserInfo() != null
                || uri.getQuery() != null
                || uri.getFragment() != null
                || value.endsWith("/")
                || !value.equals(uri.normalize().toString())
                || !(isHttps(uri) || PlatformAddress.isLoopbackHttp(uri))) {
            throw new IllegalArgumentException(
                    "The issuer must be https (or http on loopback) with a lower-case host and "
                            + "no user, query, fragment or trailing slash (IssuerUrl.endingInSlash verifies tokens of others"
                            + " who have one), for example \"https://ci.example\"; it was \""
                            + value
                            + "\"");
        }
        this.value = value;
        this.loopback = loopback;
    }

    private IssuerUrl(IssuerUrl withoutSlash, String value) {
        this.value = value;
        this.loopback = withoutSlash.loopback;
    }

    /**
     * Returns the issuer at an https address.
     *
     * @throws IllegalArgumentException if {@code value} is anything else
     */
    public static IssuerUrl of(String value) {
        IssuerUrl issuer = new IssuerUrl(value, false);
        if (!isHttps(issuer.uri())) {
            throw new IllegalArgumentException("The issuer must be an https address; it was \"" + value
                    + "\". For a test on this machine use IssuerUrl.loopback");
        }
        return issuer;
    }

    /**
     * Returns an issuer of others whose name ends in a slash, such as that of a cluster in Azure Kubernetes Service or
     * of a tenant at Auth0, so that its tokens can be verified. No token is issued under such a name.
     *
     * @throws IllegalArgumentException if {@code value} is no https address, or has no slash at its end
     */
    public static IssuerUrl endingInSlash(String value) {
        if (!value.endsWith("/")) {
            throw new IllegalArgumentException(
                    "The issuer must end in a slash; it was \"" + value + "\". For any other use IssuerUrl.of");
        }
        return new IssuerUrl(of(value.substring(0, value.length() - 1)), value);
    }

    /**
     * Returns an issuer on this machine, which may speak plain http. No cloud platform accepts such an issuer; the
     * fakes and other tests on loopback do.
     *
     * @throws IllegalArgumentException if the host of {@code value} is not 127.0.0.1, localhost or [::1]
     */
    public static IssuerUrl loopback(String value) {
        IssuerUrl issuer = new IssuerUrl(value, true);
        if (!PlatformAddress.isLoopback(issuer.uri())) {
            throw new IllegalArgumentException("A loopback issuer has the host 127.0.0.1, localhost or [::1]; it was \""
                    + value + "\". For any other host use IssuerUrl.of");
        }
        return issuer;
    }

    /** Returns the address as it stands in tokens. */
    public String value() {
        return value;
    }

    /**
     * Tells whether it was made by {@link #loopback}, so that only fakes and tests on this machine have to accept its
     * form. Two that differ in this alone are equal.
     */
    public boolean isLoopback() {
        return loopback;
    }

    /** Returns where the discovery document is (OpenID Connect Discovery 1.0, section 4). */
    public URI discoveryDocument() {
        return resolve("/.well-known/openid-configuration");
    }

    /** Returns where its keys are; the discovery document says so too. */
    public URI keySet() {
        return resolve("/.well-known/jwks");
    }

    private URI resolve(String path) {
        // A slash at the end is removed before the path is added (OpenID Connect Discovery 1.0, section 4.1).
        String base = value.endsWith("/") ? value.substring(0, value.length() - 1) : value;
        return URI.create(base + path);
    }

    /**
     * Tells whether a document of this issuer may point to {@code address}: any https address, and for an issuer that
     * itself speaks plain http on loopback also another such address.
     */
    public boolean mayReferTo(URI address) {
        return address.getHost() != null
                && address.getUserInfo() == null
                && (isHttps(address)
                        || (PlatformAddress.isLoopbackHttp(uri()) && PlatformAddress.isLoopbackHttp(address)));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IssuerUrl issuer && value.equals(issuer.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    /** Returns {@link #value()}. */
    @Override
    public String toString() {
        return value;
    }

    private URI uri() {
        return URI.create(value);
    }

    private static URI parse(String value) {
        try {
            return URI.create(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The issuer must be an address such as \"https://ci.example\"; it was \"" + value + "\"", e);
        }
    }

    private static boolean isHttps(URI uri) {
        return "https".equals(uri.getScheme());
    }
}
