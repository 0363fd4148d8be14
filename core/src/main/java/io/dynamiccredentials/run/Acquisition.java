package io.dynamiccredentials.run;

import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.environment.ConfigurationEnvironment;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.exchange.ExchangeFailures;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.TokenIssuer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Obtains what configurations ask for, one after the other, and remembers whatever has to be ended again. Not safe for
 * use by several threads.
 */
final class Acquisition {
    private final TokenIssuer issuer;
    private final Renewals renewals;
    private final Waiting waiting;
    private final RunEnvironment.Builder environment;
    private final List<Holding> holdings = new ArrayList<>();

    Acquisition(TokenIssuer issuer, Renewals renewals, Waiting waiting, RunDirectory directory) {
        this.issuer = issuer;
        this.renewals = renewals;
        this.waiting = waiting;
        this.environment = RunEnvironment.builder(directory);
    }

    /** Returns what was obtained so far, in that order. */
    List<Holding> holdings() {
        return holdings;
    }

    /**
     * Obtains all credentials and returns what the run receives. Those that must settle come first, and are waited for
     * all at once: meanwhile the tokens of the others would grow old.
     */
    RunEnvironment.Builder acquire(List<Configuration<?>> configurations) {
        for (Configuration<?> configuration : configurations) {
            if (settles(configuration)) {
                acquire(configuration, configurations);
            }
        }
        settle(configurations);
        for (Configuration<?> configuration : configurations) {
            if (!settles(configuration)) {
                acquire(configuration, configurations);
            }
        }
        return environment;
    }

    private static boolean settles(Configuration<?> configuration) {
        return !configuration.platform().settling().isZero();
    }

    private <C extends Credentials> void acquire(Configuration<C> configuration, List<Configuration<?>> all) {
        ConfiguredPlatform<C> platform = configuration.platform();
        CredentialExchanger<C> exchanger = platform.exchanger();
        String name = configuration.name();
        IdentityToken token = issuer.issue(platform.workload(), exchanger.audience());
        holdings.add(Holding.of(name, token));
        C credentials = exchanger.exchange(token);
        HeldCredentials<C> held = new HeldCredentials<>(name, exchanger, credentials);
        // Held before they are rendered, so that a failure from here on still ends them.
        holdings.set(holdings.size() - 1, holdings.get(holdings.size() - 1).with(held));
        renewals.keep(held);
        platform.renderer().render(credentials, token, environmentOf(configuration, all));
    }

    private ConfigurationEnvironment environmentOf(Configuration<?> configuration, List<Configuration<?>> all) {
        VariableFamily family = configuration.family();
        long forTheseTools = all.stream()
                .filter(other -> other.family().tools().equals(family.tools()))
                .count();
        return configuration.tag().isEmpty() && forTheseTools == 1
                ? environment.onlyConfiguration(family.input())
                : environment.configuration(configuration.tag(), family.input());
    }

    private void settle(List<Configuration<?>> configurations) {
        Duration longest = Duration.ZERO;
        String name = "";
        for (Configuration<?> configuration : configurations) {
            Duration settling = configuration.platform().settling();
            if (settling.compareTo(longest) > 0) {
                longest = settling;
                name = configuration.name();
            }
        }
        if (longest.isZero()) {
            return;
        }
        try {
            waiting.pass(longest.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ExchangeFailures.of(name, "credentials that have to settle").interrupted();
        }
    }
}
