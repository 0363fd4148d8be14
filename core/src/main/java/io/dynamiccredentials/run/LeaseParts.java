package io.dynamiccredentials.run;

import io.dynamiccredentials.broker.CredentialBroker.LeaseEndpoints;
import io.dynamiccredentials.environment.LoopbackAnswer;
import io.dynamiccredentials.environment.LoopbackEndpoint;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.journal.LeaseJournal;

/**
 * What belongs to one lease from its beginning.
 *
 * @param machine the machine that its files and processes are on
 */
record LeaseParts(
        RunDirectory directory,
        LeaseEndpoints endpoints,
        Ledger ledger,
        LeaseEvents events,
        LeaseJournal.Entry journal,
        String machine) {

    /** Answers at an endpoint on loopback, whose bearer the host's logs must not show either. */
    LoopbackEndpoint publish(String name, LoopbackAnswer answer) {
        LoopbackEndpoint endpoint = endpoints.publish(name, answer);
        ledger.takeBearer(endpoint.bearer());
        return endpoint;
    }
}
