package io.dynamiccredentials.aws;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import java.time.Clock;
import software.amazon.awssdk.services.sts.model.StsException;

/** What STS reports of a session that wants another role. */
final class ChainedRoleFailures extends AwsFailures {
    private final String caller;

    /** Describes failures to assume {@code role} by the session of the role {@code caller}. */
    ChainedRoleFailures(RoleArn role, String caller, Clock clock) {
        super("the session of \"" + caller + "\"", role, clock);
        this.caller = caller;
    }

    @Override
    CredentialExchangeException refusal(StsException e, String code) {
        return switch (code) {
            case "SignatureDoesNotMatch", "RequestExpired", "ExpiredToken", "ExpiredTokenException" ->
                failure(
                        e,
                        Kind.REFUSED,
                        "Check this machine's clock: AWS allows 5 minutes of difference. If it is right, check that "
                                + "no proxy rewrites requests");
            default -> super.refusal(e, code);
        };
    }

    @Override
    String accessDenied() {
        return "Check that the chained role exists, that its trust policy allows sts:AssumeRole to \"" + caller
                + "\" with the external id, if it asks for one, and sts:TagSession, if the token has session tags; "
                + "and that the policies of \"" + caller + "\" allow sts:AssumeRole for the chained role";
    }

    @Override
    String unknownRefusal() {
        return "Check that the chained role exists and trusts \"" + caller + "\"";
    }
}
