package io.dynamiccredentials.testkit.contract;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.Signer;
import io.dynamiccredentials.keys.SigningKey;
import io.dynamiccredentials.keys.SigningKeys;
import io.dynamiccredentials.testkit.FakeCredentialExchanger;
import io.dynamiccredentials.testkit.FakeCredentials;
import io.dynamiccredentials.testkit.FakeProvider;
import io.dynamiccredentials.testkit.FakeTokenIssuer;
import io.dynamiccredentials.testkit.FakeTokenVerifier;
import io.dynamiccredentials.testkit.SecretSource;
import io.dynamiccredentials.testkit.TestIssuer;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.JwtTokenIssuer;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.verify.JwtTokenVerifier;
import io.dynamiccredentials.verify.KeySource;
import io.dynamiccredentials.verify.TokenVerifier;
import io.dynamiccredentials.verify.TrustedIssuer;
import io.dynamiccredentials.workload.TerraformRun;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/** The contracts, held by the issuers, verifiers and signers of core, and by the fakes that need no HTTP. */
class ContractsTest {
    private static final IssuerUrl URL = IssuerUrl.of("https://ci.example");

    @Nested
    class OfJwtTokenIssuer extends TokenIssuerContract {
        private final SigningKeys keys = SigningKeys.generate(SigningAlgorithm.RS256);

        @Override
        protected TokenIssuer issuer() {
            return JwtTokenIssuer.builder(URL, keys).clock(clock).build();
        }

        @Override
        protected String issuerName() {
            return URL.value();
        }

        @Override
        protected JwkSet publishedKeys() {
            return keys.published();
        }
    }

    @Nested
    class OfFakeTokenIssuer extends TokenIssuerContract {
        private final FakeTokenIssuer issuer = FakeTokenIssuer.of(URL, clock);

        @Override
        protected TokenIssuer issuer() {
            return issuer;
        }

        @Override
        protected String issuerName() {
            return URL.value();
        }

        @Override
        protected JwkSet publishedKeys() {
            return issuer.keys();
        }
    }

    @Nested
    class OfTestIssuer extends TokenIssuerContract {
        private final TestIssuer issuer = TestIssuer.start(clock);

        @AfterEach
        void stop() {
            issuer.close();
        }

        @Override
        protected TokenIssuer issuer() {
            return issuer;
        }

        @Override
        protected String issuerName() {
            return issuer.url().value();
        }

        @Override
        protected JwkSet publishedKeys() {
            return new JwkSet(List.of(issuer.publicJwk()));
        }
    }

    @Nested
    class OfJwtTokenVerifier extends TokenVerifierContract {
        @Override
        protected TokenVerifier verifier(FakeTokenIssuer issuer, Clock clock) {
            KeySource keys = keyId -> issuer.keys().find(keyId);
            return JwtTokenVerifier.builder(
                            new TrustedIssuer(issuer.url(), Set.of(AUDIENCE), Set.of(algorithm()), keys))
                    .clock(clock)
                    .build();
        }
    }

    @Nested
    class OfJwtTokenVerifierOfRs256 extends OfJwtTokenVerifier {
        @Override
        protected SigningAlgorithm algorithm() {
            return SigningAlgorithm.RS256;
        }
    }

    @Nested
    class OfFakeTokenVerifier extends TokenVerifierContract {
        @Override
        protected TokenVerifier verifier(FakeTokenIssuer issuer, Clock clock) {
            return FakeTokenVerifier.trusting(issuer, AUDIENCE, clock);
        }
    }

    @Nested
    class OfSigningKey extends SignerContract {
        private final SigningKey key = SigningKey.generate(SigningAlgorithm.EDDSA);

        @Override
        protected Signer signer() {
            return key::sign;
        }

        @Override
        protected PublicJwk publicJwk() {
            return key.publicJwk();
        }
    }

    @Nested
    class OfFakeCredentialExchanger extends CredentialExchangerContract<FakeCredentials> {
        private final TerraformRun run =
                TerraformRun.builder("acme", "shop", "prod", "run-1").build();
        private final FakeTokenIssuer issuer = FakeTokenIssuer.of(URL, clock);
        private final FakeCredentialExchanger exchanger = FakeCredentialExchanger.of("Acme", "acme", clock)
                .trustingOnly(token -> token.subject().equals(run.subject()))
                .renewable();

        @Override
        protected CredentialExchanger<FakeCredentials> exchanger() {
            return exchanger;
        }

        @Override
        protected CredentialExchanger<FakeCredentials> unreachable() {
            return FakeCredentialExchanger.of("Acme", "acme", clock).unreachableNext(1);
        }

        @Override
        protected IdentityToken goodToken(String audience) {
            return issuer.issue(run, audience);
        }

        @Override
        protected IdentityToken badToken(String audience) {
            return issuer.issue(
                    TerraformRun.builder("acme", "bank", "prod", "run-1").build(), audience);
        }

        @Override
        protected boolean honours(FakeCredentials credentials) {
            return exchanger.live().stream().anyMatch(live -> live.principal().equals(credentials.principal()));
        }
    }

    @Nested
    class OfFakeCredentialExchangerThatCantRevoke extends OfFakeCredentialExchanger {
        OfFakeCredentialExchangerThatCantRevoke() {
            super.exchanger.notRevocable();
        }
    }

    @Nested
    class OfFakeProvider extends CredentialProviderContract {
        private final FakeTokenIssuer issuer = FakeTokenIssuer.of(URL, clock);
        private final FakeCredentialExchanger platform = FakeCredentialExchanger.of("Acme", "acme", clock);

        @Override
        protected CredentialProvider provider() {
            return FakeProvider.of(platform);
        }

        @Override
        protected SecretSource secrets() {
            return platform;
        }

        @Override
        protected TokenIssuer issuer() {
            return issuer;
        }

        @Override
        protected Map<String, String> variables() {
            return Map.of("TFC_FAKE_PROVIDER_AUTH", "true");
        }
    }
}
