package io.dynamiccredentials.testkit.junit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What this JVM printed and logged since one listener began to listen. The first listener puts itself before output and
 * loggers, the last one takes itself away again. Safe for use by many threads.
 */
final class PrintedText implements AutoCloseable {
    private static final ReentrantLock INSTALLING = new ReentrantLock();
    private static final List<PrintedText> LISTENERS = new CopyOnWriteArrayList<>();

    // Standard output and the loggers belong to the whole JVM, and so does what listens to them.
    private static @Nullable Taps taps;

    private final Map<Channel, StringBuilder> heard = new EnumMap<>(Channel.class);

    /** Where text comes out. */
    enum Channel {
        OUT("standard output"),
        ERR("standard error"),
        JDK_LOG("the log (java.util.logging)"),
        LOG("the log");

        private final String where;

        Channel(String where) {
            this.where = where;
        }

        String where() {
            return where;
        }
    }

    private PrintedText() {
        for (Channel channel : Channel.values()) {
            heard.put(channel, new StringBuilder());
        }
    }

    static PrintedText listen() {
        PrintedText listener = new PrintedText();
        INSTALLING.lock();
        try {
            if (taps == null) {
                taps = new Taps();
            }
            LISTENERS.add(listener);
        } finally {
            INSTALLING.unlock();
        }
        return listener;
    }

    String text(Channel channel) {
        StringBuilder text = Objects.requireNonNull(heard.get(channel));
        synchronized (text) {
            return text.toString();
        }
    }

    @Override
    public void close() {
        INSTALLING.lock();
        try {
            if (LISTENERS.remove(this) && LISTENERS.isEmpty() && taps != null) {
                taps.remove();
                taps = null;
            }
        } finally {
            INSTALLING.unlock();
        }
    }

    /** Tells all listeners. */
    static void heard(Channel channel, String text) {
        for (PrintedText listener : LISTENERS) {
            StringBuilder buffer = Objects.requireNonNull(listener.heard.get(channel));
            synchronized (buffer) {
                buffer.append(text);
            }
        }
    }

    /** What stands before output and loggers. */
    private static final class Taps {
        private final PrintStream outBefore = System.out;
        private final PrintStream errBefore = System.err;
        private final PrintStream out = tee(outBefore, Channel.OUT);
        private final PrintStream err = tee(errBefore, Channel.ERR);
        private final JdkLog jdkLog = new JdkLog();
        private final @Nullable AutoCloseable logback = logback();

        Taps() {
            System.setOut(out);
            System.setErr(err);
            LogManager.getLogManager().getLogger("").addHandler(jdkLog);
        }

        // It is these very streams that are to be taken away.
        @SuppressWarnings("ReferenceEquality")
        void remove() {
            // Whoever put something before us since then has the last word.
            if (System.out == out) {
                System.setOut(outBefore);
            }
            if (System.err == err) {
                System.setErr(errBefore);
            }
            LogManager.getLogManager().getLogger("").removeHandler(jdkLog);
            if (logback instanceof LogbackTap tap) {
                tap.close();
            }
        }

        /** Logback is optional: the class that knows it is loaded only where it is what SLF4J speaks to. */
        private static @Nullable AutoCloseable logback() {
            String factory = LoggerFactory.getILoggerFactory().getClass().getName();
            return factory.equals("ch.qos.logback.classic.LoggerContext") ? LogbackTap.install() : null;
        }

        private static PrintStream tee(PrintStream before, Channel channel) {
            return new PrintStream(new Tee(before, channel), true, UTF_8);
        }
    }

    /** Passes on what is printed. Bytes of half a character are no letter of any secret. */
    private static final class Tee extends OutputStream {
        private final PrintStream before;
        private final Channel channel;

        Tee(PrintStream before, Channel channel) {
            this.before = before;
            this.channel = channel;
        }

        @Override
        public void write(int b) {
            before.write(b);
            heard(channel, new String(new byte[] {(byte) b}, UTF_8));
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            before.write(bytes, from, length);
            heard(channel, new String(bytes, from, length, UTF_8));
        }

        @Override
        public void flush() {
            before.flush();
        }
    }

    /** Hears what goes through java.util.logging. */
    private static final class JdkLog extends Handler {
        @Override
        public void publish(LogRecord event) {
            heard(Channel.JDK_LOG, event.getLoggerName() + " " + new SimpleFormatter().format(event));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
