package io.dynamiccredentials.testkit;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.token.RelyingPartyRules;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.workload.Workload;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An issuer in this process, without HTTP, whose tokens are as good as those of the real one, and which remembers them.
 *
 * <p>Its good tokens are those of a real {@link JwtTokenIssuer}. It keeps the loosest {@link RelyingPartyRules},
 * Vault's, so that who receives a token decides whether it is good. {@link #bad()} makes the others, by name. Where
 * platforms must fetch its keys, take {@link TestIssuer}. Safe for use by many threads.
 */
public final class FakeTokenIssuer implements TokenIssuer, SecretSource {
    private final IssuerUrl url;
    private final RollingKeys keys;
    private final Clock clock;
    private final TokenIssuer tokens;
    private final List<IdentityToken> issued = new CopyOnWriteArrayList<>();
    private final Queue<RuntimeException> failures = new ArrayDeque<>();

    private FakeTokenIssuer(IssuerUrl url, SigningAlgorithm algorithm, Clock clock) {
        this.url = url;
        this.keys = new RollingKeys(algorithm);
        this.clock = clock;
        this.tokens = issuer(url, keys, clock);
    }

    /** Returns an issuer of this name, which signs with ES256 and lives by {@code clock}. */
    public static FakeTokenIssuer of(IssuerUrl url, Clock clock) {
        return of(url, SigningAlgorithm.ES256, clock);
    }

    /**
     * Returns an issuer of this name, which signs with {@code algorithm} and lives by {@code clock}.
     *
     * @throws IllegalArgumentException if {@code algorithm} is not {@linkplain SigningAlgorithm#forIssuing() for
     *     issuing}
     */
    public static FakeTokenIssuer of(IssuerUrl url, SigningAlgorithm algorithm, Clock clock) {
        return new FakeTokenIssuer(url, algorithm, clock);
    }

    /** Makes an issuer of these keys, which keeps the loosest rules. */
    static TokenIssuer issuer(IssuerUrl url, SigningKeys keys, Clock clock) {
        return JwtTokenIssuer.builder(url, keys)
                .relyingParties(RelyingPartyRules.vault())
                .clock(clock)
                .build();
    }

    /** Returns the {@code iss} of its tokens. */
    public IssuerUrl url() {
        return url;
    }

    @Override
    public IdentityToken issue(Workload workload, String audience) {
        RuntimeException failure = nextFailure();
        if (failure != null) {
            throw failure;
        }
        IdentityToken token = tokens.issue(workload, audience);
        issued.add(token);
        return token;
    }

    /** Returns the good tokens that it issued, the oldest first. */
    public List<IdentityToken> issued() {
        return List.copyOf(issued);
    }

    @Override
    public Set<Secret> secrets() {
        return issued.stream().map(IdentityToken::compact).collect(Collectors.toSet());
    }

    /** Returns tokens that somebody must refuse. */
    public BadTokens bad() {
        return new BadTokens(url, keys, clock, tokens);
    }

    /** Throws each of {@code failures} at the next call of {@link #issue}, one each. */
    public FakeTokenIssuer failNext(RuntimeException... failures) {
        synchronized (this.failures) {
            this.failures.addAll(List.of(failures));
        }
        return this;
    }

    /** Returns the public half of every key that it publishes. */
    public JwkSet keys() {
        return keys.published();
    }

    /** Signs with a new key from now on, and goes on publishing the old ones. */
    public FakeTokenIssuer rotate() {
        keys.rotate();
        return this;
    }

    /** Publishes the key that signs and no other. Whoever looks at the keys anew refuses tokens of older ones. */
    public FakeTokenIssuer withdrawOldKeys() {
        keys.withdrawOld();
        return this;
    }

    /** Forgets the tokens that it issued and its failures; signs with a new key, and publishes that alone. */
    public void reset() {
        issued.clear();
        synchronized (failures) {
            failures.clear();
        }
        rotate().withdrawOldKeys();
    }

    SigningKeys signingKeys() {
        return keys;
    }

    private @Nullable RuntimeException nextFailure() {
        synchronized (failures) {
            return failures.poll();
        }
    }
}
