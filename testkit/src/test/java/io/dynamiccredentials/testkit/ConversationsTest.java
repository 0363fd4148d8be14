package io.dynamiccredentials.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Counts the conversations with the fakes, and looks at who leads them. */
class ConversationsTest {
    private static final Path REPORT = Path.of("target", "conversations.txt");

    @Test
    void conversations_areHeldAboutEverySectionAndMostlyByOfficialLibraries() throws IOException {
        List<Conversation> all = new ClassFileImporter()
                .importPackages("io.dynamiccredentials.testkit").stream()
                        .flatMap(type -> type.getMethods().stream())
                        .filter(method -> method.isAnnotatedWith(Conversation.class))
                        .map(ConversationsTest::conversation)
                        .toList();
        Map<String, Long> ofSections = all.stream()
                .collect(Collectors.groupingBy(
                        each -> each.value().substring(0, each.value().indexOf(' ')),
                        TreeMap::new,
                        Collectors.counting()));
        long byLibraries = all.stream().filter(Conversation::sdk).count();
        String report = all.size() + " conversations, " + byLibraries + " of them by official libraries: " + ofSections;
        Files.writeString(REPORT, report + "\n");

        assertThat(ofSections)
                .as(report)
                .containsKeys("A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B6", "C1", "C2", "C3", "D1", "D2", "D3")
                .containsKeys("D4", "D5", "D6", "D7");
        assertThat(all).as(report).hasSizeGreaterThanOrEqualTo(300);
        assertThat(2 * byLibraries).as(report).isGreaterThanOrEqualTo(all.size());
        assertThat(all).extracting(Conversation::value).doesNotHaveDuplicates();
    }

    private static Conversation conversation(JavaMethod method) {
        return method.getAnnotationOfType(Conversation.class);
    }
}
