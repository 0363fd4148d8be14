package io.dynamiccredentials.vault;

import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.Signer;
import io.dynamiccredentials.wire.UntrustedText;
import java.security.interfaces.RSAKey;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** Signs with one version of a transit key. Safe for use by many threads. */
final class TransitSigner implements Signer {
    /** R and S (RFC 7518, section 3.4). */
    private static final int ES256_BYTES = 64;

    private final TransitKeyClient client;
    private final int version;
    private final boolean rsa;
    private final int signatureBytes;

    TransitSigner(TransitKeyClient client, PublicJwk publicJwk, int version) {
        this.client = client;
        this.version = version;
        this.rsa = publicJwk.algorithm() == SigningAlgorithm.RS256;
        this.signatureBytes =
                publicJwk.publicKey() instanceof RSAKey key ? (key.getModulus().bitLength() + 7) / 8 : ES256_BYTES;
    }

    @Override
    public byte[] sign(byte[] signingInput) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("input", Base64.getEncoder().encodeToString(signingInput));
        // Fixed, or Vault takes the newest version the moment that another node rotates.
        request.put("key_version", version);
        request.put("hash_algorithm", "sha2-256");
        if (rsa) {
            request.put("signature_algorithm", "pkcs1v15");
        } else {
            request.put("marshaling_algorithm", "jws");
        }
        return decode(client.sign(version, request));
    }

    private byte[] decode(String signature) {
        String prefix = "vault:v" + version + ":";
        if (!signature.startsWith(prefix)) {
            throw failure("it is of another version: it begins with "
                    + UntrustedText.quote(signature.substring(0, Math.min(prefix.length(), signature.length())))
                    + ", expected \"" + prefix + "\"");
        }
        byte[] bytes;
        try {
            // Vault encodes as it marshals: base64url for jws, standard base64 for everything else.
            Base64.Decoder decoder = rsa ? Base64.getDecoder() : Base64.getUrlDecoder();
            bytes = decoder.decode(signature.substring(prefix.length()));
        } catch (IllegalArgumentException e) {
            throw failure("it is not in base64" + (rsa ? "" : "url, as marshaling_algorithm=jws asks for"));
        }
        if (bytes.length != signatureBytes) {
            throw failure("it has " + bytes.length + " bytes, expected " + signatureBytes);
        }
        return bytes;
    }

    private IllegalStateException failure(String why) {
        return client.failure("the signature of version " + version, why, VaultFailures.CHECK_ADDRESS);
    }
}
