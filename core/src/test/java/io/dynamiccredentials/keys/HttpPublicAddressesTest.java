package io.dynamiccredentials.keys;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;

class HttpPublicAddressesTest {
    private final PublicJwk ours = SigningKey.generate(SigningAlgorithm.ES256).publicJwk();
    private final PublicJwk next = SigningKey.generate(SigningAlgorithm.ES256).publicJwk();
    private final Set<String> expected = Set.of(ours.keyId(), next.keyId());

    @Test
    void look_bothAddressesShowAllKeys_seesThemEverywhere() {
        try (ScriptedServer main = serving(ours, next);
                ScriptedServer mirror = serving(next, ours)) {
            Sighting sighting = look(main, mirror);

            assertThat(sighting.isComplete()).isTrue();
            assertThat(sighting.everywhere()).isEqualTo(expected);
            assertThat(main.requests()).hasSize(1);
        }
    }

    @Test
    void look_mirrorLacksAKey_seesItNotEverywhere() {
        try (ScriptedServer main = serving(ours, next);
                ScriptedServer mirror = serving(ours)) {
            Sighting sighting = look(main, mirror);

            assertThat(sighting.isComplete()).isTrue();
            assertThat(sighting.everywhere()).containsExactly(ours.keyId());
            assertThat(sighting.anywhere()).isEqualTo(expected);
        }
    }

    @Test
    void look_mirrorIsMissing_saysWhichAddressAndWhy() {
        try (ScriptedServer main = serving(ours, next);
                ScriptedServer mirror = ScriptedServer.http(Answer.text(404, "nobody here"))) {
            Sighting sighting = look(main, mirror);

            assertThat(sighting.isComplete()).isFalse();
            assertThat(sighting.failures())
                    .containsExactly("The key set at " + mirror.address() + " can't be read: HTTP 404 instead of 200. "
                            + "No new key will sign until it can");
        }
    }

    @Test
    void look_answerIsNoKeySet_isAFailure() {
        try (ScriptedServer main = ScriptedServer.http(Answer.json(200, "{\"keys\":[]}"));
                ScriptedServer mirror = ScriptedServer.http(Answer.redirect(301, "https://elsewhere.example"))) {
            assertThat(look(main, mirror).failures()).hasSize(2);
        }
    }

    @Test
    void look_strangersKeyUnderOurId_isNotOurs() {
        PublicJwk stranger = SigningKey.generate(SigningAlgorithm.ES256).publicJwk();
        String forged = new JwkSet(List.of(stranger)).toJson().replace(stranger.keyId(), ours.keyId());
        try (ScriptedServer main = ScriptedServer.http(Answer.json(200, forged))) {
            Sighting sighting = look(main);

            assertThat(sighting.everywhere()).isEmpty();
            assertThat(sighting.anywhere()).containsExactly(stranger.keyId() + " (under another id)");
        }
    }

    private Sighting look(ScriptedServer... servers) {
        List<URI> addresses = Stream.of(servers).map(ScriptedServer::address).toList();
        return new HttpPublicAddresses(addresses, BoundedHttpClient.builder().build()).look(expected);
    }

    private static ScriptedServer serving(PublicJwk... keys) {
        return ScriptedServer.http(Answer.json(200, new JwkSet(List.of(keys)).toJson()));
    }
}
