package io.dynamiccredentials.aws;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.token.IdentityToken;
import java.time.Clock;
import software.amazon.awssdk.services.sts.model.StsException;

/** What STS reports of an identity token. */
final class WebIdentityFailures extends AwsFailures {
    private final String audience;
    private final IdentityToken token;

    /** Describes failures to trade {@code token}, with what the role should trust. */
    WebIdentityFailures(RoleArn role, String audience, IdentityToken token, Clock clock) {
        super("the token", role, clock);
        this.audience = audience;
        this.token = token;
    }

    @Override
    CredentialExchangeException refusal(StsException e, String code) {
        return switch (code) {
            case "InvalidIdentityToken" -> invalidToken(e);
            case "ExpiredTokenException", "ExpiredToken" ->
                answer(
                                e,
                                Kind.REFUSED,
                                "Issue a new token, and check this machine's clock: AWS allows 5 minutes of difference")
                        .worthRetryingWithFreshToken()
                        .build();
            case "IDPCommunicationError" ->
                failure(e, Kind.UNREACHABLE, "AWS could not reach " + issuer() + ". " + discovery());
            case "IDPRejectedClaim" ->
                failure(e, Kind.REFUSED, "Check the claims of the token for subject \"" + token.subject() + "\"");
            default -> super.refusal(e, code);
        };
    }

    private CredentialExchangeException invalidToken(StsException e) {
        String words = words(e);
        if (words.startsWith("Couldn't retrieve verification key")) {
            // AWS says so when the issuer is slow or throttles, and when it does not see a new key yet: both pass.
            return answer(e, Kind.REFUSED, discovery() + ", and that the key that signs is published there")
                    .worthRetrying()
                    .build();
        }
        if (words.startsWith("No OpenIDConnect provider")) {
            return failure(
                    e,
                    Kind.REFUSED,
                    "Check that account " + role().account() + " has an OIDC identity provider for exactly "
                            + issuer());
        }
        return failure(
                e,
                Kind.REFUSED,
                "Check that account " + role().account() + " has an OIDC identity provider for " + issuer()
                        + " with client id \"" + audience
                        + "\", and that the issuer publishes the key that signs");
    }

    @Override
    String accessDenied() {
        return "Check that the role exists and that its trust policy allows sts:AssumeRoleWithWebIdentity to "
                + "the OIDC identity provider of " + issuer() + " with conditions that match audience \"" + audience
                + "\" and subject \"" + token.subject() + "\"; and sts:TagSession, if the token has session tags";
    }

    @Override
    String unknownRefusal() {
        return "Check that the role exists and trusts " + issuer() + " and audience \"" + audience + "\"";
    }

    private String issuer() {
        return "issuer \"" + token.issuer() + "\"";
    }

    private String discovery() {
        return "Check that the discovery document and keys of " + issuer()
                + " are public over https and come within 5 seconds";
    }
}
