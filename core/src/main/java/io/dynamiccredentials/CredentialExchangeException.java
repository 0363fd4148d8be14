package io.dynamiccredentials;

import io.dynamiccredentials.wire.UntrustedText;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a platform gave no credentials for a token, or did not end those it gave.
 *
 * <p>The message reads: what was tried and for whom; the platform's own code, status and words; what to check.
 */
public final class CredentialExchangeException extends DynamicCredentialsException {
    private static final long serialVersionUID = 1;

    /** What went wrong, seen from the caller. */
    public enum Kind {
        /** The platform decided against the token or its subject. */
        REFUSED,
        /** The platform asks to come back later. */
        THROTTLED,
        /** No answer, or a failure on the platform's side. */
        UNREACHABLE,
        /** An answer that is not what the platform's documents promise; nothing of it is used. */
        UNINTELLIGIBLE,
        /** The request itself was wrong: a name that does not exist, a duration out of range. */
        MISCONFIGURED
    }

    private final String platform;
    private final Kind kind;
    private final @Nullable Integer status;
    private final @Nullable String code;
    private final @Nullable String requestId;
    private final boolean retryable;
    private final boolean freshToken;
    private final @Nullable Duration retryAfter;
    private final String remedy;

    private CredentialExchangeException(Builder builder, String message) {
        super(message, builder.cause);
        this.platform = builder.platform;
        this.kind = builder.kind;
        this.status = builder.status;
        this.code = builder.code;
        this.requestId = builder.requestId;
        this.retryable = builder.retryable;
        this.freshToken = builder.freshToken;
        this.retryAfter = builder.retryAfter;
        this.remedy = builder.remedy;
    }

    /**
     * Starts the description of a failure.
     *
     * @param step what was tried at which object, as the start of a sentence, for example {@code AWS refused the token
     *     for role "arn:aws:iam::123456789012:role/deploy"}
     * @param remedy what to check, as whole sentences
     */
    public static Builder builder(String platform, Kind kind, String step, String remedy) {
        return new Builder(platform, kind, step, remedy);
    }

    /** Returns the platform's name, for example {@code AWS}. */
    public String platform() {
        return platform;
    }

    /** Returns what went wrong. */
    public Kind kind() {
        return kind;
    }

    /** Returns the HTTP status; empty if there was no answer. */
    public OptionalInt status() {
        return status == null ? OptionalInt.empty() : OptionalInt.of(status);
    }

    /** Returns the platform's own code, for example {@code InvalidIdentityToken} or {@code AADSTS700213}. */
    public Optional<String> code() {
        return Optional.ofNullable(code);
    }

    /** Returns the id under which the platform's support finds the request. */
    public Optional<String> requestId() {
        return Optional.ofNullable(requestId);
    }

    /** Tells whether the same request may succeed later without anybody changing anything. */
    public boolean retryable() {
        return retryable;
    }

    /**
     * Tells whether a retry can help only with a token that is newly issued: the platform takes this one for too old.
     */
    public boolean needsFreshToken() {
        return freshToken;
    }

    /** Returns how long the platform wants to be left alone, if it says so. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /** Returns what to check, as whole sentences. It is also the end of the message. */
    public String remedy() {
        return remedy;
    }

    /** Describes one failure. Not safe for use by several threads. */
    public static final class Builder {
        private final String platform;
        private final Kind kind;
        private final String step;
        private final String remedy;
        private @Nullable Integer status;
        private @Nullable String code;
        private String detail = "";
        private @Nullable String requestId;
        private @Nullable Throwable cause;
        private boolean retryable;
        private boolean freshToken;
        private @Nullable Duration retryAfter;

        private Builder(String platform, Kind kind, String step, String remedy) {
            this.platform = platform;
            this.kind = kind;
            this.step = step;
            this.remedy = remedy;
            this.retryable = kind == Kind.THROTTLED || kind == Kind.UNREACHABLE;
        }

        /** Sets the HTTP status of the answer. */
        public Builder status(int status) {
            this.status = status;
            return this;
        }

        /** Sets the platform's own code, cleaned; an empty one counts as none. */
        public Builder code(String code) {
            this.code = code.isEmpty() ? null : UntrustedText.clean(code);
            return this;
        }

        /** Sets the platform's own words; they appear quoted, escaped, without tokens and cut. Empty counts as none. */
        public Builder detail(String detail) {
            this.detail = detail;
            return this;
        }

        /** Sets the platform's id of the request, cleaned; an empty one counts as none. */
        public Builder requestId(String requestId) {
            this.requestId = requestId.isEmpty() ? null : UntrustedText.clean(requestId);
            return this;
        }

        /** Sets the failure below, which must hold no secret: a logger prints the whole chain. */
        public Builder cause(Throwable cause) {
            this.cause = cause;
            return this;
        }

        /** Says that a retry can help. By default it can for THROTTLED and UNREACHABLE. */
        public Builder worthRetrying() {
            this.retryable = true;
            return this;
        }

        /** Says that a retry can't help, or that nobody may know what it would repeat. */
        public Builder notWorthRetrying() {
            this.retryable = false;
            return this;
        }

        /** Says that a retry can help, with a token that is newly issued. */
        public Builder worthRetryingWithFreshToken() {
            this.freshToken = true;
            return worthRetrying();
        }

        /** Sets how long the platform wants to be left alone. */
        public Builder retryAfter(Duration retryAfter) {
            this.retryAfter = retryAfter;
            return this;
        }

        /** Returns the failure, ready to be thrown. */
        public CredentialExchangeException build() {
            StringBuilder message = new StringBuilder(step);
            if (code != null) {
                message.append(": ").append(code);
            }
            if (status != null) {
                message.append(" (HTTP ").append(status.intValue()).append(')');
            }
            if (!detail.isBlank()) {
                message.append(": ").append(UntrustedText.quote(detail));
            }
            return new CredentialExchangeException(
                    this, message.append(". ").append(remedy).toString());
        }
    }
}
