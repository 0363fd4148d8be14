package io.dynamiccredentials.gcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.time.Instant;
import java.util.Locale;

/** The first request: Google's Security Token Service trades the identity token for a federated access token. */
final class StsStep extends GoogleStep {
    private static final String ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token";

    private final ProviderName provider;
    private final IdentityToken token;

    StsStep(String url, ProviderName provider, IdentityToken token) {
        super(url, "the token for provider \"" + provider.value() + "\"");
        this.provider = provider;
        this.token = token;
    }

    @Override
    Instant endOf(JsonNode body, Instant askedAt) {
        if (!isAccessToken(StrictJson.text(body, "access_token"))) {
            throw unintelligible("access_token is absent or has characters that no token has");
        }
        requireText(body, "issued_token_type", ACCESS_TOKEN_TYPE);
        requireText(body, "token_type", "Bearer");
        JsonNode seconds = body.path("expires_in");
        if (seconds.isMissingNode()) {
            throw unintelligible("expires_in is absent, as it is for an identity token that ends within seconds");
        }
        boolean whole = seconds.isIntegralNumber() && seconds.canConvertToLong();
        if (!whole || seconds.longValue() < 1 || seconds.longValue() > MAX_LIFETIME.toSeconds()) {
            throw unintelligible("expires_in is " + UntrustedText.clean(seconds.toString()) + ", expected 1 to "
                    + MAX_LIFETIME.toSeconds());
        }
        return askedAt.plusSeconds(seconds.longValue());
    }

    @Override
    CredentialExchangeException.Builder decided(int status, GoogleError error) {
        return switch (error.code()) {
            case "" -> noCode(status);
            case "invalid_target" ->
                answered(
                        Kind.MISCONFIGURED,
                        status,
                        "Check that pool and provider of " + named() + " exist, and are neither disabled nor deleted");
            case "invalid_request" -> invalidRequest(status, error.text());
            case "invalid_scope" -> answered(Kind.MISCONFIGURED, status, "Check the scopes");
            case "unauthorized_client" ->
                answered(
                        Kind.REFUSED,
                        status,
                        "Check the attribute condition of " + named() + " against subject \"" + token.subject()
                                + "\" and the token's other claims");
            case "invalid_grant" -> invalidGrant(status, error.text());
            case "PERMISSION_DENIED" ->
                answered(
                        Kind.REFUSED,
                        status,
                        "Check that the Security Token Service API is enabled in project " + provider.projectNumber()
                                + " and that no perimeter of it keeps this host out");
            case "NOT_FOUND", "INVALID_ARGUMENT" ->
                answered(Kind.MISCONFIGURED, status, "Check the token URL \"" + url() + "\" and " + named());
            default -> answered(Kind.REFUSED, status, checkTrust());
        };
    }

    private CredentialExchangeException.Builder noCode(int status) {
        return status == 404
                ? answered(Kind.MISCONFIGURED, status, "Check the token URL \"" + url() + "\"")
                : answered(
                        Kind.UNINTELLIGIBLE,
                        status,
                        "Check that \"" + url() + "\" is Google's STS and no proxy answers for it");
    }

    private CredentialExchangeException.Builder invalidRequest(int status, String text) {
        if (text.contains("google.subject")) {
            int bytes = token.subject().getBytes(UTF_8).length;
            return answered(
                    Kind.MISCONFIGURED,
                    status,
                    "The subject \"" + token.subject() + "\" has " + bytes
                            + " bytes. Use shorter names, or an attribute " + "mapping of " + named()
                            + " that takes google.subject from a shorter claim");
        }
        return answered(
                Kind.MISCONFIGURED,
                status,
                "Check the name of " + named() + ", which must have the project's number and not its id");
    }

    private CredentialExchangeException.Builder invalidGrant(int status, String text) {
        if (text.contains("stale to sign-in") || text.toLowerCase(Locale.ROOT).contains("expired")) {
            return answered(
                            Kind.REFUSED,
                            status,
                            "Issue a new token: this one ran from " + token.issuedAt() + " to " + token.expiresAt()
                                    + ". If it is new, check the clock of this host")
                    .worthRetryingWithFreshToken();
        }
        if (text.startsWith("The audience in ID Token")) {
            return answered(
                    Kind.REFUSED,
                    status,
                    "Check that the allowed audiences of " + named() + " include \"" + token.audience()
                            + "\"; its default audience counts only while none is set");
        }
        if (text.startsWith("The issuer in ID Token")) {
            return answered(
                    Kind.REFUSED,
                    status,
                    "Check that the issuer of " + named() + " is exactly \"" + token.issuer()
                            + "\", without a trailing slash");
        }
        if (text.contains("verify the ID Token signature")) {
            return answered(Kind.REFUSED, status, "Check that " + keys() + " hold the one that signed the token");
        }
        if (text.contains("Error connecting to the given credential's issuer")) {
            // Google says the same of a key that it does not know yet, so that a later attempt can succeed.
            return answered(
                            Kind.REFUSED,
                            status,
                            "Check that Google reaches \"" + token.issuer()
                                    + "/.well-known/openid-configuration\" over a " + "public certificate and that "
                                    + keys() + " hold the one that signed the token")
                    .worthRetrying();
        }
        return answered(Kind.REFUSED, status, checkTrust());
    }

    private void requireText(JsonNode body, String name, String expected) {
        String actual = StrictJson.text(body, name).orElse("");
        // RFC 6749, section 5.1: token_type is case-insensitive.
        if (!actual.equalsIgnoreCase(expected)) {
            throw unintelligible(name + " is " + UntrustedText.quote(actual) + ", expected \"" + expected + '"');
        }
    }

    private String named() {
        return "provider \"" + provider.value() + "\"";
    }

    private String keys() {
        return "the keys that \"" + token.issuer() + "\" publishes, or those uploaded to " + named() + ",";
    }

    private String checkTrust() {
        return "Check that " + named() + " trusts issuer \"" + token.issuer() + "\", audience \"" + token.audience()
                + "\" and subject \"" + token.subject() + "\"";
    }
}
