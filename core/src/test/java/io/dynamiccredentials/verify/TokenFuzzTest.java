package io.dynamiccredentials.verify;

import static io.dynamiccredentials.verify.Trial.CLAIMS;
import static io.dynamiccredentials.verify.Trial.ED;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.dynamiccredentials.fixtures.Jws;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Tokens made of any bytes. Where parts are signed, the right key signs them, so that nothing hides behind it. */
class TokenFuzzTest {

    @MethodSource("tokens")
    @FuzzTest(maxDuration = "10m")
    void token(byte[] text) {
        FuzzChecks.verifyIsSafe(new String(text, ISO_8859_1));
    }

    @MethodSource("headers")
    @FuzzTest(maxDuration = "10m")
    void header(byte[] json) {
        FuzzChecks.verifyIsSafe(Trial.signed(ED, Jws.encode(json), Jws.encode(CLAIMS.toString())));
    }

    @MethodSource("claims")
    @FuzzTest(maxDuration = "10m")
    void claims(byte[] json) {
        FuzzChecks.verifyIsSafe(Trial.signed(ED, Jws.encode(Trial.header(ED).toString()), Jws.encode(json)));
    }

    static Stream<byte[]> tokens() {
        return attacks().map(token -> token.getBytes(ISO_8859_1));
    }

    static Stream<byte[]> headers() {
        TokenMutations mutations = new TokenMutations(11);
        return Stream.concat(
                        Stream.of(Trial.header(ED).toString(), "{}", ""),
                        Stream.generate(() -> Jws.header(mutations.withOtherHeader()))
                                .limit(50))
                .map(json -> json.getBytes(UTF_8));
    }

    static Stream<byte[]> claims() {
        TokenMutations mutations = new TokenMutations(12);
        return Stream.concat(
                        Stream.of(
                                CLAIMS.toString(),
                                CLAIMS.with("nbf", "1772366430")
                                        .withText("jti", "4711")
                                        .toString(),
                                "{}",
                                ""),
                        Stream.generate(() -> Jws.claims(mutations.withOtherClaims()))
                                .limit(50))
                .map(json -> json.getBytes(UTF_8));
    }

    private static Stream<String> attacks() {
        return AttackTableTest.rows().stream().map(row -> row.token().get()).filter(token -> token.length() < 2048);
    }
}
