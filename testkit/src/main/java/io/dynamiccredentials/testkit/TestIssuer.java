package io.dynamiccredentials.testkit;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.discovery.DiscoveryEndpoint;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.workload.Workload;
import java.time.Clock;
import java.util.List;
import java.util.Set;

/**
 * An issuer on loopback with its discovery document and keys, and with bad tokens by name.
 *
 * <p>It is a {@link FakeTokenIssuer} whose keys the world can fetch, or not: {@link #faults()} spoils what it
 * publishes. Safe for use by many threads.
 */
public final class TestIssuer implements TokenIssuer, SecretSource, AutoCloseable {
    private final FakeServer server = FakeServer.bind();
    private final FakeTokenIssuer tokens;

    private TestIssuer(SigningAlgorithm algorithm, Clock clock) {
        this.tokens = FakeTokenIssuer.of(IssuerUrl.loopback(server.address().toString()), algorithm, clock);
        server.serve(new IssuerSite(DiscoveryEndpoint.of(tokens.url(), tokens.signingKeys())));
    }

    /** Starts an issuer that signs with RS256 and lives by {@code clock}. */
    public static TestIssuer start(Clock clock) {
        return start(SigningAlgorithm.RS256, clock);
    }

    /**
     * Starts an issuer that signs with {@code algorithm} and lives by {@code clock}.
     *
     * @throws IllegalArgumentException if {@code algorithm} is not {@linkplain SigningAlgorithm#forIssuing() for
     *     issuing}
     */
    public static TestIssuer start(SigningAlgorithm algorithm, Clock clock) {
        return new TestIssuer(algorithm, clock);
    }

    /** Returns the address, which is the {@code iss} of its tokens. */
    public IssuerUrl url() {
        return tokens.url();
    }

    @Override
    public IdentityToken issue(Workload workload, String audience) {
        return tokens.issue(workload, audience);
    }

    /** Returns the good tokens that it issued, the oldest first. */
    public List<IdentityToken> issued() {
        return tokens.issued();
    }

    @Override
    public Set<Secret> secrets() {
        return tokens.secrets();
    }

    /** Returns tokens that platforms must refuse. */
    public BadTokens bad() {
        return tokens.bad();
    }

    /** Returns the public half of the key that signs. */
    public PublicJwk publicJwk() {
        return bad().published();
    }

    /**
     * Signs with a new key from now on, and goes on publishing the old ones. Who knew the keys must fetch them again.
     */
    public TestIssuer rotate() {
        tokens.rotate();
        return this;
    }

    /** Publishes the key that signs and no other. Whoever fetches the keys anew refuses tokens of older ones. */
    public TestIssuer withdrawOldKeys() {
        tokens.withdrawOldKeys();
        return this;
    }

    /** Returns what goes wrong when its documents are fetched: the operations {@code discovery} and {@code keys}. */
    public Faults faults() {
        return server.faults();
    }

    /** Returns who fetched its documents. */
    public CallLog calls() {
        return server.calls();
    }

    /**
     * Forgets the tokens that it issued, its faults and who fetched its documents; signs with a new key, and publishes
     * that alone.
     */
    public void reset() {
        tokens.reset();
        server.reset();
    }

    @Override
    public void close() {
        server.close();
    }
}
