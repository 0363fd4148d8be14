package io.dynamiccredentials.azure;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.HttpReply;
import java.io.IOException;
import java.util.Set;

/** Turns what Entra answers into our exception, by Microsoft's AADSTS numbers and then by status and OAuth error. */
final class EntraFailures {
    private static final Set<String> AGAINST_THE_REQUEST =
            Set.of("invalid_request", "invalid_scope", "invalid_resource", "invalid_tenant", "unsupported_grant_type");

    private final String tenantId;
    private final String clientId;
    private final EntraRemedies remedies;

    EntraFailures(String tenantId, String clientId, String scope, IdentityToken token) {
        this.tenantId = tenantId;
        this.clientId = clientId;
        this.remedies = new EntraRemedies(tenantId, clientId, scope, token);
    }

    CredentialExchangeException of(HttpReply reply) {
        EntraError error = EntraError.read(reply);
        return failure(reply, error)
                .status(reply.status())
                .code(error.code())
                .requestId(error.traceId())
                .build();
    }

    CredentialExchangeException unintelligible(HttpReply reply, String why) {
        return CredentialExchangeException.builder(
                        AzureFederatedExchanger.PLATFORM,
                        Kind.UNINTELLIGIBLE,
                        "Azure answered the token request for " + object() + " without a usable token: " + why,
                        remedies.authority())
                .status(reply.status())
                .requestId(reply.header("x-ms-request-id").orElse(""))
                .build();
    }

    CredentialExchangeException noAnswer(IOException e) {
        return CredentialExchangeException.builder(
                        AzureFederatedExchanger.PLATFORM,
                        Kind.UNREACHABLE,
                        "Azure gave no whole answer to the token request for " + object(),
                        "Check the authority host, the network and the certificate, then try again")
                .detail(e.getClass().getSimpleName() + ": " + e.getMessage())
                .cause(e)
                .build();
    }

    CredentialExchangeException interrupted(InterruptedException e) {
        return CredentialExchangeException.builder(
                        AzureFederatedExchanger.PLATFORM,
                        Kind.UNREACHABLE,
                        "The thread was interrupted during the token request for " + object(),
                        "Nothing is known about the outcome")
                .retryable(false)
                .cause(e)
                .build();
    }

    /** Describes a failure of the SDK itself, which is never chained: what it says may hold the token. */
    CredentialExchangeException ofSdk(String why) {
        return CredentialExchangeException.builder(
                        AzureFederatedExchanger.PLATFORM,
                        Kind.UNINTELLIGIBLE,
                        "azure-identity made no credentials for " + object() + ": " + why,
                        "Check that the versions of azure-identity and msal4j on the class path fit each other")
                .build();
    }

    private CredentialExchangeException.Builder failure(HttpReply reply, EntraError error) {
        int status = reply.status();
        if (status >= 300 && status < 400) {
            return refusal(
                            Kind.MISCONFIGURED,
                            "Redirects are not followed, so that a token reaches no other host. Check the authority host")
                    .detail("redirect to " + reply.header("Location").orElse("nowhere"));
        }
        if (status == 429 || error.number() == 90055) {
            return refusal(Kind.THROTTLED, "Try again " + delay(reply)).detail(error.words());
        }
        return byNumber(status, error).detail(error.words());
    }

    private CredentialExchangeException.Builder byNumber(int status, EntraError error) {
        return switch (error.number()) {
            case 90002, 900023 -> refusal(Kind.MISCONFIGURED, remedies.tenant());
            case 700016 -> refusal(Kind.MISCONFIGURED, remedies.application());
            case 70011, 500011 -> refusal(Kind.MISCONFIGURED, remedies.scope());
            case 7000218, 900144 -> refusal(Kind.MISCONFIGURED, remedies.request());
            case 70021 -> refusal(Kind.REFUSED, remedies.federation());
            case 700211 -> refusal(Kind.REFUSED, remedies.federation() + ". It is the issuer that none has");
            case 700212 -> refusal(Kind.REFUSED, remedies.federation() + ". It is the audience that does not match");
            case 700213 -> refusal(Kind.REFUSED, remedies.federation() + ". It is the subject that does not match");
            case 7002138 -> refusal(Kind.REFUSED, remedies.federation() + ". The subjects differ by letter case only");
            case 700024 -> refusal(Kind.REFUSED, remedies.time());
            case 70023 -> refusal(Kind.REFUSED, remedies.lifetime());
            // Entra fetches keys on its own schedule, so a key that is published by now may do a little later.
            case 7000272 -> refusal(Kind.REFUSED, remedies.unknownKey()).retryable(true);
            case 700027, 50013 -> refusal(Kind.REFUSED, remedies.signature());
            case 5002727, 50027 -> refusal(Kind.REFUSED, remedies.token());
            case 5002738 -> refusal(Kind.REFUSED, remedies.algorithm());
            case 700222 -> refusal(Kind.REFUSED, remedies.issuer());
            case 90061, 50166, 501661 -> refusal(Kind.UNREACHABLE, remedies.metadata());
            case 90006, 90012, 90024, 90033, 90090, 90091 -> refusal(Kind.UNREACHABLE, remedies.patience());
            default -> byStatus(status, error.error());
        };
    }

    private CredentialExchangeException.Builder byStatus(int status, String error) {
        if (status >= 500 || status == 408 || error.equals("temporarily_unavailable")) {
            return refusal(Kind.UNREACHABLE, remedies.patience());
        }
        if (error.isEmpty()) {
            return refusal(Kind.UNINTELLIGIBLE, remedies.authority());
        }
        return AGAINST_THE_REQUEST.contains(error)
                ? refusal(Kind.MISCONFIGURED, remedies.tenant() + ". " + remedies.scope())
                : refusal(Kind.REFUSED, remedies.federation());
    }

    private CredentialExchangeException.Builder refusal(Kind kind, String remedy) {
        return CredentialExchangeException.builder(
                AzureFederatedExchanger.PLATFORM, kind, "Azure refused the token for " + object(), remedy);
    }

    private String object() {
        return "application \"" + clientId + "\" in tenant \"" + tenantId + "\"";
    }

    private static String delay(HttpReply reply) {
        String seconds = reply.header("Retry-After").orElse("");
        return seconds.matches("[0-9]{1,5}") ? "after " + seconds + " s" : "later";
    }
}
