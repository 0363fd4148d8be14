package io.dynamiccredentials.broker;

import io.dynamiccredentials.broker.CredentialBroker.Observer;
import io.dynamiccredentials.broker.CredentialBroker.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what a host hears. */
final class Heard implements Observer {
    private final List<String> events = new CopyOnWriteArrayList<>();

    @Override
    public void heard(Optional<String> endpoint, Outcome outcome) {
        events.add(endpoint.orElse("-") + " " + outcome);
    }

    List<String> events() {
        return List.copyOf(events);
    }
}
