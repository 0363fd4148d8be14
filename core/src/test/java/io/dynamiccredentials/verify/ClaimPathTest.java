package io.dynamiccredentials.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClaimPathTest {

    @Test
    void of_namesWithDotsAndSlashes_staysAList() {
        ClaimPath path = ClaimPath.of("kubernetes.io", "a/b");

        assertThat(path.names()).containsExactly("kubernetes.io", "a/b");
        assertThat(path).isEqualTo(new ClaimPath(List.of("kubernetes.io", "a/b")));
        assertThat(path).isNotEqualTo(ClaimPath.of("kubernetes.io/a/b"));
        assertThat(path).hasToString("kubernetes.io > a/b");
    }

    @Test
    void of_tooManyOrTooLongNames_isRefused() {
        assertThat(new ClaimPath(Collections.nCopies(16, "x".repeat(255))).names())
                .hasSize(16);
        assertThatThrownBy(() -> new ClaimPath(Collections.nCopies(17, "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("17");
        assertThatThrownBy(() -> new ClaimPath(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there are 0");
        assertThatThrownBy(() -> ClaimPath.of("a", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("with 0");
        assertThatThrownBy(() -> ClaimPath.of("x".repeat(256)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("with 256");
    }

    @Test
    void new_listChangesLater_doesNotFollow() {
        List<String> names = new ArrayList<>(List.of("a"));
        ClaimPath path = new ClaimPath(names);

        names.add("b");

        assertThat(path.names()).containsExactly("a");
    }
}
