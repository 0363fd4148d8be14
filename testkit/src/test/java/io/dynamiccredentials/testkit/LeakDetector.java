package io.dynamiccredentials.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.environment.SecretForms;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * Collects all that is printed, by both ways of logging and at any level, and by whoever hands it over; and looks for
 * secrets in it. Safe for use by many threads.
 */
final class LeakDetector implements AutoCloseable {
    private static final List<String> LOOKS = List.copyOf(Markers.looks());
    private static final int AROUND = 300;

    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final java.util.logging.Logger jdk = LogManager.getLogManager().getLogger("");
    private final Level rootBefore = root.getLevel();
    private final java.util.logging.Level jdkBefore = jdk.getLevel();
    private final Handler[] handlersBefore = jdk.getHandlers();
    private final Logback logback = new Logback();
    private final Jdk ofJdk = new Jdk();
    private final Queue<String> printed = new ConcurrentLinkedQueue<>();
    private final Set<String> unmarked = new LinkedHashSet<>();
    private final Set<String> loggers = new LinkedHashSet<>();

    LeakDetector() {
        logback.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
        logback.start();
        root.setLevel(Level.TRACE);
        root.addAppender(logback);
        for (Handler handler : handlersBefore) {
            jdk.removeHandler(handler);
        }
        ofJdk.setLevel(java.util.logging.Level.ALL);
        jdk.setLevel(java.util.logging.Level.ALL);
        jdk.addHandler(ofJdk);
    }

    /** Takes what the library says to be secret, and what it therefore must not print; marks speak for themselves. */
    void learn(Set<Secret> forms) {
        String text = forms.isEmpty() ? "" : forms.iterator().next().reveal();
        if (!text.contains(Markers.MARK)) {
            SecretForms.of(Secret.of(text)).forEach(form -> unmarked.add(form.reveal()));
        }
    }

    void print(Object object) {
        printed.add(String.valueOf(object));
    }

    void print(Throwable thrown) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace, true));
        print(trace);
        print(thrown.toString());
    }

    /** Prints the names of all threads. */
    void printThreads() {
        Thread[] threads = new Thread[Thread.activeCount() + 64];
        int count = Thread.currentThread().getThreadGroup().enumerate(threads);
        for (int i = 0; i < count; i++) {
            print(threads[i].getName());
        }
    }

    /** Prints names of files, and contents if they must hold no secret. */
    void printFiles(Path directory, boolean contents) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                print(file);
                if (contents && Files.isRegularFile(file)) {
                    print(Files.readString(file, ISO_8859_1));
                }
            }
        }
    }

    /** Prints what everybody on this machine may see of a process. */
    void printCommandLine(ProcessHandle process) throws IOException {
        Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        if (Files.isReadable(file)) {
            print(Files.readString(file, ISO_8859_1));
        }
        print(process.info());
    }

    /** Returns what is around the first secret that was printed since the last call. */
    Optional<String> leak() {
        StringBuilder all = new StringBuilder();
        for (String each = printed.poll(); each != null; each = printed.poll()) {
            all.append(each).append('\n');
        }
        String text = all.toString();
        List<String> secrets = new ArrayList<>(LOOKS);
        secrets.addAll(unmarked);
        unmarked.clear();
        for (String secret : secrets) {
            int at = text.indexOf(secret);
            if (at >= 0) {
                return Optional.of(text.substring(Math.max(0, at - AROUND), Math.min(text.length(), at + AROUND)));
            }
        }
        return Optional.empty();
    }

    /** Returns who logged. */
    Set<String> loggers() {
        return loggers;
    }

    @Override
    public void close() {
        root.detachAppender(logback);
        root.setLevel(rootBefore);
        jdk.removeHandler(ofJdk);
        jdk.setLevel(jdkBefore);
        for (Handler handler : handlersBefore) {
            jdk.addHandler(handler);
        }
    }

    private void heardOf(String logger) {
        synchronized (loggers) {
            loggers.add(logger);
        }
    }

    /** Hears what goes through SLF4J. */
    private final class Logback extends AppenderBase<ILoggingEvent> {
        private final PatternLayout layout = new PatternLayout();

        @Override
        public void start() {
            layout.setContext(getContext());
            layout.setPattern("%thread %level %logger %mdc %kvp %marker %msg%n%ex{full}");
            layout.start();
            super.start();
        }

        @Override
        protected void append(ILoggingEvent event) {
            heardOf(event.getLoggerName());
            print(layout.doLayout(event));
        }
    }

    /** Hears what goes through java.util.logging. */
    private final class Jdk extends Handler {
        @Override
        public void publish(LogRecord event) {
            heardOf(String.valueOf(event.getLoggerName()));
            print(event.getLoggerName() + " " + new SimpleFormatter().format(event));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
