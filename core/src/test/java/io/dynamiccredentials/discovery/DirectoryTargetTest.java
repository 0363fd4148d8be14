package io.dynamiccredentials.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryTargetTest {
    @TempDir
    Path root;

    @Test
    void put_newFile_isReadableForAll() throws IOException {
        assertThat(put("ci/.well-known/jwks", "é")).isTrue();

        assertThat(Files.readString(root.resolve("ci/.well-known/jwks"))).isEqualTo("é");
        assertThat(mode("ci/.well-known/jwks")).isEqualTo("rw-r--r--");
        assertThat(mode("ci/.well-known")).isEqualTo("rwxr-xr-x");
        assertThat(mode("ci")).isEqualTo("rwxr-xr-x");
    }

    @Test
    void put_sameContent_leavesTheFileAlone() throws IOException {
        put("jwks", "one");
        Object file = Files.getAttribute(root.resolve("jwks"), "unix:ino");

        assertThat(put("jwks", "one")).isFalse();
        assertThat(Files.getAttribute(root.resolve("jwks"), "unix:ino")).isEqualTo(file);
    }

    @Test
    void put_otherContentOfTheSameLength_replacesTheFile() throws IOException {
        put("jwks", "one");

        assertThat(put("jwks", "two")).isTrue();
        assertThat(Files.readString(root.resolve("jwks"))).isEqualTo("two");
        assertThat(children()).containsExactly("jwks");
    }

    @Test
    void put_sameContentNotReadableForAll_replacesTheFile() throws IOException {
        put("jwks", "one");
        Files.setPosixFilePermissions(root.resolve("jwks"), PosixFilePermissions.fromString("rw-------"));

        assertThat(put("jwks", "one")).isTrue();
        assertThat(mode("jwks")).isEqualTo("rw-r--r--");
    }

    @Test
    void put_existingDirectory_keepsItsMode() throws IOException {
        Files.createDirectory(root.resolve(".well-known"));
        Files.setPosixFilePermissions(root.resolve(".well-known"), PosixFilePermissions.fromString("rwxrwx--x"));

        put(".well-known/jwks", "one");

        assertThat(mode(".well-known")).isEqualTo("rwxrwx--x");
    }

    @Test
    void put_symbolicLinkInItsPlace_isReplacedAndNotFollowed(@TempDir Path elsewhere) throws IOException {
        Path other = Files.writeString(elsewhere.resolve("other"), "one");
        Files.createSymbolicLink(root.resolve("jwks"), other);

        assertThat(put("jwks", "two")).isTrue();

        assertThat(Files.readString(other)).isEqualTo("one");
        assertThat(Files.isSymbolicLink(root.resolve("jwks"))).isFalse();
    }

    @Test
    void put_directoryInItsPlace_failsAndLeavesNoTemporaryFile() throws IOException {
        Files.createDirectory(root.resolve("jwks"));
        Files.writeString(root.resolve("jwks/file"), "");

        assertThatThrownBy(() -> put("jwks", "one"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(root.resolve("jwks").toString())
                .hasMessageContaining("nothing else is in its place");
        assertThat(children()).containsExactly("jwks");
    }

    @Test
    void put_fileInThePlaceOfADirectory_fails() throws IOException {
        Files.writeString(root.resolve(".well-known"), "");

        assertThatThrownBy(() -> put(".well-known/jwks", "one")).isInstanceOf(UncheckedIOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../jwks", "a/../../jwks", "/etc/jwks"})
    void put_pathOutsideTheRoot_refuses(String path) {
        assertThatThrownBy(() -> put(path, "one"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be below its root")
                .hasMessageContaining("\"" + path + "\"");
    }

    @Test
    void directory_missing_refuses() {
        assertThatThrownBy(() -> SiteTarget.directory(root.resolve("missing")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("missing")
                .hasMessageContaining("Create it");
    }

    @Test
    void directory_withoutPosixPermissions_refuses() throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(root.resolve("site.zip"), Map.of("create", "true"))) {
            assertThatThrownBy(() -> SiteTarget.directory(zip.getPath("/")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("POSIX");
        }
    }

    private boolean put(String path, String content) {
        return SiteTarget.directory(root).put(new SiteFile(path, content, "application/json", "no-store"));
    }

    private String mode(String path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(path)));
    }

    private List<String> children() throws IOException {
        try (Stream<Path> children = Files.list(root)) {
            return children.map(child -> child.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }
}
