package io.dynamiccredentials.testkit.aws;

import static io.dynamiccredentials.testkit.aws.StsRefusedException.invalidToken;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.testkit.IssuerKeys;
import io.dynamiccredentials.testkit.IssuerKeys.Documents;
import io.dynamiccredentials.testkit.ReceivedToken;
import java.io.ByteArrayInputStream;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;

/**
 * The keys of issuers as STS reads them, and whether one of them signed a token. It goes by less than RFC 7517 says,
 * and by more: {@code alg} of a key is nothing to it, and a key with {@code key_ops} is none.
 */
final class StsKeys {
    private static final String NO_KEY = "Couldn't retrieve verification key from your identity provider,  please "
            + "reference AssumeRoleWithWebIdentity documentation for requirements";
    private static final int MAX_KEYS_OF_A_KIND = 100;
    private static final Set<SigningAlgorithm> ALGORITHMS = Set.of(
            SigningAlgorithm.RS256,
            SigningAlgorithm.RS384,
            SigningAlgorithm.RS512,
            SigningAlgorithm.ES256,
            SigningAlgorithm.ES384,
            SigningAlgorithm.ES512);
    private static final List<String> IN_DISCOVERY =
            List.of("response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported");

    private final IssuerKeys issuers;

    StsKeys(IssuerKeys issuers) {
        this.issuers = issuers;
    }

    /** Returns the algorithm of a token, if STS has it. */
    static Optional<SigningAlgorithm> algorithm(ReceivedToken token) {
        return SigningAlgorithm.parse(token.algorithm()).filter(ALGORITHMS::contains);
    }

    /**
     * Checks that a key of {@code issuer} signed {@code token}. STS was seen to notice changed keys within a second.
     */
    void requireSignature(ReceivedToken token, IssuerUrl issuer) {
        PublicJwk key = issuers.documents(issuer, known -> false)
                .flatMap(documents -> key(documents, token))
                .orElseThrow(() -> invalidToken(NO_KEY));
        if (!token.isSignedBy(key)) {
            // The text is not known.
            throw invalidToken(StsClaims.NOT_VALID);
        }
    }

    private static Optional<PublicJwk> key(Documents documents, ReceivedToken token) {
        boolean complete = IN_DISCOVERY.stream()
                .allMatch(name -> documents.discovery().path(name).isArray());
        JsonNode keys = documents.keySet().path("keys");
        return complete && keys.isArray()
                ? algorithm(token)
                        .flatMap(
                                algorithm -> named(keys, token, kind(algorithm)).flatMap(jwk -> usable(jwk, algorithm)))
                : Optional.empty();
    }

    private static String kind(SigningAlgorithm algorithm) {
        return algorithm.jwsName().startsWith("RS") ? "RSA" : "EC";
    }

    /** Finds the key that a token names: the last one of that id, as somebody saw the real STS do. */
    private static Optional<JsonNode> named(JsonNode keys, ReceivedToken token, String kind) {
        int ofKind = 0;
        Optional<JsonNode> last = Optional.empty();
        for (JsonNode key : keys) {
            ofKind += key.path("kty").asText().equals(kind) ? 1 : 0;
            if (isNamed(key, token, keys.size() == 1)) {
                last = Optional.of(key);
            }
        }
        return ofKind > MAX_KEYS_OF_A_KIND
                ? Optional.empty()
                : last.filter(key -> key.path("kty").asText().equals(kind));
    }

    // An emulator takes the only key of a set for any id. That would be laxer than what users of the real one report.
    private static boolean isNamed(JsonNode key, ReceivedToken token, boolean only) {
        JsonNode keyId = key.path("kid");
        JsonNode wanted = token.header().path("kid");
        return keyId.isTextual() && (wanted.isMissingNode() ? only : wanted.equals(keyId));
    }

    private static Optional<PublicJwk> usable(JsonNode jwk, SigningAlgorithm algorithm) {
        boolean forSignatures = !jwk.has("use") || jwk.path("use").asText().equals("sig");
        if (!forSignatures || jwk.has("key_ops")) {
            return Optional.empty();
        }
        try {
            PublicKey key = PublicJsonWebKey.Factory.newPublicJwk(numbers(jwk)).getPublicKey();
            return isCertified(jwk, key) ? Optional.of(PublicJwk.of(key, algorithm)) : Optional.empty();
        } catch (JoseException | CertificateException | RuntimeException e) {
            // A key that can't be read is none; jose4j has more ways to fail than it declares.
            return Optional.empty();
        }
    }

    private static Map<String, Object> numbers(JsonNode jwk) {
        Map<String, Object> numbers = new LinkedHashMap<>();
        for (String name : List.of("kty", "n", "e", "crv", "x", "y")) {
            if (jwk.path(name).isTextual()) {
                numbers.put(name, jwk.path(name).textValue());
            }
        }
        return numbers;
    }

    /** Tells whether the certificate of a key, if it has one, is of that key. */
    private static boolean isCertified(JsonNode jwk, PublicKey key) throws CertificateException {
        if (!jwk.has("x5c")) {
            return true;
        }
        byte[] certificate = Base64.getDecoder().decode(jwk.path("x5c").path(0).asText());
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(certificate))
                .getPublicKey()
                .equals(key);
    }
}
