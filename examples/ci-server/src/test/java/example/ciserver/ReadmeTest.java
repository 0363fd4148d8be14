package example.ciserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    private static final Path ROOT = Path.of("..", "..");

    @Test
    void example_inTheReadme_isTheCompiledOne() throws Exception {
        String source = Files.readString(Path.of("src/main/java/example/ciserver/Embedding.java"));
        String example =
                between(source, "    // README: begin\n", "    // README: end").indent(-4);

        assertThat(between(Files.readString(ROOT.resolve("README.md")), "```java\n", "```"))
                .isEqualTo(example);
    }

    private static String between(String text, String begin, String end) {
        int from = text.indexOf(begin) + begin.length();
        return text.substring(from, text.indexOf(end, from));
    }
}
