package io.dynamiccredentials.broker;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.broker.CredentialBroker.Observer;
import io.dynamiccredentials.broker.CredentialBroker.Outcome;
import io.dynamiccredentials.environment.LoopbackAnswer;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/** Decides what a request to one lease is answered. For the broker's thread only. */
final class LeaseDesk {
    private static final int REQUESTS_AT_ONCE = 50;
    private static final int REQUESTS_A_SECOND = 10;
    private static final String SCHEME = "Bearer ";
    private static final String RETRY_AFTER = "Retry-After";

    private final Secret bearer;
    private final Set<String> hosts;
    private final Map<String, LoopbackAnswer> answers;
    private final Clock clock;
    private final Observer observer;
    private final TokenBucket own;
    /** Apart, so that whoever has no bearer can't use up what the run's tools may ask. */
    private final TokenBucket strangers;
    /** Whoever floods a lease would fill the host's log, too. */
    private final TokenBucket floodNotices;

    LeaseDesk(
            Secret bearer,
            int port,
            Map<String, LoopbackAnswer> answers,
            Clock clock,
            LongSupplier nanoTime,
            Observer observer) {
        this.bearer = bearer;
        this.hosts = Set.of("127.0.0.1:" + port, "localhost:" + port);
        this.answers = answers;
        this.clock = clock;
        this.observer = observer;
        this.own = new TokenBucket(REQUESTS_AT_ONCE, REQUESTS_A_SECOND, nanoTime);
        this.strangers = new TokenBucket(REQUESTS_AT_ONCE, REQUESTS_A_SECOND, nanoTime);
        this.floodNotices = new TokenBucket(1, 1, nanoTime);
    }

    /** Returns the answer to a head, which may be broken. */
    Reply answer(HeadBuffer.State state, String text) {
        Optional<RequestHead> head = state == HeadBuffer.State.WHOLE ? RequestHead.parse(text) : Optional.empty();
        boolean ofTheRun = head.filter(this::isOfTheRun).isPresent();
        if (!(ofTheRun ? own : strangers).take()) {
            observe(Optional.empty(), Outcome.TOO_MANY_REQUESTS);
            return Reply.refusal(429, "TooManyRequests", "The lease was asked too often. Ask again in a second")
                    .header(RETRY_AFTER, "1");
        }
        if (head.isEmpty()) {
            return malformed(state);
        }
        return ofTheRun ? served(head.get()) : turnedAway(head.get());
    }

    void observe(Optional<String> endpoint, Outcome outcome) {
        boolean flood = outcome == Outcome.TOO_MANY_REQUESTS || outcome == Outcome.TOO_MANY_CONNECTIONS;
        if (!flood || floodNotices.take()) {
            observer.heard(endpoint, outcome);
        }
    }

    private boolean isOfTheRun(RequestHead head) {
        return head.method().equals("GET")
                && hosts.contains(head.host())
                && !head.fromBrowser()
                && head.authorization().filter(this::isBearer).isPresent();
    }

    private boolean isBearer(Secret authorization) {
        String text = authorization.reveal();
        boolean schemed = text.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        // Secrets are compared in constant time.
        return bearer.equals(schemed ? Secret.of(text.substring(SCHEME.length())) : authorization);
    }

    private Reply malformed(HeadBuffer.State state) {
        observe(Optional.empty(), Outcome.MALFORMED);
        return state == HeadBuffer.State.TOO_LONG
                ? Reply.refusal(
                        431, "RequestTooLong", "The head of a request has at most " + HeadBuffer.MAX_BYTES + " bytes")
                : Reply.refusal(400, "MalformedRequest", "This is no request of HTTP/1.1 without a body");
    }

    /** Says why a request is not the run's; of a bearer only that it is wrong. */
    private Reply turnedAway(RequestHead head) {
        if (!head.method().equals("GET")) {
            return refused(Outcome.MALFORMED, Reply.refusal(405, "MethodNotAllowed", "Only GET is answered"))
                    .header("Allow", "GET");
        }
        if (!hosts.contains(head.host())) {
            return refused(
                    Outcome.FOREIGN_HOST,
                    Reply.refusal(
                            421,
                            "MisdirectedRequest",
                            "The host must be one of " + hosts.stream().sorted().toList()));
        }
        if (head.fromBrowser()) {
            return refused(Outcome.BROWSER, Reply.refusal(403, "Forbidden", "Browsers are not answered"));
        }
        return refused(Outcome.WRONG_BEARER, Reply.refusal(401, "Unauthorized", "The bearer of the lease is required"));
    }

    private Reply refused(Outcome outcome, Reply reply) {
        observe(Optional.empty(), outcome);
        return reply;
    }

    private Reply served(RequestHead head) {
        String name = head.path().substring(1);
        LoopbackAnswer answer = answers.get(name);
        if (answer == null) {
            return refused(Outcome.UNKNOWN_ENDPOINT, Reply.refusal(404, "NotFound", "The lease has no such endpoint"));
        }
        Optional<String> endpoint = Optional.of(name);
        Optional<String> audience = answer.audience();
        if (audience.isPresent() && !head.audiences().stream().allMatch(audience.get()::equals)) {
            observe(endpoint, Outcome.WRONG_AUDIENCE);
            return Reply.refusal(
                    403, "WrongAudience", "The audience must be absent or \"" + audience.get() + "\" at this endpoint");
        }
        if (!answer.expiresAt().isAfter(clock.instant())) {
            observe(endpoint, Outcome.ENDED);
            return Reply.refusal(
                            503,
                            "Expired",
                            "What the run had ended at " + answer.expiresAt() + ", and there is nothing newer yet")
                    .header(RETRY_AFTER, "1");
        }
        observe(endpoint, Outcome.HANDED_OUT);
        return Reply.of(answer.mediaType(), answer.body());
    }
}
