package io.dynamiccredentials.verify;

import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_AUDIENCE;
import static io.dynamiccredentials.TokenRejectedException.Reason.WRONG_ISSUER;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.wire.UntrustedText;
import java.util.List;
import java.util.Optional;

/** Welcomes tokens of one issuer. */
record IssuerPolicy(IssuerUrl issuer, List<String> audiences, Condition condition) implements TrustPolicy {

    @Override
    public Optional<TrustMismatch> mismatch(VerifiedToken token) {
        if (!issuer.value().equals(token.issuer())) {
            return Optional.of(new TrustMismatch(
                    WRONG_ISSUER, "iss", MismatchText.configured(issuer.value()), UntrustedText.quote(token.issuer())));
        }
        if (audiences.stream().noneMatch(token.audiences()::contains)) {
            return Optional.of(new TrustMismatch(
                    WRONG_AUDIENCE,
                    "aud",
                    MismatchText.configured(String.join("\" or \"", audiences)),
                    UntrustedText.quote(String.join(", ", token.audiences()))));
        }
        return condition.mismatch(token);
    }
}
