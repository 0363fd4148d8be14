package io.dynamiccredentials.testkit;

import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.TokenRejectedException.Reason;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.verify.JwtTokenVerifier;
import io.dynamiccredentials.verify.KeySource;
import io.dynamiccredentials.verify.TokenVerifier;
import io.dynamiccredentials.verify.TrustedIssuer;
import io.dynamiccredentials.verify.VerifiedToken;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A verifier in this process, without HTTP, that trusts a {@link FakeTokenIssuer} and refuses what a test wants it to.
 *
 * <p>It does verify: only a real verifier makes a {@link VerifiedToken}, and a fake that takes any token would let a
 * test pass that must fail. Safe for use by many threads.
 */
public final class FakeTokenVerifier implements TokenVerifier {
    private final TokenVerifier verifier;
    private final List<VerifiedToken> accepted = new CopyOnWriteArrayList<>();
    private final Queue<Reason> refusals = new ArrayDeque<>();

    private FakeTokenVerifier(TokenVerifier verifier) {
        this.verifier = verifier;
    }

    /**
     * Returns a verifier that accepts tokens of {@code issuer} for {@code audience}, as the relying party of that name,
     * and lives by {@code clock}. It sees a rotation of the issuer at once.
     */
    public static FakeTokenVerifier trusting(FakeTokenIssuer issuer, String audience, Clock clock) {
        KeySource keys = keyId -> issuer.keys().find(keyId);
        Set<SigningAlgorithm> algorithms =
                EnumSet.of(issuer.keys().keys().get(0).algorithm());
        return new FakeTokenVerifier(
                JwtTokenVerifier.builder(new TrustedIssuer(issuer.url(), Set.of(audience), algorithms, keys))
                        .clock(clock)
                        .build());
    }

    @Override
    public VerifiedToken verify(String compactToken) {
        Reason refusal = nextRefusal();
        if (refusal != null) {
            throw TokenRejectedException.of(refusal, "The test refuses the token for " + refusal);
        }
        VerifiedToken token = verifier.verify(compactToken);
        accepted.add(token);
        return token;
    }

    /** Returns the tokens that it accepted, the oldest first. */
    public List<VerifiedToken> accepted() {
        return List.copyOf(accepted);
    }

    /** Refuses the next tokens, however good, for these reasons, one each. */
    public FakeTokenVerifier refuseNext(Reason... reasons) {
        synchronized (refusals) {
            refusals.addAll(List.of(reasons));
        }
        return this;
    }

    private @Nullable Reason nextRefusal() {
        synchronized (refusals) {
            return refusals.poll();
        }
    }
}
