package io.dynamiccredentials.testkit;

import io.dynamiccredentials.discovery.DiscoveryEndpoint;
import io.dynamiccredentials.discovery.DiscoveryReply;
import java.util.List;

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
}
