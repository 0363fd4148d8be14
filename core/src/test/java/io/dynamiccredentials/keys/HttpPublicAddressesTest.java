package io.dynamiccredentials.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.IssuerUrl;
import io.dynamiccredentials.fixtures.Answer;
import io.dynamiccredentials.fixtures.ScriptedServer;
import io.dynamiccredentials.jwk.JwkSet;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpPublicAddressesTest {
    private final PublicJwk ours = SigningKey.generate(SigningAlgorithm.ES256).publicJwk();
    private final PublicJwk next = SigningKey.generate(SigningAlgorithm.ES256).publicJwk();
    private final Set<String> expected = Set.of(ours.keyId(), next.keyId());
    private final ScriptedServer main = ScriptedServer.http(this::answer);
    private final IssuerUrl issuer = IssuerUrl.loopback(withoutSlash(main.address()));
    private volatile String keySet = json(ours, next);
    private volatile String keySetAddress = issuer.keySet().toString();

    @AfterEach
    void stop() {
        main.close();
    }

    @Test
    void look_bothAddressesShowAllKeys_seesThemEverywhere() {
        try (ScriptedServer mirror = serving(json(next, ours))) {
            Sighting sighting = look(mirror);

            assertThat(sighting.failures()).isEmpty();
            assertThat(sighting.everywhere()).isEqualTo(expected);
            assertThat(sighting.anywhere()).isEqualTo(expected);
            assertThat(sighting.lookedFor()).isEqualTo(expected);
            assertThat(main.requests()).hasSize(2);
            assertThat(mirror.requests()).hasSize(1);
        }
    }

    @Test
    void look_mirrorLacksAKey_seesItNotEverywhere() {
        try (ScriptedServer mirror = serving(json(ours))) {
            Sighting sighting = look(mirror);

            assertThat(sighting.isComplete()).isTrue();
            assertThat(sighting.everywhere()).containsExactly(ours.keyId());
            assertThat(sighting.anywhere()).isEqualTo(expected);
        }
    }

    @Test
    void look_mirrorIsMissing_saysWhichAddressAndWhy() {
        try (ScriptedServer mirror = ScriptedServer.http(Answer.text(404, "nobody here"))) {
            Sighting sighting = look(mirror);

            assertThat(sighting.isComplete()).isFalse();
            assertThat(sighting.failures())
                    .singleElement()
                    .asString()
                    .startsWith("The key set at " + mirror.address()
                            + " can't be read: HTTP 404 instead of 200. No new key")
                    .contains("assumingPublication()");
        }
    }

    @Test
    void look_answersAreNoKeySets_areFailures() {
        keySet = "{\"keys\":[]}";
        try (ScriptedServer mirror = ScriptedServer.http(Answer.redirect(301, "https://elsewhere.example"))) {
            assertThat(look(mirror).failures()).hasSize(2);
        }
    }

    @Test
    void look_documentNamesAnotherKeySet_isAFailure() {
        keySetAddress = "https://elsewhere.example/jwks";

        assertThat(look().failures())
                .singleElement()
                .asString()
                .contains("it does not name issuer \"" + issuer + "\" with the key set at \"" + issuer.keySet() + "\"");
    }

    @Test
    void look_strangersKeyUnderOurId_isNotOurs() {
        PublicJwk stranger = SigningKey.generate(SigningAlgorithm.ES256).publicJwk();
        keySet = json(stranger).replace(stranger.keyId(), ours.keyId());

        Sighting sighting = look();

        assertThat(sighting.everywhere()).isEmpty();
        assertThat(sighting.anywhere())
                .containsExactly(stranger.keyId() + " (with an id or members that we did not give it)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
                "{\"kty\":\"RSA\",\"alg\":\"RS512\",\"kid\":\"a\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
                "{}",
                "{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"AA\"}"
            })
    void look_entryThatOurVerifierLeavesOut_isForeign(String entry) {
        keySet = json(ours, next).replace("{\"keys\":[", "{\"keys\":[" + entry + ",");

        Sighting sighting = look();

        assertThat(sighting.everywhere()).isEqualTo(expected);
        assertThat(sighting.anywhere()).contains("entry 1 (no key of the kind that we publish)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"key_ops\":[\"verify\"]", "\"x5u\":\"https://elsewhere.example\"", "\"x5c\":[\"AAAA\"]"})
    void look_ourKeyWithAMemberMore_isNotOurs(String member) {
        keySet = json(ours, next).replace("\"kty\"", member + ",\"kty\"");

        assertThat(look().everywhere()).isEmpty();
    }

    private Sighting look(ScriptedServer... mirrors) {
        List<URI> addresses = Stream.of(mirrors).map(ScriptedServer::address).toList();
        return new HttpPublicAddresses(
                        issuer, addresses, BoundedHttpClient.builder().build())
                .look(expected);
    }

    private Answer answer(ScriptedServer.Request request) {
        boolean document = request.path().endsWith("openid-configuration");
        return Answer.json(
                200, document ? "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + keySetAddress + "\"}" : keySet);
    }

    private static ScriptedServer serving(String json) {
        return ScriptedServer.http(Answer.json(200, json));
    }

    private static String json(PublicJwk... keys) {
        return new JwkSet(List.of(keys)).toJson();
    }

    private static String withoutSlash(URI address) {
        return address.toString().replaceAll("/$", "");
    }
}
