package io.dynamiccredentials.gcp;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.exchange.ExchangeFailures;
import io.dynamiccredentials.wire.HttpReply;
import io.dynamiccredentials.wire.RetryAfter;
import io.dynamiccredentials.wire.StrictJson;
import io.dynamiccredentials.wire.UntrustedText;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** One request of an exchange: where it goes, what its answer must hold, and how its failures read. */
abstract sealed class GoogleStep permits StsStep, IamStep {
    /** Longer than any token that Google gives out, which is 12 hours. */
    static final Duration MAX_LIFETIME = Duration.ofHours(24);

    private final String url;
    private final ExchangeFailures failures;

    GoogleStep(String url, String object) {
        this.url = url;
        this.failures = ExchangeFailures.of(GcpWorkloadIdentityExchanger.PLATFORM, object);
    }

    String url() {
        return url;
    }

    /**
     * Checks an answer and returns when the access token in it ends.
     *
     * @throws CredentialExchangeException if it holds none
     */
    Instant endOf(HttpReply reply, Instant askedAt) {
        if (reply.status() != 200) {
            throw refused(reply, askedAt);
        }
        if (reply.body().isBlank()) {
            throw unintelligible("it is empty");
        }
        try {
            return endOf(StrictJson.parseObject(reply.body()), askedAt);
        } catch (IllegalArgumentException e) {
            throw unintelligible("it is " + e.getMessage());
        }
    }

    /** Checks the body of a 200. Says what is wrong with it through {@link #unintelligible}. */
    abstract Instant endOf(JsonNode body, Instant askedAt);

    /** Describes what Google decided, for the statuses that are no failure of the server and no redirect. */
    abstract CredentialExchangeException.Builder decided(int status, GoogleError error);

    CredentialExchangeException unintelligible(String why) {
        return failures.unintelligible(why, "Check that the address is Google's and that no proxy rewrites its answers")
                .status(200)
                .build();
    }

    CredentialExchangeException noAnswer(IOException e) {
        return failures.noAnswer(e, "Check that this host reaches \"" + url + "\" and trusts its certificate");
    }

    CredentialExchangeException interrupted() {
        return failures.interrupted();
    }

    /** Describes an answer that passed our checks and that Google's own library could not read. */
    CredentialExchangeException unreadable() {
        return unintelligible("Google's library can't read it");
    }

    CredentialExchangeException.Builder answered(Kind kind, int status, String remedy) {
        return failures.answered(kind, status, remedy);
    }

    static boolean isAccessToken(Optional<String> token) {
        return token.filter(UntrustedText::isVisibleAscii).isPresent();
    }

    private CredentialExchangeException refused(HttpReply reply, Instant askedAt) {
        GoogleError error = GoogleError.of(reply);
        CredentialExchangeException.Builder failure =
                describe(reply, error).code(error.code()).requestId(error.requestId());
        RetryAfter.of(reply, askedAt).ifPresent(failure::retryAfter);
        return failure.build();
    }

    private CredentialExchangeException.Builder describe(HttpReply reply, GoogleError error) {
        int status = reply.status();
        if (status >= 300 && status < 400) {
            return failures.redirected(
                    status,
                    reply.header("Location").orElse(""),
                    "Check the address \"" + url + "\" and the proxies on the way");
        }
        if (status == 429) {
            return answered(Kind.THROTTLED, status, "Try again later, or ask Google for a higher quota")
                    .detail(error.text());
        }
        if (status == 408 || status >= 500) {
            return answered(
                            Kind.UNREACHABLE,
                            status,
                            "Google's side failed. Try again; Google's status page may say more")
                    .detail(error.text());
        }
        return decided(status, error).detail(error.text());
    }
}
