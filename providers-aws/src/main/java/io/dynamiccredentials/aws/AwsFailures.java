package io.dynamiccredentials.aws;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.exchange.ExchangeFailures;
import io.dynamiccredentials.token.IdentityToken;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sts.model.AssumeRoleWithWebIdentityResponse;
import software.amazon.awssdk.services.sts.model.StsException;

/**
 * Turns what STS and its SDK report into our exception.
 *
 * <p>The SDK's exceptions are never chained: their messages hold the server's words in full, which may be the token.
 */
final class AwsFailures {
    private static final Set<String> THROTTLED = Set.of(
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "RequestThrottled",
            "RequestThrottledException",
            "TooManyRequestsException",
            "RequestLimitExceeded",
            "BandwidthLimitExceeded",
            "LimitExceededException",
            "SlowDown",
            "PriorRequestNotComplete");

    private static final Set<String> FAILED = Set.of(
            "InternalFailure", "InternalError", "ServiceUnavailable", "RequestTimeout", "RequestTimeoutException");

    private final ExchangeFailures failures;
    private final RoleArn role;
    private final String audience;
    private final IdentityToken token;

    /** Describes failures to trade {@code token}, with what the role should trust. */
    AwsFailures(RoleArn role, String audience, IdentityToken token) {
        this.failures = ExchangeFailures.of(AwsWebIdentityExchanger.PLATFORM, "the token for role \"" + role + "\"");
        this.role = role;
        this.audience = audience;
        this.token = token;
    }

    CredentialExchangeException of(StsException e) {
        int status = e.statusCode();
        String code = code(e);
        if (status >= 300 && status < 400) {
            return redirected(e);
        }
        if (status == 429 || THROTTLED.contains(code)) {
            return failure(e, Kind.THROTTLED, "Try again later, with growing pauses");
        }
        if (status >= 500 || FAILED.contains(code)) {
            return failure(e, Kind.UNREACHABLE, "The failure is on the side of STS. Try again later");
        }
        if (code.isEmpty()) {
            return failure(
                    e,
                    Kind.UNINTELLIGIBLE,
                    "The answer has no error code of STS. Check that the endpoint is STS and no proxy answers for it");
        }
        return refusal(e, code);
    }

    CredentialExchangeException noAnswer(SdkException e) {
        if (e instanceof AbortedException) {
            return interrupted();
        }
        Optional<UnusableAnswerException> unusable = cause(e, UnusableAnswerException.class);
        if (unusable.isPresent()) {
            return unusable(unusable.get());
        }
        return cause(e, IOException.class)
                .map(io -> failures.noAnswer(io, "Check the endpoint, the network and the endpoint's certificate"))
                .orElseGet(() -> unintelligible("the body is no AssumeRoleWithWebIdentityResponse in XML")
                        .build());
    }

    CredentialExchangeException unintelligible(AssumeRoleWithWebIdentityResponse answer, String why) {
        return unintelligible(why)
                .status(answer.sdkHttpResponse().statusCode())
                .requestId(requestId(answer))
                .build();
    }

    private CredentialExchangeException unusable(UnusableAnswerException answer) {
        return unintelligible(answer.why())
                .status(answer.status())
                .requestId(answer.requestId())
                .build();
    }

    private CredentialExchangeException refusal(StsException e, String code) {
        return switch (code) {
            case "InvalidIdentityToken" -> invalidToken(e);
            case "ExpiredTokenException", "ExpiredToken" ->
                failure(
                        e,
                        Kind.REFUSED,
                        "Issue a new token, and check this machine's clock: AWS allows 5 minutes of difference");
            case "IDPCommunicationError" ->
                failure(e, Kind.UNREACHABLE, "AWS could not reach " + issuer() + ". " + discovery());
            case "IDPRejectedClaim" ->
                failure(e, Kind.REFUSED, "Check the claims of the token for subject \"" + token.subject() + "\"");
            case "AccessDenied" -> accessDenied(e);
            case "RegionDisabledException" ->
                failure(e, Kind.MISCONFIGURED, "Activate STS for this region in account " + role.account());
            case "MalformedPolicyDocument", "PackedPolicyTooLarge" ->
                failure(e, Kind.MISCONFIGURED, "Check the size and form of the session tags in the token's claims");
            case "ValidationError", "InvalidParameterValue", "MissingParameter", "InvalidAction" ->
                failure(
                        e,
                        Kind.MISCONFIGURED,
                        "Check the role's ARN, the session's name, and that the session lives no longer than the "
                                + "role's maximum session duration");
            default ->
                failure(
                        e,
                        Kind.REFUSED,
                        "Check that the role exists and trusts " + issuer() + " and audience \"" + audience + "\"");
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
                    "Check that account " + role.account() + " has an OIDC identity provider for exactly " + issuer());
        }
        return failure(
                e,
                Kind.REFUSED,
                "Check that account " + role.account() + " has an OIDC identity provider for " + issuer()
                        + " with client id \"" + audience
                        + "\", and that the issuer publishes the key that signs");
    }

    private CredentialExchangeException accessDenied(StsException e) {
        return failure(
                e,
                Kind.REFUSED,
                "Check that the role exists and that its trust policy allows sts:AssumeRoleWithWebIdentity to "
                        + "the OIDC identity provider of " + issuer()
                        + " with conditions that match audience \""
                        + audience + "\" and subject \"" + token.subject() + "\"");
    }

    private CredentialExchangeException redirected(StsException e) {
        String target = details(e).sdkHttpResponse() == null
                ? ""
                : details(e).sdkHttpResponse().firstMatchingHeader("Location").orElse("");
        return failures.redirected(e.statusCode(), target, "Check the endpoint")
                .code(code(e))
                .requestId(text(e.requestId()))
                .build();
    }

    private CredentialExchangeException interrupted() {
        Thread.currentThread().interrupt();
        return failures.interrupted();
    }

    private CredentialExchangeException failure(StsException e, Kind kind, String remedy) {
        return answer(e, kind, remedy).build();
    }

    private CredentialExchangeException.Builder answer(StsException e, Kind kind, String remedy) {
        return failures.answered(kind, e.statusCode(), remedy)
                .code(code(e))
                .detail(words(e))
                .requestId(text(e.requestId()));
    }

    private CredentialExchangeException.Builder unintelligible(String why) {
        return failures.unintelligible(why, "Check that the endpoint is STS and that no proxy rewrites its answers");
    }

    private String issuer() {
        return "issuer \"" + token.issuer() + "\"";
    }

    private String discovery() {
        return "Check that the discovery document and keys of " + issuer()
                + " are public over https and come within 5 seconds";
    }

    private static String requestId(AssumeRoleWithWebIdentityResponse answer) {
        String id = text(answer.responseMetadata().requestId());
        // What the SDK says when there is none.
        return id.equals("UNKNOWN") ? "" : id;
    }

    private static String text(@Nullable String ofSdk) {
        return ofSdk == null ? "" : ofSdk;
    }

    private static String code(StsException e) {
        return text(details(e).errorCode());
    }

    private static String words(StsException e) {
        return text(details(e).errorMessage());
    }

    private static AwsErrorDetails details(StsException e) {
        @Nullable AwsErrorDetails details = e.awsErrorDetails();
        return details == null ? AwsErrorDetails.builder().build() : details;
    }

    private static <T extends Throwable> Optional<T> cause(Throwable e, Class<T> type) {
        Throwable cause = e.getCause();
        while (cause != null && !type.isInstance(cause)) {
            cause = cause.getCause();
        }
        return Optional.ofNullable(cause).map(type::cast);
    }
}
