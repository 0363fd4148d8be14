package io.dynamiccredentials.discovery;

import io.dynamiccredentials.jwk.PublicJwk;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Adds to a published key the certificates that the host has for it (RFC 7517, section 4.7). Immutable.
 *
 * @param source the host's function from a key to its chain, leaf first, or to an empty list
 */
record CertificateChains(Function<PublicJwk, List<X509Certificate>> source) {

    /** Returns the members of {@code key}, with {@code x5c} if the host has a chain for it. */
    Map<String, Object> members(PublicJwk key) {
        List<X509Certificate> chain = List.copyOf(source.apply(key));
        if (chain.isEmpty()) {
            return key.members();
        }
        requireLeaf(key, chain.get(0));
        requireOrder(key, chain);
        Map<String, Object> members = new LinkedHashMap<>(key.members());
        members.put("x5c", chain.stream().map(CertificateChains::encode).toList());
        return members;
    }

    private static void requireLeaf(PublicJwk key, X509Certificate leaf) {
        if (!holds(leaf, key)) {
            throw new IllegalArgumentException("The first certificate for key \"" + key.keyId()
                    + "\" must hold exactly that public key; \"" + leaf.getSubjectX500Principal()
                    + "\" holds another. Give each key its own chain, leaf first, or an empty list");
        }
    }

    /** Compares by thumbprint, since two encodings of a public key may say the same (RFC 7638). */
    private static boolean holds(X509Certificate leaf, PublicJwk key) {
        try {
            return thumbprint(leaf.getPublicKey(), key).equals(thumbprint(key.publicKey(), key));
        } catch (IllegalArgumentException e) {
            // A key of another kind, or too weak to be published.
            return false;
        }
    }

    private static String thumbprint(PublicKey publicKey, PublicJwk key) {
        return PublicJwk.of(publicKey, key.algorithm()).keyId();
    }

    private static void requireOrder(PublicJwk key, List<X509Certificate> chain) {
        for (int i = 1; i < chain.size(); i++) {
            X509Certificate certificate = chain.get(i - 1);
            try {
                certificate.verify(chain.get(i).getPublicKey());
            } catch (GeneralSecurityException e) {
                throw new IllegalArgumentException(
                        "Each certificate for key \"" + key.keyId() + "\" must be signed by the next; \""
                                + certificate.getSubjectX500Principal() + "\" is not signed by \""
                                + chain.get(i).getSubjectX500Principal() + "\". Give the chain leaf first",
                        e);
            }
        }
    }

    /** Standard base64 of the DER bytes, not base64url. */
    private static String encode(X509Certificate certificate) {
        try {
            return Base64.getEncoder().encodeToString(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException(
                    "The certificate \"" + certificate.getSubjectX500Principal() + "\" can't be encoded", e);
        }
    }
}
