package io.dynamiccredentials.aws;

import io.dynamiccredentials.wire.UntrustedText;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kms.model.KmsException;

/**
 * Turns what KMS and its SDK report into {@link IllegalStateException}.
 *
 * <p>The SDK's exceptions are never chained, as those of STS are not: their messages hold the server's words in full.
 */
final class KmsFailures {
    private static final String NO_PROXY = "Check that the endpoint is KMS and that no proxy rewrites its answers";

    private KmsFailures() {}

    /** Does {@code call}, in whose exceptions {@code step} stands for what was tried and the key. */
    static <T> T guard(String step, Supplier<T> call) {
        try {
            return call.get();
        } catch (SdkException e) {
            throw of(step, e);
        }
    }

    static IllegalStateException unintelligible(String step, String why) {
        return new IllegalStateException("AWS KMS gave no usable answer about " + step + ": " + why + ". " + NO_PROXY);
    }

    private static IllegalStateException of(String step, SdkException e) {
        if (e instanceof KmsException answered) {
            return answered(step, answered);
        }
        if (e instanceof AbortedException || Thread.currentThread().isInterrupted()) {
            Thread.currentThread().interrupt();
            return new IllegalStateException("The thread was interrupted while AWS KMS handled " + step
                    + ". Nothing is known about the outcome");
        }
        String kind = rootOf(e).getClass().getSimpleName();
        return new IllegalStateException("AWS KMS gave no whole answer about " + step + " (" + kind
                + "). Check the client's region, endpoint, credentials and time-outs, and the network, then try again");
    }

    private static IllegalStateException answered(String step, KmsException e) {
        Optional<AwsErrorDetails> details = Optional.ofNullable(e.awsErrorDetails());
        String code = details.map(AwsErrorDetails::errorCode).orElse("");
        String words = details.map(AwsErrorDetails::errorMessage).orElse("");
        StringBuilder message = new StringBuilder("AWS KMS did not do ")
                .append(step)
                .append(": ")
                .append(code.isEmpty() ? "no error code" : UntrustedText.clean(code))
                .append(" (HTTP ")
                .append(e.statusCode());
        if (e.requestId() != null) {
            message.append(", request ").append(UntrustedText.clean(e.requestId()));
        }
        message.append(')');
        if (!words.isEmpty()) {
            message.append(", ").append(UntrustedText.quote(words));
        }
        return new IllegalStateException(
                message.append(". ").append(remedy(e, code)).toString());
    }

    private static String remedy(KmsException e, String code) {
        return switch (code) {
            case "AccessDeniedException" ->
                "Check that the identity of the client may do this, by its own policies and by the key's";
            case "UnrecognizedClientException",
                    "InvalidClientTokenId",
                    "ExpiredTokenException",
                    "InvalidSignatureException" -> "Check the credentials of the client and this machine's clock";
            case "NotFoundException" -> "Check the client's region and account, and that the key was not deleted";
            case "DisabledException" -> "Enable the key";
            case "KMSInvalidStateException" -> "Check the key's state; cancel its deletion if it is still needed";
            case "InvalidKeyUsageException" -> "Check the key's spec and the algorithm of this factory";
            case "ThrottlingException" -> "Try again later, or ask for a higher quota of this operation";
            case "LimitExceededException" -> "Delete keys or aliases, or ask for a higher quota of them";
            default -> e.statusCode() >= 500 ? "The failure is on the side of KMS. Try again later" : NO_PROXY;
        };
    }

    private static Throwable rootOf(Throwable e) {
        Throwable root = e;
        for (int depth = 0; depth < 20 && root.getCause() != null; depth++) {
            root = root.getCause();
        }
        return root;
    }
}
