package io.dynamiccredentials.config;

import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;

/**
 * A platform that a run asks for, checked and ready: nothing has crossed the network yet. Immutable.
 *
 * @param exchanger trades the run's token for credentials of its role
 * @param renderer hands them to the run
 */
public record ConfiguredPlatform<C extends Credentials>(
        CredentialExchanger<C> exchanger, EnvironmentRenderer<C> renderer) {}
