package io.dynamiccredentials.run;

import java.util.List;
import org.slf4j.Logger;

/**
 * Passes each event to several listeners, in their order. What one throws is logged, and the others hear of the event.
 * Safe for use by many threads.
 */
final class LeaseListeners implements LeaseListener {
    private final List<LeaseListener> listeners;
    private final Logger log;

    LeaseListeners(List<LeaseListener> listeners, Logger log) {
        this.listeners = List.copyOf(listeners);
        this.log = log;
    }

    @Override
    public void on(LeaseEvent event) {
        for (LeaseListener listener : listeners) {
            try {
                listener.on(event);
            } catch (RuntimeException | Error e) {
                log.warn(
                        "The listener {} failed on the event {} of run {}, which goes on. Mend the listener",
                        listener.getClass().getName(),
                        event.kind(),
                        EventText.of(event.runId()),
                        e);
            }
        }
    }
}
