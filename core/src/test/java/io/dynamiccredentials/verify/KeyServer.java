package io.dynamiccredentials.verify;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.fixtures.ScriptedServer.Request;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import java.util.List;
import java.util.function.Function;

/** An issuer on loopback whose discovery document and keys a test sets. */
final class KeyServer implements AutoCloseable {
    private volatile Answer document = Answer.text(404, "");
    private volatile Function<Request, Answer> jwks = request -> Answer.text(404, "");
    private final ScriptedServer server;

    KeyServer(PublicJwk... keys) {
        server = ScriptedServer.http(request -> request.path().endsWith("/jwks") ? jwks.apply(request) : document);
        publish(keys);
        document = document(server.address().toString(), server.address() + "/jwks");
    }

    IssuerUrl issuer() {
        return IssuerUrl.loopback(server.address().toString());
    }

    void publish(PublicJwk... keys) {
        answer(keys(keys));
    }

    void answer(Answer answer) {
        jwks = request -> answer;
    }

    void answerBy(Function<Request, Answer> script) {
        jwks = script;
    }

    void describe(Answer answer) {
        document = answer;
    }

    List<Request> requests() {
        return server.requests();
    }

    long keyFetches() {
        return requests().stream()
                .filter(request -> request.path().endsWith("/jwks"))
                .count();
    }

    static Answer keys(PublicJwk... keys) {
        return Answer.json(200, new JwkSet(List.of(keys)).toJson());
    }

    static Answer document(String issuer, String jwksUri) {
        return Answer.json(200, "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + jwksUri + "\"}");
    }

    @Override
    public void close() {
        server.close();
    }
}
