package io.dynamiccredentials.testkit.azure;

import io.dynamiccredentials.testkit.FakeAnswer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/**
 * Why {@link FakeEntra} gives no token, in Entra's numbers and words. An exception, so that the first broken rule ends
 * the checks.
 */
final class EntraRefusal extends Exception {
    private static final long serialVersionUID = 1;

    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String GUIDE = " https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

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

    /** Says which part of the assertion, and with which value, no federated identity credential has. */
    static EntraRefusal noMatch(int number, String part, String value) {
        String byCase = number == 7002138
                ? " The subject matches with case-insensitive comparison, but not with case-sensitive comparison."
                : "";
        return new EntraRefusal(
                401,
                "invalid_client",
                number,
                "No matching federated identity record found for presented assertion " + part + " '" + value
                        + "'. Please check your federated identity credential Subject, Audience and Issuer against the "
                        + "presented assertion." + byCase + GUIDE);
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
                "Client assertion is not within its valid time range. Current time: " + now + ", assertion valid from "
                        + from + ", expiry time of assertion " + until + ".");
    }

    static EntraRefusal livesTooLong() {
        return new EntraRefusal(
                400,
                "invalid_request",
                70023,
                "External security token lifetime exceeds the maximum allowed value of '1.01:00:00'.");
    }

    FakeAnswer answer(Instant now) {
        String trace = UUID.randomUUID().toString();
        String correlation = UUID.randomUUID().toString();
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
