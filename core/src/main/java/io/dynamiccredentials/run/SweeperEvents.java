package io.dynamiccredentials.run;

import io.dynamiccredentials.journal.LeaseFact.ObtainedCredentials;
import io.dynamiccredentials.journal.LeaseRecord;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a listener what happens to one abandoned lease. What the listener throws is logged and changes nothing. */
final class SweeperEvents {
    private static final Logger LOG = LoggerFactory.getLogger(SweeperEvents.class);

    private final LeaseListener listener;
    private final Clock clock;
    private final LeaseRecord lease;

    SweeperEvents(LeaseListener listener, Clock clock, LeaseRecord lease) {
        this.listener = listener;
        this.clock = clock;
        this.lease = lease;
    }

    void of(LeaseEvent.Kind kind, ObtainedCredentials credentials, String detail) {
        tell(
                kind,
                Optional.of(credentials.configuration()),
                Optional.of(credentials.tokenId()),
                Optional.of(credentials.principal()),
                detail);
    }

    void of(LeaseEvent.Kind kind, String detail) {
        tell(kind, Optional.empty(), Optional.empty(), Optional.empty(), detail);
    }

    private void tell(
            LeaseEvent.Kind kind,
            Optional<String> configuration,
            Optional<String> tokenId,
            Optional<String> principal,
            String detail) {
        LeaseEvent event = new LeaseEvent(
                kind,
                clock.instant(),
                lease.runId(),
                configuration,
                tokenId,
                Optional.empty(),
                Optional.empty(),
                principal,
                Optional.of(detail));
        try {
            listener.on(event);
        } catch (RuntimeException e) {
            LOG.error("The listener of leases failed on {}", event, e);
        }
    }
}
