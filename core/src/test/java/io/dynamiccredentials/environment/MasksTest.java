package io.dynamiccredentials.environment;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.Secret;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MasksTest {
    private static final String JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJydW4ifQ.c2lnbmF0dXJl-_x";

    @Test
    void mask_fiveThousandSecretsAsLongAsATokensForms_masksTheNewestThreeHundredAndShapes() throws IOException {
        Masks masks = new Masks();
        // As long as a token of 950 characters is in all its forms, with a beginning that they share.
        String beginning = "x".repeat(13_560);
        List<String> secrets =
                IntStream.range(0, 5000).mapToObj(i -> beginning + (i + 10_000)).toList();
        secrets.forEach(secret -> masks.mask("run-1", Set.of(Secret.of(secret))));

        assertThat(masked(masks, String.join(" ", secrets.subList(4700, 5000)) + " " + JWT))
                .isEqualTo("*** ".repeat(300) + "***");
        assertThat(masked(masks, secrets.get(0))).isEqualTo(secrets.get(0));
    }

    @Test
    void mask_moreThanThereIsRoomFor_forgetsTheOldestUnlessItWasAddedAgain() throws IOException {
        Masks masks = new Masks();
        masks.mask("run-1", Set.of(Secret.of("bearer")));
        masks.mask("run-1", Set.of(Secret.of("former")));
        masks.mask("run-1", Set.of(Secret.of("x".repeat((1 << 22) - 1 - 12))));
        assertThat(masks).hasToString("Masks[forms=3]");
        masks.mask("run-1", Set.of(Secret.of("bearer")));
        masks.mask("run-1", Set.of(Secret.of("newest")));

        assertThat(masks).hasToString("Masks[forms=3]");
        masks.mask("run-1", Set.of(Secret.of("newest2")));
        assertThat(masked(masks, "bearer former newest newest2")).isEqualTo("*** former *** ***");
    }

    private static String masked(Masks masks, String text) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (MaskingOutputStream masking = masks.mask(out)) {
            masking.write(text.getBytes(ISO_8859_1));
        }
        return out.toString(ISO_8859_1);
    }
}
