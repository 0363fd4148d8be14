package io.dynamiccredentials.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.jwk.JwkSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.provider.MethodSource;

/** Documents of an issuer made of any bytes. */
class DocumentFuzzTest {
    private static final IssuerUrl ISSUER = IssuerUrl.of(Trial.ISSUER);
    private static final byte[] INPUT = {1, 2, 3};

    @MethodSource("keySets")
    @FuzzTest(maxDuration = "10m")
    void keySet(byte[] json) {
        JwkSet keys;
        try {
            keys = JwkSet.parse(new String(json, UTF_8));
        } catch (IllegalArgumentException e) {
            FuzzChecks.requireFit(String.valueOf(e.getMessage()));
            return;
        }
        assertThat(JwkSet.parse(keys.toJson()).toJson()).isEqualTo(keys.toJson());
        keys.keys().forEach(key -> {
            assertThat(keys.find(key.keyId())).contains(key);
            assertThat(Signatures.verify(key, INPUT, new byte[64])).isFalse();
        });
    }

    @MethodSource("discoveryDocuments")
    @FuzzTest(maxDuration = "10m")
    void discovery(byte[] json) {
        try {
            DiscoveryMetadata found = DiscoveryMetadata.parse(new String(json, UTF_8), ISSUER);

            assertThat(found.jwksUri().getScheme()).isEqualToIgnoringCase("https");
            assertThat(found.jwksUri().getHost()).isNotEmpty();
            assertThat(found.jwksUri().getUserInfo()).isNull();
        } catch (IllegalArgumentException e) {
            FuzzChecks.requireFit(String.valueOf(e.getMessage()));
        }
    }

    static Stream<byte[]> keySets() {
        Stream<String> weak = StreamSupport.stream(WeakKey.ids().spliterator(), false)
                .map(WeakKey::document)
                .filter(json -> json.length() < 2048);
        return Stream.concat(
                        Stream.of(Trial.KEYS.toJson(), "{\"keys\":[]}", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}"),
                        weak)
                .map(json -> json.getBytes(UTF_8));
    }

    static Stream<byte[]> discoveryDocuments() {
        return Stream.of(
                        "https://ci.example/jwks",
                        "HTTPS://ci.example:8443/a?b=c#d",
                        "http://ci.example/jwks",
                        "https://user@ci.example/jwks",
                        "https:///jwks",
                        "jwks",
                        "")
                .map(uri -> "{\"issuer\":\"" + ISSUER + "\",\"jwks_uri\":\"" + uri + "\",\"x\":[{}]}")
                .map(json -> json.getBytes(UTF_8));
    }
}
