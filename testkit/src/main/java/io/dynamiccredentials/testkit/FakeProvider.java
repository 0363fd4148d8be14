package io.dynamiccredentials.testkit;

import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.workload.Workload;

/**
 * Plugs a {@link FakeCredentialExchanger} into {@code DynamicCredentials}, for tests of a host that want no HTTP.
 *
 * <p>A run that has {@code TFC_FAKE_PROVIDER_AUTH=true} receives {@code FAKE_TOKEN_FILE}, which names a file with the
 * credentials' secret, and {@code FAKE_ID}. Safe for use by many threads.
 */
public final class FakeProvider implements CredentialProvider {
    private final FakeCredentialExchanger exchanger;

    private FakeProvider(FakeCredentialExchanger exchanger) {
        this.exchanger = exchanger;
    }

    /** Returns a provider whose credentials {@code exchanger} gives. */
    public static FakeProvider of(FakeCredentialExchanger exchanger) {
        return new FakeProvider(exchanger);
    }

    @Override
    public VariableFamily family() {
        return VariableFamily.builder("FAKE")
                .input("tfc_fake_dynamic_credentials", "token_path")
                .build();
    }

    @Override
    public ConfiguredPlatform<?> configure(PlatformSettings settings, Workload workload) {
        return new ConfiguredPlatform<>(workload, exchanger, (credentials, token, environment) -> {
            String file = environment.file("fake-token", credentials.secret()).toString();
            environment
                    .variable("FAKE_TOKEN_FILE", file)
                    .variable("FAKE_ID", credentials.id())
                    .input("token_path", file);
        });
    }
}
