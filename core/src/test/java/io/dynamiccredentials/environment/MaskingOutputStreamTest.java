package io.dynamiccredentials.environment;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaskingOutputStreamTest {
    private static final String JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJydW4ifQ.c2lnbmF0dXJl-_x";

    private final Masks masks = new Masks();
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final MaskingOutputStream stream = masks.mask(log);

    private void secrets(String... secrets) {
        masks.mask("run-1", Stream.of(secrets).map(Secret::of).collect(Collectors.toSet()));
    }

    private void print(String text) throws IOException {
        stream.write(text.getBytes(UTF_8));
    }

    private String log() {
        return log.toString(UTF_8);
    }

    private String masked(String text) throws IOException {
        print(text);
        stream.close();
        return log();
    }

    /** Writes byte by byte, and checks that nothing changes by that. */
    private String maskedByteByByte(String text) throws IOException {
        for (byte b : text.getBytes(UTF_8)) {
            stream.write(b);
            stream.flush();
        }
        stream.close();
        return log();
    }

    @ParameterizedTest
    @CsvSource({
        "the secret1 is out, the *** is out",
        "secret1, ***",
        "secret, secret",
        "sesecret1, se***",
        "secret1secret1, ***",
        "secret1 secret1, *** ***",
        "'secret2', 'secret2'",
        "SECRET1, SECRET1",
        "'', ''",
    })
    void write_aSecret_isMaskedAndNothingAroundIt(String text, String expected) throws IOException {
        secrets("secret1");

        assertThat(maskedByteByByte(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "abcdefg, ***", // overlapping
        "abcdef, ***",
        "bcdefg, ***",
        "abcde, abcde",
        "xabcdefghijk, x***jk", // one within the other
        "cdefghi, ***",
        "abcdef-bcdefg, ***-***",
        "abcdefghix, ***x",
        "abcdefghx, ***hx",
    })
    void write_secretsThatOverlap_areOneMask(String text, String expected) throws IOException {
        secrets("abcdef", "bcdefg", "cdefghi", "abcdefghi");

        assertThat(maskedByteByByte(text)).isEqualTo(expected);
    }

    @Test
    void write_aSecretThatIsTheEndOfAnother_isMaskedInBoth() throws IOException {
        secrets("prefix-secret", "secret");

        assertThat(masked("prefix-secret, prefix-secre, a secret, prefix-x secret"))
                .isEqualTo("***, prefix-secre, a ***, prefix-x ***");
    }

    @Test
    void write_aSecretInsideABrokenLongerOne_isMasked() throws IOException {
        secrets("begin-secret-end", "secret");

        assertThat(maskedByteByByte("begin-secret-enough")).isEqualTo("begin-***-enough");
    }

    @Test
    void flush_whatMayBeASecret_holdsNoMore() throws IOException {
        secrets("secret1");

        print("password: secre");
        stream.flush();
        assertThat(log()).isEqualTo("password: ");
        print("t");
        assertThat(log()).isEqualTo("password: ");
        print("s");
        assertThat(log()).isEqualTo("password: secret");
        print("!");
        assertThat(log()).isEqualTo("password: secrets!");
    }

    @Test
    void write_aWholeSecret_isMaskedAtOnce() throws IOException {
        secrets("secret1", "secret1-and-more");

        print("secret1");

        assertThat(log()).isEqualTo("***");
        assertThat(masked("-and-moreover")).isEqualTo("***over");
    }

    @Test
    void close_aBeginning_letsItThrough() throws IOException {
        secrets("secret1");

        assertThat(masked("secret")).isEqualTo("secret");
    }

    @Test
    void close_twice_isQuietAndWriteFails() throws IOException {
        stream.close();
        stream.close();

        assertThatThrownBy(() -> stream.write(1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void write_bytesThatAreNoText_passAsTheyAre() throws IOException {
        secrets("geheimnis-ä", "\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac");
        byte[] all = new byte[1024];
        new Random(1).nextBytes(all);

        for (byte b : all) {
            stream.write(b);
        }
        stream.write("geheimnis-ä".getBytes(UTF_8));
        stream.write("geheimnis-ä".getBytes(ISO_8859_1));
        stream.close();

        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.write(all);
        expected.write("***".getBytes(UTF_8));
        expected.write("geheimnis-ä".getBytes(ISO_8859_1));
        assertThat(log.toByteArray()).isEqualTo(expected.toByteArray());
    }

    @Test
    void mask_whileABeginningIsHeld_countsForIt() throws IOException {
        secrets("secret-old");
        print("x secret-");

        secrets("secret-new", "ret-now");

        print("new secret-now secret-old");
        stream.close();
        assertThat(log()).isEqualTo("x *** sec*** ***");
    }

    @Test
    void mask_whileAMaskedOneMayGoOn_staysOneMask() throws IOException {
        secrets("secret1", "secret1-and-more");
        print("secret1-and");

        secrets("1-and-last");

        print("-last.");
        stream.close();
        assertThat(log()).isEqualTo("***.");
    }

    @Test
    void mask_shorterThanSix_isRefused() {
        assertThatThrownBy(() -> secrets("12345"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 6")
                .hasMessageContaining("had 5")
                .hasMessageNotContaining("12345");
    }

    @Test
    void mask_moreThanMemoryHolds_isRefusedAndAddsNothing() throws IOException {
        secrets("secret1");

        assertThatThrownBy(() -> secrets("secret2", "x".repeat(1 << 24)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("16777215");
        assertThat(masked("secret1 secret2")).isEqualTo("*** secret2");
    }

    @Test
    void toString_hasNoSecret() {
        secrets("secret1");

        assertThat(masks).hasToString("Masks[forms=1]");
    }

    @Test
    void write_aJwt_isMaskedThoughNobodyKnowsIt() throws IOException {
        assertThat(maskedByteByByte("token=" + JWT + "; next " + JWT + ".")).isEqualTo("token=***; next ***.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "eyJhbGciOiJSUzI1NiJ9",
                "eyJhbGciOiJSUzI1NiJ9.",
                "eyJhbGciOiJSUzI1NiJ9.abc.def",
                "eyJhbGciOiJSUzI1NiJ9.eyXz.def",
                "eyJhbGci OiJ9.eyJzdWIi",
                "eyeyeJ.eyJ",
                "eyJ.ey",
                "key keyboard eye",
            })
    void write_whatIsNoJwt_passes(String text) throws IOException {
        assertThat(maskedByteByByte(text)).isEqualTo(text);
    }

    @Test
    void write_aJwtAfterABrokenOne_isMasked() throws IOException {
        assertThat(maskedByteByByte("eyeyJa.ey" + JWT + " eyJ.e" + JWT)).isEqualTo("eyeyJa.ey*** eyJ.e***");
    }

    @Test
    void write_aHeaderOfJwtWithoutEnd_isHeldWithinABound() throws IOException {
        print("eyJ" + "a".repeat(3000));

        assertThat(log.size()).isEqualTo(3003);
    }

    @ParameterizedTest
    @CsvSource({
        "id ASIAIOSFODNN7EXAMPLE., id ***.",
        "AKIAIOSFODNN7EXAMPLE, ***",
        "AAKIAIOSFODNN7EXAMPLE, A***",
        "ASASIAIOSFODNN7EXAMPLE, AS***",
        "AKIAIOSFODNN7EXAMPL, AKIAIOSFODNN7EXAMPL",
        "AKIAIOSFODNN7exAMPLE, AKIAIOSFODNN7exAMPLE",
        "AKIAIOSFODNN7EXAMPLEANDMORE+, ***+",
        "AROAIOSFODNN7EXAMPLE, AROAIOSFODNN7EXAMPLE",
    })
    void write_idsOfAwsKeys_areMasked(String text, String expected) throws IOException {
        assertThat(maskedByteByByte(text)).isEqualTo(expected);
    }

    @Test
    void write_tenThousandSecretsInAllFormsAndAnyPieces_areMaskedAndNothingElse() throws IOException {
        Random random = new Random(20240517);
        for (int batch = 0; batch < 200; batch++) {
            Masks many = new Masks();
            List<String> printed = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                Set<Secret> forms = SecretForms.of(Secret.of(randomSecret(random)));
                many.mask("run", forms);
                forms.forEach(form -> printed.add(form.reveal()));
            }
            assertMasked(many, printed, random);
        }
    }

    private static void assertMasked(Masks masks, List<String> secrets, Random random) throws IOException {
        StringBuilder text = new StringBuilder();
        StringBuilder expected = new StringBuilder();
        for (String secret : secrets) {
            // A character that no secret has, at each end, so that none goes over into the filling.
            String filling = "\u00b6" + ":".repeat(random.nextInt(5)) + "\u00b6";
            text.append(filling).append(secret);
            expected.append(filling).append("***");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] bytes = text.toString().getBytes(UTF_8);
        try (MaskingOutputStream masking = masks.mask(out)) {
            for (int at = 0; at < bytes.length; ) {
                int length = Math.min(bytes.length - at, random.nextInt(40));
                masking.write(bytes, at, length);
                at += length;
            }
        }
        assertThat(out.toString(UTF_8).equals(expected.toString()))
                .as("all of %d forms masked", secrets.size())
                .isTrue();
    }

    /** Long enough that no form of one is found in another by chance, so that each has its mask. */
    private static String randomSecret(Random random) {
        String alphabet = random.nextBoolean() ? "abcdefgABCDEFG0123456789-_" : "abcABC012 <>&'\"\\/+=$`!\u00e4\u20ac";
        return random.ints(20 + random.nextInt(16), 0, alphabet.length())
                .mapToObj(i -> String.valueOf(alphabet.charAt(i)))
                .collect(Collectors.joining("s", "S", "S"));
    }

    @Test
    void cursor_whateverTheDataAndThePatterns_takesSteps_inProportionToTheData() {
        List<byte[]> patterns = new ArrayList<>();
        for (int i = 1; i < 300; i++) {
            patterns.add(("a".repeat(i) + "b").getBytes(UTF_8));
            patterns.add(("a".repeat(i) + "cb").getBytes(UTF_8));
            patterns.add(("ba".repeat(i) + "c").getBytes(UTF_8));
        }
        PatternAutomaton automaton = PatternAutomaton.of(patterns);
        for (String data : List.of("a", "ab", "aab", "ba", "a".repeat(299) + "d", "a".repeat(299) + "c")) {
            PatternAutomaton.Cursor cursor = automaton.cursor();
            byte[] bytes = data.repeat(100_000 / data.length()).getBytes(UTF_8);

            for (byte b : bytes) {
                cursor.read(b);
            }

            assertThat(cursor.steps()).as(data).isLessThanOrEqualTo(2L * bytes.length);
        }
    }

    @Test
    void write_aBeginningThatGoesOnAndOn_movesEachByteAFewTimesOnly() throws IOException {
        secrets("a".repeat(5000) + "b");
        CountingOutputStream counting = new CountingOutputStream();
        try (MaskingOutputStream masking = masks.mask(counting)) {
            for (int i = 0; i < 200_000; i++) {
                masking.write('a');
            }
            assertThat(counting.count).isEqualTo(195_000);
        }
        assertThat(counting.count).isEqualTo(200_000);
    }

    private static final class CountingOutputStream extends OutputStream {
        private long count;

        @Override
        public void write(int b) {
            count++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            count += length;
        }
    }

    @Test
    void write_twoStreamsWhileSecretsAreAdded_masksInBoth() throws Exception {
        List<String> secrets =
                IntStream.range(0, 200).mapToObj(i -> "secret-" + i + "-x").toList();
        List<ByteArrayOutputStream> logs = List.of(new ByteArrayOutputStream(), new ByteArrayOutputStream());
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        List<Thread> writers = new ArrayList<>();
        for (ByteArrayOutputStream own : logs) {
            Thread writer = new Thread(() -> writeAll(secrets, own));
            writer.setUncaughtExceptionHandler((thread, failure) -> failures.add(failure));
            writers.add(writer);
        }
        writers.forEach(Thread::start);
        for (Thread writer : writers) {
            writer.join();
        }

        assertThat(failures).isEmpty();
        assertThat(logs).allSatisfy(own -> assertThat(own.toString(UTF_8)).isEqualTo("say ***\n".repeat(200)));
    }

    private void writeAll(List<String> secrets, ByteArrayOutputStream own) {
        try (MaskingOutputStream masking = masks.mask(own)) {
            for (String secret : secrets) {
                secrets(secret);
                masking.write(("say " + secret + "\n").getBytes(UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
