package io.dynamiccredentials.testkit.junit;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;

/** Hears what goes through SLF4J to Logback, at the levels that are set. */
final class LogbackTap extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Logger root;

    private LogbackTap(Logger root) {
        this.root = root;
    }

    static LogbackTap install() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        LogbackTap tap = new LogbackTap(context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME));
        tap.setContext(context);
        tap.start();
        tap.root.addAppender(tap);
        return tap;
    }

    @Override
    protected void append(ILoggingEvent event) {
        StringBuilder text = new StringBuilder();
        text.append(event.getThreadName())
                .append(' ')
                .append(event.getLoggerName())
                .append(' ')
                .append(event.getFormattedMessage())
                .append(' ')
                .append(event.getMDCPropertyMap())
                .append(' ')
                .append(event.getKeyValuePairs());
        if (event.getThrowableProxy() != null) {
            text.append('\n').append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        PrintedText.heard(PrintedText.Channel.LOG, text.append('\n').toString());
    }

    @Override
    public void close() {
        root.detachAppender(this);
        stop();
    }
}
