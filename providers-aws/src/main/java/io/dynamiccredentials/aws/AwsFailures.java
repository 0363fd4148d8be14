package io.dynamiccredentials.aws;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.exchange.ExchangeFailures;
import io.dynamiccredentials.wire.RetryAfter;
import io.dynamiccredentials.wire.UntrustedText;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sts.model.StsException;
import software.amazon.awssdk.services.sts.model.StsResponse;

/**
 * Turns what STS and its SDK report into our exception.
 *
 * <p>The SDK's exceptions are never chained: their messages hold the server's words in full, which may be the token.
 */
abstract class AwsFailures {
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
    private final Clock clock;

    /** Describes failures to trade {@code what} for a session of {@code role}. */
    AwsFailures(String what, RoleArn role, Clock clock) {
        this.failures = ExchangeFailures.of(AwsWebIdentityExchanger.PLATFORM, what + " for role \"" + role + "\"");
        this.role = role;
        this.clock = clock;
    }

    final RoleArn role() {
        return role;
    }

    final CredentialExchangeException of(StsException e) {
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

    final CredentialExchangeException noAnswer(SdkException e) {
        if (e instanceof AbortedException) {
            return interrupted();
        }
        Optional<UnusableAnswerException> unusable = cause(e, UnusableAnswerException.class);
        if (unusable.isPresent()) {
            return unusable(unusable.get());
        }
        return cause(e, IOException.class)
                .map(io -> failures.noAnswer(io, "Check the endpoint, the network and the endpoint's certificate"))
                .orElseGet(() ->
                        unintelligible("the body is no answer of STS in XML").build());
    }

    final CredentialExchangeException unintelligible(StsResponse answer, String why) {
        return unintelligible(why)
                .status(answer.sdkHttpResponse().statusCode())
                .requestId(requestId(answer).orElse(""))
                .build();
    }

    private CredentialExchangeException unusable(UnusableAnswerException answer) {
        return unintelligible(answer.why())
                .status(answer.status())
                .requestId(answer.requestId())
                .build();
    }

    /** Says what to do about a refusal that every operation of STS may answer. */
    CredentialExchangeException refusal(StsException e, String code) {
        return switch (code) {
            case "AccessDenied" -> failure(e, Kind.REFUSED, accessDenied());
            case "RegionDisabledException" ->
                failure(e, Kind.MISCONFIGURED, "Activate STS for this region in account " + role.account());
            case "MalformedPolicyDocument", "PackedPolicyTooLarge" ->
                failure(
                        e,
                        Kind.MISCONFIGURED,
                        "Check the size and form of the session policy and of the session tags in the token's claims");
            case "ValidationError", "InvalidParameterValue", "MissingParameter", "InvalidAction" ->
                failure(
                        e,
                        Kind.MISCONFIGURED,
                        "Check the role's ARN, the session's name, and that the session lives no longer than the "
                                + "role's maximum session duration");
            default -> failure(e, Kind.REFUSED, unknownRefusal());
        };
    }

    /** Says what to do about {@code AccessDenied}. */
    abstract String accessDenied();

    /** Says what to do about a code that is not known. */
    abstract String unknownRefusal();

    private CredentialExchangeException redirected(StsException e) {
        String target = header(e, "Location").orElse("");
        return failures.redirected(e.statusCode(), target, "Check the endpoint")
                .code(code(e))
                .requestId(text(e.requestId()))
                .build();
    }

    private CredentialExchangeException interrupted() {
        Thread.currentThread().interrupt();
        return failures.interrupted();
    }

    final CredentialExchangeException failure(StsException e, Kind kind, String remedy) {
        return answer(e, kind, remedy).build();
    }

    final CredentialExchangeException.Builder answer(StsException e, Kind kind, String remedy) {
        CredentialExchangeException.Builder answer = failures.answered(kind, e.statusCode(), remedy)
                .code(code(e))
                .detail(words(e))
                .requestId(text(e.requestId()));
        retryAfter(e).ifPresent(answer::retryAfter);
        return answer;
    }

    private CredentialExchangeException.Builder unintelligible(String why) {
        return failures.unintelligible(why, "Check that the endpoint is STS and that no proxy rewrites its answers");
    }

    private Optional<Duration> retryAfter(StsException e) {
        return header(e, "Retry-After").flatMap(text -> RetryAfter.parse(text, clock.instant()));
    }

    private static Optional<String> header(StsException e, String name) {
        return Optional.ofNullable(details(e).sdkHttpResponse()).flatMap(answer -> answer.firstMatchingHeader(name));
    }

    /** Returns the id of a request, cleaned; empty if the answer has none. */
    static Optional<String> requestId(StsResponse answer) {
        // What the SDK says when there is none.
        return Optional.of(text(answer.responseMetadata().requestId()))
                .filter(id -> !id.isEmpty() && !id.equals("UNKNOWN"))
                .map(UntrustedText::clean);
    }

    private static String text(@Nullable String ofSdk) {
        return ofSdk == null ? "" : ofSdk;
    }

    private static String code(StsException e) {
        return text(details(e).errorCode());
    }

    static String words(StsException e) {
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
