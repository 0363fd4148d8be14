package io.dynamiccredentials.azure;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.exchange.ExchangeFailures;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.RetryAfter;
import io.dynamiccredentials.wire.UntrustedText;
import java.io.IOException;
import java.time.Clock;
import java.util.Set;

/** Turns what Entra answers into our exception, by Microsoft's AADSTS numbers and then by status and OAuth error. */
final class EntraFailures {
    private static final Set<String> AGAINST_THE_REQUEST =
            Set.of("invalid_request", "invalid_scope", "invalid_resource", "invalid_tenant", "unsupported_grant_type");

    private final ExchangeFailures failures;
    private final EntraRemedies remedies;
    private final Clock clock;

    EntraFailures(String tenantId, String clientId, String scope, IdentityToken token, Clock clock) {
        this.clock = clock;
        this.failures = ExchangeFailures.of(
                AzureFederatedExchanger.PLATFORM,
                "the token for application \"" + clientId + "\" in tenant \"" + tenantId + "\"");
        this.remedies = new EntraRemedies(tenantId, clientId, scope, token);
    }

    CredentialExchangeException of(HttpReply reply) {
        EntraError error = EntraError.read(reply);
        CredentialExchangeException.Builder failure =
                failure(reply, error).status(reply.status()).code(error.code()).requestId(error.traceId());
        RetryAfter.of(reply, clock.instant()).ifPresent(failure::retryAfter);
        return failure.build();
    }

    CredentialExchangeException unintelligible(HttpReply reply, String why) {
        return failures.unintelligible(why, remedies.authority())
                .status(reply.status())
                .requestId(reply.header("x-ms-request-id").orElse(""))
                .build();
    }

    CredentialExchangeException otherApplication(String told) {
        return failures.unintelligible(
                        "the access token is of application " + UntrustedText.quote(told), remedies.authority())
                .status(200)
                .build();
    }

    CredentialExchangeException noAnswer(IOException e) {
        return failures.noAnswer(e, "Check the authority host, the network and the certificate");
    }

    CredentialExchangeException interrupted() {
        return failures.interrupted();
    }

    /** Describes a failure of the SDK itself, which is never chained: what it says may hold the token. */
    CredentialExchangeException ofSdk(String why) {
        return failures.unintelligible(
                        "azure-identity made no credentials of it: " + why,
                        "Check that the versions of azure-identity and msal4j on the class path fit each other")
                .build();
    }

    private CredentialExchangeException.Builder failure(HttpReply reply, EntraError error) {
        int status = reply.status();
        if (status >= 300 && status < 400) {
            return failures.redirected(status, reply.header("Location").orElse(""), "Check the authority host");
        }
        if (status == 429 || error.number() == 90055) {
            return failures.answered(Kind.THROTTLED, status, "Try again " + delay(reply))
                    .detail(error.words());
        }
        return byNumber(status, error).detail(error.words());
    }

    private CredentialExchangeException.Builder byNumber(int status, EntraError error) {
        return switch (error.number()) {
            case 90002, 900023 -> failures.answered(Kind.MISCONFIGURED, status, remedies.tenant());
            case 700016 -> failures.answered(Kind.MISCONFIGURED, status, remedies.application());
            case 70011, 500011 -> failures.answered(Kind.MISCONFIGURED, status, remedies.scope());
            case 7000218, 900144 -> failures.answered(Kind.MISCONFIGURED, status, remedies.request());
            case 70021 -> failures.answered(Kind.REFUSED, status, remedies.federation());
            case 700211 ->
                failures.answered(Kind.REFUSED, status, remedies.federation() + ". It is the issuer that none has");
            case 700212 ->
                failures.answered(
                        Kind.REFUSED, status, remedies.federation() + ". It is the audience that does not match");
            case 700213 ->
                failures.answered(
                        Kind.REFUSED, status, remedies.federation() + ". It is the subject that does not match");
            case 7002138 ->
                failures.answered(
                        Kind.REFUSED, status, remedies.federation() + ". The subjects differ by letter case only");
            case 700024 ->
                failures.answered(Kind.REFUSED, status, remedies.time()).worthRetryingWithFreshToken();
            case 70023 -> failures.answered(Kind.REFUSED, status, remedies.lifetime());
            // Entra fetches keys on its own schedule, so a key that is published by now may do a little later, and one
            // that was withdrawn never does again: a new token is signed by the key that counts.
            case 7000272 ->
                failures.answered(Kind.REFUSED, status, remedies.unknownKey()).worthRetryingWithFreshToken();
            case 700027, 50013 -> failures.answered(Kind.REFUSED, status, remedies.signature());
            case 5002727, 50027 -> failures.answered(Kind.REFUSED, status, remedies.token());
            case 5002738 -> failures.answered(Kind.REFUSED, status, remedies.algorithm());
            case 700222 -> failures.answered(Kind.REFUSED, status, remedies.issuer());
            case 90061, 50166, 501661 -> failures.answered(Kind.UNREACHABLE, status, remedies.metadata());
            case 90006, 90012, 90024, 90033, 90090, 90091 ->
                failures.answered(Kind.UNREACHABLE, status, remedies.patience());
            default -> byStatus(status, error.error());
        };
    }

    private CredentialExchangeException.Builder byStatus(int status, String error) {
        if (status >= 500 || status == 408 || error.equals("temporarily_unavailable")) {
            return failures.answered(Kind.UNREACHABLE, status, remedies.patience());
        }
        if (error.isEmpty()) {
            return failures.answered(Kind.UNINTELLIGIBLE, status, remedies.authority());
        }
        return AGAINST_THE_REQUEST.contains(error)
                ? failures.answered(Kind.MISCONFIGURED, status, remedies.tenant() + ". " + remedies.scope())
                : failures.answered(Kind.REFUSED, status, remedies.federation());
    }

    private static String delay(HttpReply reply) {
        String seconds = reply.header("Retry-After").orElse("");
        return seconds.matches("[0-9]{1,5}") ? "after " + seconds + " s" : "later";
    }
}
