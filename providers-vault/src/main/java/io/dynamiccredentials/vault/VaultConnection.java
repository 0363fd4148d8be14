package io.dynamiccredentials.vault;

import java.time.Clock;

/**
 * What one configuration of Vault comes to: a way to log in, and a client for what Vault has to ask another platform
 * for, which takes longer. Immutable.
 */
record VaultConnection(VaultJwtExchanger login, VaultClient engines, Clock clock) {}
