package io.dynamiccredentials.workload;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.workload.PipelineJob.RefType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Two workloads never have one subject, whatever their names: random names that try, with a fixed seed. */
class SubjectsTest {
    private static final int CASES_OF_A_FORMAT = 20_000;

    /** What a name is made of that wants to pass for another, or for a piece of a subject. */
    private static final String[] HOSTILE = {
        ":",
        "%",
        "%3A",
        "%3a",
        "%25",
        "%7E",
        "@",
        "~",
        "*",
        "?",
        "/",
        " ",
        "\n",
        "\t",
        "\u007f",
        "\u0001",
        "é",
        "e\u0301",
        "😀",
        "\u202e",
        "a",
        "A",
        "b",
        "-",
        "_",
        ".",
        "org",
        "project",
        "pipeline",
        "job",
        "env",
        "ref",
        "phase",
        "a@b",
        "branch/",
        "tag/",
        "pull_request/",
        ":env:",
        ":ref:~:phase:apply",
        "organization",
        "workspace",
        ":run_phase:apply"
    };

    /** What a name may have in the formats of Terraform, keywords of all formats among it. */
    private static final String[] PLAIN = {
        "a",
        "b",
        "-",
        "_",
        "organization",
        "project",
        "workspace",
        "run_phase",
        "plan",
        "apply",
        "module",
        "operation",
        "test_run",
        "stack",
        "deployment",
        "org",
        "env"
    };

    private static final String ABSENT = "absent";
    private static final String PRESENT = "present: ";

    private final Random random = new Random(20260301);

    @Test
    void subject_randomWorkloadsOfAllFormats_isNeverThatOfAnother() {
        Map<String, Described> bySubject = new HashMap<>();
        List<Function<SubjectsTest, Described>> formats = List.of(
                SubjectsTest::run,
                SubjectsTest::runWithoutProject,
                SubjectsTest::moduleTest,
                SubjectsTest::stackDeployment,
                SubjectsTest::pipelineJob,
                SubjectsTest::narrowPipelineJob);
        int repeated = 0;

        for (int i = 0; i < CASES_OF_A_FORMAT * formats.size(); i++) {
            Described described = formats.get(i % formats.size()).apply(this);
            Described before = bySubject.put(described.subject(), described);
            if (before != null) {
                assertThat(before).isEqualTo(described);
            }
            repeated += before == null ? 0 : 1;
        }

        // Names are short, so that a format that merges two has the chance to.
        assertThat(repeated).isGreaterThan(5_000);
        assertThat(bySubject).hasSizeGreaterThan(30_000);
    }

    @Test
    void subject_randomPipelineJob_canBeReadBack() {
        for (int i = 0; i < CASES_OF_A_FORMAT; i++) {
            Described described = pipelineJob();

            assertThat(readBack(described.subject())).isEqualTo(described.identity());
        }
    }

    private Described run() {
        List<String> names = plainNames(3);
        Phase phase = phase();
        TerraformRun run = TerraformRun.builder(names.get(0), names.get(1), names.get(2), "run-1")
                .phase(phase)
                .build();
        return described(run, "run", names, phase);
    }

    private Described runWithoutProject() {
        List<String> names = plainNames(2);
        Phase phase = phase();
        TerraformRun run = TerraformRun.builder(names.get(0), plainNames(1).get(0), names.get(1), "run-1")
                .subjectWithoutProject()
                .phase(phase)
                .build();
        return described(run, "run without project", names, phase);
    }

    private Described moduleTest() {
        List<String> names = plainNames(2);
        TerraformModuleTest test =
                TerraformModuleTest.builder(names.get(0), names.get(1), "run-1").build();
        return described(test, "module test", names, Phase.PLAN);
    }

    private Described stackDeployment() {
        List<String> names = plainNames(4);
        Phase phase = phase();
        TerraformStackDeployment deployment = TerraformStackDeployment.builder(
                        names.get(0), names.get(1), names.get(2), names.get(3), "run-1")
                .phase(phase)
                .build();
        return described(deployment, "stack deployment", names, phase);
    }

    /** The identity has the values in the order of the segments. */
    private Described pipelineJob() {
        while (true) {
            try {
                return randomPipelineJob();
            } catch (IllegalArgumentException e) {
                // A few have more than 255 characters; any other refusal is a defect.
                assertThat(e).hasMessageContaining("at most 255 characters");
            }
        }
    }

    private Described randomPipelineJob() {
        List<String> identity = new ArrayList<>();
        String[] required = {hostileName(), hostileName(), hostileName()};
        PipelineJob.Builder builder = PipelineJob.builder(required[0], required[1], required[2], "run-1");
        List<Consumer<String>> ids = List.of(builder::organizationId, builder::projectId, builder::pipelineId);
        for (int i = 0; i < required.length; i++) {
            identity.add(PRESENT + required[i]);
            identity.add(maybe(ids.get(i)));
        }
        identity.add(maybe(builder::job));
        identity.add(maybe(builder::environment));
        List<RefType> types = List.of(RefType.values());
        RefType type = types.get(random.nextInt(types.size()));
        String ref = maybe(name -> builder.ref(type, name));
        identity.add(ref.equals(ABSENT) ? ABSENT : type.id());
        identity.add(ref);
        Phase phase = phase();
        identity.add(phase.id());
        return new Described(builder.phase(phase).build().subject(), identity);
    }

    private String maybe(Consumer<String> setting) {
        if (random.nextBoolean()) {
            return ABSENT;
        }
        String name = hostileName();
        setting.accept(name);
        return PRESENT + name;
    }

    /** A job of few values, so that two that differ in one of them are met. */
    private Described narrowPipelineJob() {
        String organization = piece();
        PipelineJob.Builder builder = PipelineJob.builder(organization, "a", "a", "run-1");
        List<String> identity = new ArrayList<>();
        identity.add(organization);
        identity.add(random.nextBoolean() ? ABSENT : set(builder::organizationId));
        identity.add(random.nextBoolean() ? ABSENT : set(builder::environment));
        return new Described(builder.build().subject(), identity);
    }

    private String set(Consumer<String> setting) {
        String name = piece();
        setting.accept(name);
        return PRESENT + name;
    }

    private String piece() {
        return HOSTILE[random.nextInt(HOSTILE.length)];
    }

    private static Described described(Workload workload, String format, List<String> names, Phase phase) {
        List<String> identity = new ArrayList<>(names);
        identity.add(format);
        identity.add(phase.id());
        return new Described(workload.subject(), identity);
    }

    private Phase phase() {
        return random.nextBoolean() ? Phase.PLAN : Phase.APPLY;
    }

    private List<String> plainNames(int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(PLAIN[random.nextInt(PLAIN.length)] + (random.nextInt(4) == 0 ? "_" : ""));
        }
        return names;
    }

    private String hostileName() {
        StringBuilder name = new StringBuilder();
        int pieces = random.nextInt(3) == 0 ? 2 : 1;
        while (pieces-- > 0) {
            name.append(piece());
        }
        return name.toString();
    }

    private static List<String> readBack(String subject) {
        String[] parts = subject.split(":", -1);
        assertThat(parts).hasSize(14);
        List<String> identity = new ArrayList<>();
        for (int i = 1; i <= 5; i += 2) {
            String[] nameAndId = parts[i].split("@", -1);
            identity.add(unescape(nameAndId[0]));
            identity.add(nameAndId.length == 1 ? ABSENT : unescape(nameAndId[1]));
        }
        identity.add(absentOrUnescaped(parts[7]));
        identity.add(absentOrUnescaped(parts[9]));
        int slash = parts[11].indexOf('/');
        identity.add(slash < 0 ? ABSENT : parts[11].substring(0, slash));
        identity.add(slash < 0 ? ABSENT : unescape(parts[11].substring(slash + 1)));
        identity.add(parts[13]);
        return identity;
    }

    private static String absentOrUnescaped(String part) {
        return part.equals("~") ? ABSENT : unescape(part);
    }

    private static String unescape(String escaped) {
        byte[] bytes = new byte[escaped.length()];
        int length = 0;
        for (int i = 0; i < escaped.length(); i++) {
            boolean hex = escaped.charAt(i) == '%';
            bytes[length++] = (byte) (hex ? Integer.parseInt(escaped.substring(i + 1, i + 3), 16) : escaped.charAt(i));
            i += hex ? 2 : 0;
        }
        return PRESENT + new String(bytes, 0, length, UTF_8);
    }

    /** A subject, and what it must tell apart. */
    private record Described(String subject, List<String> identity) {}
}
