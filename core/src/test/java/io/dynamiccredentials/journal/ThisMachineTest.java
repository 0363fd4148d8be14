package io.dynamiccredentials.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThisMachineTest {
    @TempDir
    Path directory;

    @Test
    void id_twoMachinesOfOneName_differAndKeepTheirIdsToThemselves() throws Exception {
        Path name = Files.writeString(directory.resolve("name"), "build-1\n");
        Path one = Files.writeString(directory.resolve("one"), "0123456789abcdef0123456789abcdef\n");
        Path two = Files.writeString(directory.resolve("two"), "1123456789abcdef0123456789abcdef\n");

        assertThat(ThisMachine.id(one, name))
                .startsWith("build-1/")
                .doesNotContain("0123456789abcdef")
                .isNotEqualTo(ThisMachine.id(two, name))
                .isEqualTo(ThisMachine.id(one, name));
    }

    @Test
    void id_twoContainersOfOneImage_differ() throws Exception {
        Path id = Files.writeString(directory.resolve("id"), "0123456789abcdef0123456789abcdef\n");

        assertThat(ThisMachine.id(id, Files.writeString(directory.resolve("a"), "a")))
                .isNotEqualTo(ThisMachine.id(id, Files.writeString(directory.resolve("b"), "b")));
    }

    @Test
    void id_noMachineId_isTheHostName() throws Exception {
        Path name = Files.writeString(directory.resolve("name"), "build-1\n");

        assertThat(ThisMachine.id(directory.resolve("absent"), name)).isEqualTo("build-1");
        assertThat(ThisMachine.id(Files.writeString(directory.resolve("empty"), "\n"), name))
                .isEqualTo("build-1");
    }

    @Test
    void id_ofThisMachine_isOne() {
        assertThat(ThisMachine.id()).isNotEmpty().isEqualTo(ThisMachine.id());
    }
}
