package io.dynamiccredentials.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.config.VariableReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Keeps the page of all variables equal to the code. With {@code -Dvariables.write=true} it writes the page anew. */
class VariablesPageTest {
    private static final Path PAGE = Path.of("..", "VARIABLES.md");
    private static final String BEGIN = "<!-- from here on generated from the code -->\n";

    @Test
    void page_ofAllVariables_isWhatTheCodeReads() throws IOException {
        String page = Files.readString(PAGE);
        String head = page.substring(0, page.indexOf(BEGIN) + BEGIN.length());
        String expected = head + VariableReference.markdown(AllProviders.list());
        if (Boolean.getBoolean("variables.write")) {
            Files.writeString(PAGE, expected);
        }

        assertThat(Files.readString(PAGE))
                .as("VARIABLES.md; mvn test -pl testkit -am -Dtest=VariablesPageTest "
                        + "-Dsurefire.failIfNoSpecifiedTests=false -Dvariables.write=true writes it anew")
                .isEqualTo(expected);
    }
}
