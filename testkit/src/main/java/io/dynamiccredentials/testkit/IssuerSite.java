package io.dynamiccredentials.testkit;

import io.dynamiccredentials.discovery.DiscoveryEndpoint;
import io.dynamiccredentials.discovery.DiscoveryReply;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Serves the public documents of an issuer. Safe for use by many threads. */
record IssuerSite(DiscoveryEndpoint endpoint) implements FakeService {
    @Override
    public String operation(FakeRequest request) {
        return switch (request.target()) {
            case "/.well-known/openid-configuration" -> "discovery";
            case "/.well-known/jwks" -> "keys";
            default -> "other";
        };
    }

    @Override
    public FakeAnswer answer(FakeRequest request) {
        DiscoveryReply reply = endpoint.answer(
                request.method(), request.target(), request.headers().getOrDefault("if-none-match", List.of()));
        FakeAnswer answer = FakeAnswer.of(reply.status(), "application/json", reply.body());
        for (var header : reply.headers().entrySet()) {
            answer = answer.header(header.getKey(), header.getValue());
        }
        return answer;
    }

    @Override
    public FakeAnswer throttled(Optional<Duration> retryAfter) {
        FakeAnswer answer = FakeAnswer.empty(429);
        return retryAfter
                .map(time -> answer.header("Retry-After", String.valueOf(time.toSeconds())))
                .orElse(answer);
    }

    @Override
    public FakeAnswer failed(int status) {
        return FakeAnswer.empty(status);
    }
}
