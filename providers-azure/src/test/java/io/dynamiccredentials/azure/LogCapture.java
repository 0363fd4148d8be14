package io.dynamiccredentials.azure;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/** All that is logged by anybody at any level, stack traces included, until it is closed. */
final class LogCapture extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final PatternLayout layout = new PatternLayout();
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();

    LogCapture() {
        LoggerContext context = root.getLoggerContext();
        layout.setContext(context);
        layout.setPattern("%level %logger %message %kvp%n%ex");
        layout.start();
        setContext(context);
        start();
        root.setLevel(Level.TRACE);
        root.addAppender(this);
    }

    String text() {
        return String.join("", lines);
    }

    @Override
    protected void append(ILoggingEvent event) {
        lines.add(layout.doLayout(event));
    }

    @Override
    public void close() {
        root.detachAppender(this);
        root.setLevel(Level.OFF);
        stop();
    }
}
