package io.dynamiccredentials.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.CredentialExchangeException;
import io.dynamiccredentials.CredentialExchangeException.Kind;
import io.dynamiccredentials.fixtures.Verbs;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExchangeFailuresTest {
    private final ExchangeFailures failures = ExchangeFailures.of("Acme", "the token for role \"ci\"");

    @ParameterizedTest
    @EnumSource(Kind.class)
    void answered_everyKind_saysWhatThePlatformDid(Kind kind) {
        assertThat(failures.answered(kind, 400, "Check the role").build())
                .hasMessage("Acme " + Verbs.of(kind) + " the token for role \"ci\" (HTTP 400). Check the role");
    }

    @Test
    void redirected_namesTheTarget() {
        CredentialExchangeException e = failures.redirected(307, "https://evil.example/", "Check the address")
                .build();

        assertThat(e.kind()).isEqualTo(Kind.MISCONFIGURED);
        assertThat(e)
                .hasMessage(
                        "Acme could not accept the token for role \"ci\" (HTTP 307): \"redirect to https://evil.example/\"."
                                + " Redirects are not followed, so that a token reaches no other host. Check the address");
        assertThat(failures.redirected(302, "", "Check it").build()).hasMessageContaining("redirect to nowhere");
    }

    @Test
    void unintelligible_saysWhy() {
        assertThat(failures.unintelligible("it is empty", "Check the proxies").build())
                .hasMessage(
                        "Acme gave no usable answer about the token for role \"ci\", since it is empty. Check the proxies");
    }

    @Test
    void noAnswer_isWorthAnotherTry() {
        CredentialExchangeException e =
                failures.noAnswer(new IOException("no answer within 5.0 s"), "Check the network");

        assertThat(e.retryable()).isTrue();
        assertThat(e)
                .hasMessage("Acme gave no whole answer about the token for role \"ci\": \"no answer within 5.0 s\"."
                        + " Check the network, then try again");
    }

    @Test
    void interrupted_isNotWorthAnotherTry() {
        CredentialExchangeException e = failures.interrupted();

        assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(e.retryable()).isFalse();
        assertThat(e)
                .hasMessageStartingWith("The thread was interrupted while Acme handled the token for role \"ci\". ");
    }
}
