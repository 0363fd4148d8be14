package io.dynamiccredentials.testkit.junit;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.environment.SecretForms;
import io.dynamiccredentials.environment.SecretSink;
import io.dynamiccredentials.testkit.SecretSource;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Listens to what is printed and logged from its start on, and finds the secrets in it, and in files that were written
 * since.
 *
 * <p>It knows secrets by those who made them: fakes and issuers that it {@linkplain #watch watches}, and the library
 * itself, whose {@link SecretSink} it is ({@code DynamicCredentials.builder(…).secretSink(leaks)}). Each is looked for
 * as it is and in the forms in which text shows it, such as base64. It hears standard output and error,
 * {@code java.util.logging}, and Logback if that is on the class path, at the levels that they are set to: what nobody
 * logs does not leak. Logs that go to files are found as files.
 *
 * <p>As a JUnit extension see {@link LeakDetection}. Several may listen at once, each for its own secrets. Safe for use
 * by many threads.
 */
public final class LeakDetector implements SecretSink, AutoCloseable {
    private static final int AROUND = 60;

    private final Instant start = Instant.now();
    private final List<Path> directories;
    private final List<SecretSource> sources = new CopyOnWriteArrayList<>();
    private final Set<Secret> forms = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<Shown> shown = new ConcurrentLinkedQueue<>();
    private final PrintedText printed = PrintedText.listen();

    /** What was shown where. It may hold secrets. */
    private record Shown(String where, String text) {}

    private LeakDetector(List<Path> directories) {
        this.directories = List.copyOf(directories);
    }

    /** Starts to listen; looks at no files. */
    public static LeakDetector start() {
        return new LeakDetector(List.of());
    }

    /**
     * Starts to listen, and looks at the files below {@code directories} that are written from now on, at whatever
     * depth. Links are not followed, and files larger than 64 MiB not read.
     */
    public static LeakDetector start(List<Path> directories) {
        return new LeakDetector(directories);
    }

    /** Looks for the secrets of {@code source} too. */
    public LeakDetector watch(SecretSource source) {
        sources.add(source);
        return this;
    }

    /** Looks for {@code secret} too. */
    public LeakDetector watch(Secret secret) {
        forms.addAll(SecretForms.of(secret));
        return this;
    }

    @Override
    public void mask(String runId, Set<Secret> forms) {
        this.forms.addAll(forms);
    }

    /** Looks at the text form of {@code object}, and if it is an exception at its stack trace with all causes. */
    public LeakDetector inspect(Object object) {
        return inspect("the text form of " + object.getClass().getName(), object);
    }

    /** Looks at the text form of {@code object}, which a finding calls {@code where}. */
    public LeakDetector inspect(String where, Object object) {
        if (object instanceof Throwable thrown) {
            StringWriter trace = new StringWriter();
            thrown.printStackTrace(new PrintWriter(trace, true));
            shown.add(new Shown(where, trace.toString()));
        }
        shown.add(new Shown(where, String.valueOf(object)));
        return this;
    }

    /**
     * Returns where secrets were found so far, a text each, which shows what stands around them and not the secrets.
     */
    public List<String> leaks() {
        List<String> secrets = secrets();
        List<String> found = new ArrayList<>();
        for (PrintedText.Channel channel : PrintedText.Channel.values()) {
            find(channel.where(), printed.text(channel), secrets, found);
        }
        shown.forEach(each -> find(each.where(), each.text(), secrets, found));
        for (Path directory : directories) {
            WrittenFiles.since(start, directory)
                    .forEach((file, text) -> find("the file \"" + file + "\"", text, secrets, found));
        }
        return found;
    }

    /**
     * Checks that nothing leaked so far.
     *
     * @throws AssertionError if something did, with all places
     */
    public void check() {
        List<String> leaks = leaks();
        if (!leaks.isEmpty()) {
            throw new AssertionError("Expected no secret in logs, output, messages and files; found "
                    + leaks.size() + ":\n- " + String.join("\n- ", leaks)
                    + "\nLog ids, principals or fingerprints instead, or mask the text by lease.mask(…)");
        }
    }

    /** Stops to listen. */
    @Override
    public void close() {
        printed.close();
    }

    /** Returns the longest first, so that a token is named before its signature is. */
    private List<String> secrets() {
        Set<String> all = ConcurrentHashMap.newKeySet();
        forms.forEach(form -> all.add(form.reveal()));
        sources.forEach(source -> source.secrets().stream()
                .filter(Secret::hasText)
                .forEach(secret -> SecretForms.of(secret).forEach(form -> all.add(form.reveal()))));
        return all.stream()
                .sorted((one, other) -> Integer.compare(other.length(), one.length()))
                .toList();
    }

    /** Finds the first secret in a text; with it the text is condemned. */
    private static void find(String where, String text, List<String> secrets, List<String> found) {
        for (String secret : secrets) {
            int at = text.indexOf(secret);
            if (at >= 0) {
                String before = text.substring(Math.max(0, at - AROUND), at);
                int end = at + secret.length();
                String after = text.substring(end, Math.min(text.length(), end + AROUND));
                found.add("in " + where + ": \""
                        + without(secrets, before) + "[a secret of " + secret.length() + " characters]"
                        + without(secrets, after) + "\"");
                return;
            }
        }
    }

    /** Takes further secrets out of what stands around one. Half of one at an edge may stay. */
    private static String without(List<String> secrets, String around) {
        String clean = around.lines().reduce((one, other) -> one + " " + other).orElse("");
        for (String secret : secrets) {
            clean = clean.replace(secret, "[a secret]");
        }
        return clean;
    }
}
