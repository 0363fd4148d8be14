package io.dynamiccredentials;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.CredentialExchangeException.Kind;
import org.junit.jupiter.api.Test;

class CredentialExchangeExceptionTest {

    @Test
    void message_full_readsStepCodeStatusWordsRemedy() {
        CredentialExchangeException e = CredentialExchangeException.builder(
                        "AWS", Kind.REFUSED, "AWS refused the token for role \"r\"", "Check the role")
                .status(400)
                .code("InvalidIdentityToken")
                .detail("Incorrect token audience")
                .requestId("abc-1")
                .build();

        assertThat(e)
                .hasMessage("AWS refused the token for role \"r\": InvalidIdentityToken (HTTP 400): "
                        + "\"Incorrect token audience\". Check the role");
        assertThat(e.platform()).isEqualTo("AWS");
        assertThat(e.kind()).isEqualTo(Kind.REFUSED);
        assertThat(e.status()).hasValue(400);
        assertThat(e.code()).contains("InvalidIdentityToken");
        assertThat(e.requestId()).contains("abc-1");
        assertThat(e.remedy()).isEqualTo("Check the role");
    }

    @Test
    void message_bare_readsStepRemedy() {
        CredentialExchangeException e = CredentialExchangeException.builder(
                        "AWS", Kind.UNREACHABLE, "AWS gave no answer", "Check the network")
                .code("")
                .requestId("")
                .detail(" ")
                .build();

        assertThat(e).hasMessage("AWS gave no answer. Check the network");
        assertThat(e.status()).isEmpty();
        assertThat(e.code()).isEmpty();
        assertThat(e.requestId()).isEmpty();
    }

    @Test
    void retryable_unsaid_followsTheKind() {
        assertThat(of(Kind.THROTTLED).build().retryable()).isTrue();
        assertThat(of(Kind.UNREACHABLE).build().retryable()).isTrue();
        assertThat(of(Kind.REFUSED).build().retryable()).isFalse();
        assertThat(of(Kind.UNINTELLIGIBLE).build().retryable()).isFalse();
        assertThat(of(Kind.MISCONFIGURED).build().retryable()).isFalse();
        assertThat(of(Kind.REFUSED).worthRetrying().build().retryable()).isTrue();
        assertThat(of(Kind.UNREACHABLE).notWorthRetrying().build().retryable()).isFalse();
    }

    @Test
    void detail_withAToken_isRedacted() {
        assertThat(of(Kind.REFUSED)
                        .detail("bad token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln")
                        .build())
                .hasMessageContaining("bad token [redacted]")
                .hasMessageNotContaining("eyJ");
    }

    private static CredentialExchangeException.Builder of(Kind kind) {
        return CredentialExchangeException.builder("AWS", kind, "step", "remedy");
    }
}
