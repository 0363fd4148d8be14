package io.dynamiccredentials.vault;

import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.workload.Workload;

/** One platform whose credentials Vault can make. Safe for use by many threads. */
interface VaultBackedPlatform {

    VariableFamily family();

    ConfiguredPlatform<?> configure(PlatformSettings settings, Workload workload, VaultConnection vault);
}
