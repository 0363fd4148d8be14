package io.dynamiccredentials.gcp;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.wire.StrictJson;
import java.time.DateTimeException;
import java.time.Instant;

/** The second request: IAM Credentials trades the federated access token for one of a service account. */
final class IamStep extends GoogleStep {
    private final String serviceAccount;
    private final Impersonation impersonation;
    private final String principal;

    IamStep(String url, Impersonation impersonation, String principal) {
        super(url, "the impersonation of service account \"" + impersonation.serviceAccount() + "\"");
        this.serviceAccount = impersonation.serviceAccount();
        this.impersonation = impersonation;
        this.principal = principal;
    }

    @Override
    Instant endOf(JsonNode body, Instant askedAt) {
        if (!isAccessToken(StrictJson.text(body, "accessToken"))) {
            throw unintelligible("accessToken is absent or has characters that no token has");
        }
        Instant end = parse(StrictJson.text(body, "expireTime").orElse(""));
        if (!end.isAfter(askedAt) || end.isAfter(askedAt.plus(MAX_LIFETIME))) {
            throw unintelligible("expireTime is " + end + " and the clock of this host said " + askedAt
                    + "; expected is a time after that, by less than a day");
        }
        return end;
    }

    @Override
    CredentialExchangeException.Builder decided(int status, GoogleError error) {
        return switch (status) {
            case 400 ->
                answered(
                        Kind.MISCONFIGURED,
                        status,
                        error.text().contains("lifetime")
                                ? "More than one hour needs service account \"" + serviceAccount
                                        + "\" in the organization "
                                        + "policy constraints/iam.allowServiceAccountCredentialLifetimeExtension. Allow it "
                                        + "or shorten the token lifetime"
                                : "Check the scopes and the e-mail address of service account \"" + serviceAccount
                                        + "\"");
            case 401 ->
                // The federated token was seconds old. A new exchange gets another one.
                answered(
                                Kind.REFUSED,
                                status,
                                "Try again. If it stays, check that \"" + url() + "\" is Google's IAM Credentials")
                        .worthRetrying();
            case 403 ->
                answered(
                        Kind.REFUSED,
                        status,
                        "Check that service account \"" + serviceAccount + "\" exists, that \"" + principal
                                + "\" has " + roles()
                                + ", which takes a minute or two to work, and "
                                + "that its project has the IAM Service Account Credentials API enabled");
            case 404 ->
                answered(
                        Kind.MISCONFIGURED,
                        status,
                        "Check that service account \"" + serviceAccount + "\" exists and that \"" + url()
                                + "\" is Google's IAM Credentials");
            default ->
                answered(
                        Kind.UNINTELLIGIBLE,
                        status,
                        "Check that \"" + url() + "\" is Google's and no proxy answers for it");
        };
    }

    private String roles() {
        return impersonation.delegates().isEmpty()
                ? "roles/iam.workloadIdentityUser on it"
                : "roles/iam.serviceAccountTokenCreator on \"" + impersonation.first() + "\" and each delegate of "
                        + impersonation.delegates()
                        + " has roles/iam.serviceAccountTokenCreator on the next and the last on the account";
    }

    private Instant parse(String time) {
        try {
            return Instant.parse(time);
        } catch (DateTimeException e) {
            throw unintelligible("expireTime is absent or no time of RFC 3339");
        }
    }
}
