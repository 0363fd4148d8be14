package io.dynamiccredentials.run;

import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;

/**
 * Writes a line of a log for each event: {@code lease event=EXCHANGED at=2026-03-01T12:00:00Z run="run-1"
 * configuration="AWS (PROD)" token_id="…" token_fingerprint="…" request_id="…" principal="…" detail="…"}, without the
 * keys of which nothing is known.
 *
 * <p>Refusals are warnings, all else is information. Values are escaped and cut at 255 characters, so that an event is
 * one line whatever a platform answered. Safe for use by many threads, as its logger is.
 */
public final class Slf4jLeaseListener implements LeaseListener {
    private final Logger logger;

    private Slf4jLeaseListener(Logger logger) {
        this.logger = logger;
    }

    /** Makes a listener that writes to {@code logger}. */
    public static Slf4jLeaseListener of(Logger logger) {
        return new Slf4jLeaseListener(logger);
    }

    @Override
    public void on(LeaseEvent event) {
        if (event.kind() == LeaseEvent.Kind.REFUSED) {
            logger.warn("{}", new Line(event));
        } else {
            logger.info("{}", new Line(event));
        }
    }

    /** Becomes text only if the level is logged. */
    private record Line(LeaseEvent event) {
        @Override
        public String toString() {
            String fields =
                    EventText.fields(event).entrySet().stream().map(Line::field).collect(Collectors.joining(" "));
            return "lease event=" + event.kind() + " at=" + event.at() + " " + fields;
        }

        private static String field(Map.Entry<String, String> field) {
            return field.getKey() + "=" + field.getValue();
        }
    }
}
