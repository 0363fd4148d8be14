package io.dynamiccredentials.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.dynamiccredentials.testkit.contract.SigningKeyStoreContract;
import org.junit.jupiter.api.Test;

class MemorySigningKeyStoreTest extends SigningKeyStoreContract {
    private final MemorySigningKeyStore store = new MemorySigningKeyStore();

    @Override
    protected SigningKeyStore open() {
        return store;
    }

    @Test
    void read_twoStores_shareNothing() {
        assertThat(store.replace(version(1, "mine"))).isTrue();

        assertThat(new MemorySigningKeyStore().read()).isEmpty();
    }
}
