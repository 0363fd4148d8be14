package io.dynamiccredentials.run;

import io.dynamiccredentials.exchange.ExchangeFailures;
import io.dynamiccredentials.exchange.Refresher;
import io.dynamiccredentials.exchange.RetryPolicy;
import io.dynamiccredentials.token.TokenIssuer;
import java.time.Clock;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/** What all leases of a door share. Safe for use by many threads. */
record LeaseServices(
        TokenIssuer issuer, Refresher refresher, RetryPolicy retryPolicy, Waiting waiting, DoubleSupplier random) {

    Clock clock() {
        return refresher.clock();
    }

    /**
     * Lets time pass.
     *
     * @throws io.dynamiccredentials.CredentialExchangeException if the thread is interrupted
     */
    void pause(Duration pause, String name) {
        try {
            waiting.pass(pause.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ExchangeFailures.of(name, "the credentials of the run").interrupted();
        }
    }
}
