package io.dynamiccredentials.testkit.azure;

import io.dynamiccredentials.azure.ApplicationTrust;
import io.dynamiccredentials.testkit.FakeAnswer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Why {@link FakeEntra} gives no token, in Entra's numbers and words. An exception, so that the first broken rule ends
 * the checks.
 */
final class EntraRefusal extends Exception {
    private static final long serialVersionUID = 1;

    private static final Pattern UUID_FORM = Pattern.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter TICKS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final String TRANSIENT = "A transient error has occurred. Please try again.";

    private final int status;
    private final String error;
    private final int number;

    private EntraRefusal(int status, String error, int number, String text) {
        super(text);
        this.status = status;
        this.error = error;
        this.number = number;
    }

    static EntraRefusal unknownTenant(String tenant) {
        return new EntraRefusal(
                400,
                "invalid_request",
                90002,
                "Tenant '" + tenant + "' not found. Check to make sure you have the correct tenant ID and are signing "
                        + "into the correct cloud. Check with your subscription administrator, this may happen if there are "
                        + "no active subscriptions for the tenant.");
    }

    static EntraRefusal malformedTenant(String tenant) {
        return new EntraRefusal(
                400,
                "invalid_request",
                900023,
                "Specified tenant identifier '" + tenant
                        + "' is neither a valid DNS name, nor a valid external domain.");
    }

    static EntraRefusal unknownResource(String resource, String tenant) {
        // Shortened, as it is known; of the two codes that are, the one for the resource.
        return new EntraRefusal(
                400,
                "invalid_resource",
                500011,
                "The resource principal named " + resource + " was not found in the tenant named " + tenant + ".");
    }

    static EntraRefusal ofEntraItself() {
        // UNVERIFIED: status and OAuth code; the number is listed.
        return new EntraRefusal(
                401,
                "invalid_client",
                700222,
                "Entra-issued tokens may not be used as the assertion of a federated identity credential.");
    }

    /** Fails as a service that is busy. */
    static EntraRefusal transientFailure(int status) {
        return status == 503
                ? new EntraRefusal(503, "temporarily_unavailable", 90033, TRANSIENT)
                : new EntraRefusal(status, "server_error", 90033, TRANSIENT);
    }

    static EntraRefusal unknownClient(String client, String tenant) {
        return new EntraRefusal(
                400,
                "unauthorized_client",
                700016,
                "Application with identifier '" + client + "' was not found in the directory '" + tenant
                        + "'. This can happen if the application has not been installed by the administrator of the tenant "
                        + "or consented to by any user in the tenant. You may have sent your authentication request to the "
                        + "wrong tenant.");
    }

    static EntraRefusal missingParameter(String name) {
        return new EntraRefusal(
                400,
                "invalid_request",
                900144,
                "The request body must contain the following parameter: '" + name + "'.");
    }

    static EntraRefusal otherGrant(String grant) {
        return new EntraRefusal(
                400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type '" + grant + "'.");
    }

    static EntraRefusal badScope(String scope) {
        return new EntraRefusal(
                400,
                "invalid_scope",
                70011,
                "The provided request must include a 'scope' input parameter. The provided value for the input parameter "
                        + "'scope' is not valid. The scope " + scope + " is not valid.");
    }

    static EntraRefusal noAssertion() {
        return new EntraRefusal(
                401,
                "invalid_client",
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.");
    }

    static EntraRefusal malformed() {
        return new EntraRefusal(400, "invalid_request", 50027, "JWT token is invalid or malformed.");
    }

    static EntraRefusal badType() {
        return new EntraRefusal(
                400,
                "invalid_request",
                5002727,
                "Invalid JWT header type specified, must be 'JWT' or 'http://openid.net/specs/jwt/1.0'.");
    }

    static EntraRefusal badAlgorithm(String algorithm) {
        return new EntraRefusal(
                400,
                "invalid_request",
                5002738,
                "Invalid JWT token. '" + algorithm + "' is not a supported signature algorithm. Supported signing "
                        + "algorithms are: 'RS256, HS256'");
    }

    /** Says which part of the assertion no federated identity credential has. */
    static EntraRefusal noMatch(ApplicationTrust.Refused refused) {
        return new EntraRefusal(401, "invalid_client", refused.number(), refused.description());
    }

    static EntraRefusal unknownKey(String keyId, String issuer) {
        return new EntraRefusal(
                401,
                "invalid_client",
                7000272,
                "The certificate with identifier " + keyId
                        + " used to sign the federated credential could not be found in "
                        + "the metadata of identity provider " + issuer
                        + ". Please validate that your Identity Provider's "
                        + "metadata exposes the key used to sign the incoming token.");
    }

    static EntraRefusal issuerUnreachable() {
        return new EntraRefusal(400, "invalid_request", 90061, "Request to External OIDC endpoint failed.");
    }

    static EntraRefusal badSignature() {
        // UNVERIFIED: seen for certificates of applications; for federated credentials it may be 50013.
        return new EntraRefusal(401, "invalid_client", 700027, "Client assertion failed signature validation.");
    }

    static EntraRefusal outsideItsTime(Instant now, Instant from, Instant until) {
        return new EntraRefusal(
                401,
                "invalid_client",
                700024,
                "Client assertion is not within its valid time range. Current time: "
                        + TICKS.format(now) + ", assertion valid from " + TICKS.format(from)
                        + ", expiry time of assertion " + TICKS.format(until) + ". Review the documentation at "
                        + "https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials"
                        + " .");
    }

    static EntraRefusal livesTooLong() {
        return new EntraRefusal(
                400,
                "invalid_request",
                70023,
                "External security token lifetime exceeds the maximum allowed value of '1.01:00:00'.");
    }

    /**
     * Returns the answer.
     *
     * @param requestId the id that the client gave its request, which is Entra's correlation id then if it is a UUID
     */
    FakeAnswer answer(Instant now, Optional<String> requestId) {
        String trace = UUID.randomUUID().toString();
        String correlation = requestId
                .filter(UUID_FORM.asMatchPredicate())
                .orElseGet(() -> UUID.randomUUID().toString());
        String timestamp = TIMESTAMP.format(now);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", error);
        body.put(
                "error_description",
                "AADSTS" + number + ": " + getMessage() + " Trace ID: " + trace + " Correlation ID: " + correlation
                        + " Timestamp: " + timestamp);
        body.put("error_codes", List.of(number));
        body.put("timestamp", timestamp);
        body.put("trace_id", trace);
        body.put("correlation_id", correlation);
        body.put("error_uri", "https://login.microsoftonline.com/error?code=" + number);
        return FakeAnswer.json(status, body);
    }
}
