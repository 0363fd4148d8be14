package io.dynamiccredentials.verify;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.Ed25519Verifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.dynamiccredentials.TokenRejectedException;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jose4j.lang.JoseException;

/** What a verifier takes a token of {@link Trial#ISSUER} to say; empty if it refuses the token. */
@FunctionalInterface
interface Opinion {
    int SKEW = 60;

    Optional<Said> of(String token);

    /** What a token says. */
    record Said(String issuer, String subject, Set<String> audiences, String tokenId, long issuedAt, long endsAt) {}

    /** Returns the opinion of our own verifier. */
    static Opinion ours() {
        JwtTokenVerifier verifier = JwtTokenVerifier.builder(Trial.issuer(
                        Trial.ISSUER, Trial.AUDIENCE, KeySource.of(Trial.KEYS), SigningAlgorithm.forIssuing()))
                .clock(Trial.CLOCK)
                .build();
        return token -> {
            try {
                VerifiedToken said = verifier.verify(token);
                return Optional.of(new Said(
                        said.issuer(),
                        said.subject(),
                        said.audiences(),
                        said.tokenId().orElse(""),
                        said.issuedAt().getEpochSecond(),
                        said.expiresAt().getEpochSecond()));
            } catch (TokenRejectedException e) {
                return Optional.empty();
            }
        };
    }

    /** Returns the opinion of jose4j. */
    static Opinion jose4j() {
        JwtConsumer consumer = new JwtConsumerBuilder()
                .setJwsAlgorithmConstraints(AlgorithmConstraints.ConstraintType.PERMIT, "RS256", "ES256", "EdDSA")
                .setVerificationKeyResolver(jose4jKeys())
                .setExpectedIssuer(true, Trial.ISSUER)
                .setExpectedAudience(true, Trial.AUDIENCE)
                .setRequireSubject()
                .setRequireExpirationTime()
                .setRequireIssuedAt()
                .setAllowedClockSkewInSeconds(SKEW)
                .setEvaluationTime(NumericDate.fromSeconds(Trial.NOW))
                .build();
        return token -> {
            try {
                JwtClaims claims = consumer.processToClaims(token);
                return Optional.of(new Said(
                        claims.getIssuer(),
                        claims.getSubject(),
                        new HashSet<>(claims.getAudience()),
                        claims.hasClaim("jti") ? claims.getJwtId() : "",
                        claims.getIssuedAt().getValue(),
                        claims.getExpirationTime().getValue()));
            } catch (InvalidJwtException | MalformedClaimException e) {
                return Optional.empty();
            }
        };
    }

    /** Returns the opinion of Nimbus. */
    static Opinion nimbus() {
        JWKSet keys = nimbusKeys();
        DefaultJWTClaimsVerifier<SecurityContext> rules = nimbusRules();
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(
                Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256), new ImmutableJWKSet<>(keys)));
        processor.setJWTClaimsSetVerifier(rules);
        return token -> {
            try {
                SignedJWT jwt = SignedJWT.parse(token);
                return Optional.of(said(
                        jwt.getHeader().getAlgorithm().equals(JWSAlgorithm.EdDSA)
                                ? edwards(jwt, keys, rules)
                                : processor.process(jwt, null)));
            } catch (ParseException | BadJOSEException | JOSEException | NullPointerException e) {
                // Nimbus has no other answer than the last of these to a payload that is the JSON text null.
                return Optional.empty();
            }
        };
    }

    private static JwksVerificationKeyResolver jose4jKeys() {
        try {
            return new JwksVerificationKeyResolver(new JsonWebKeySet(Trial.KEYS.toJson()).getJsonWebKeys());
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JWKSet nimbusKeys() {
        try {
            return JWKSet.parse(Trial.KEYS.toJson());
        } catch (ParseException e) {
            throw new IllegalStateException(e);
        }
    }

    private static DefaultJWTClaimsVerifier<SecurityContext> nimbusRules() {
        DefaultJWTClaimsVerifier<SecurityContext> rules =
                new DefaultJWTClaimsVerifier<>(
                        Trial.AUDIENCE,
                        new JWTClaimsSet.Builder().issuer(Trial.ISSUER).build(),
                        Set.of("sub", "iat", "exp")) {
                    @Override
                    protected Date currentTime() {
                        return Date.from(Instant.ofEpochSecond(Trial.NOW));
                    }
                };
        // Nimbus counts the edge of the skew out where nbf is concerned, everybody else in.
        rules.setMaxClockSkew(SKEW + 1);
        return rules;
    }

    /** Does what the processor does, whose keys are those of the JDK's types: Nimbus has no such for Ed25519. */
    private static JWTClaimsSet edwards(SignedJWT jwt, JWKSet keys, DefaultJWTClaimsVerifier<SecurityContext> rules)
            throws JOSEException, ParseException, BadJOSEException {
        JWK key = keys.getKeyByKeyId(jwt.getHeader().getKeyID());
        if (key == null
                || !JWSAlgorithm.EdDSA.equals(key.getAlgorithm())
                || !jwt.verify(new Ed25519Verifier(key.toOctetKeyPair().toPublicJWK()))) {
            throw new BadJOSEException("no key or another signature");
        }
        rules.verify(jwt.getJWTClaimsSet(), null);
        return jwt.getJWTClaimsSet();
    }

    private static Said said(JWTClaimsSet claims) {
        return new Said(
                claims.getIssuer(),
                claims.getSubject(),
                new HashSet<>(claims.getAudience()),
                claims.getJWTID() == null ? "" : claims.getJWTID(),
                claims.getIssueTime().toInstant().getEpochSecond(),
                claims.getExpirationTime().toInstant().getEpochSecond());
    }
}
