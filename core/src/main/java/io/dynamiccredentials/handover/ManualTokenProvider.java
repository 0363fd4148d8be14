package io.dynamiccredentials.handover;

import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.exchange.HandedOnToken;
import io.dynamiccredentials.exchange.TokenHandover;
import io.dynamiccredentials.workload.Workload;

/**
 * Gives runs tokens for platforms that have no provider here. Reads {@code TFC_WORKLOAD_IDENTITY_AUDIENCE}, which is
 * its own switch, and {@code TFC_WORKLOAD_IDENTITY_AUDIENCE_TAG} for each further token; gives a run
 * {@code TFC_WORKLOAD_IDENTITY_TOKEN} and {@code TFC_WORKLOAD_IDENTITY_TOKEN_TAG}.
 *
 * <p>A workspace may ask for any audience: whoever trusts the issuer and looks at the audience alone trusts every
 * workspace of the host. Add this provider only where the trusting sides look at the subject too.
 *
 * <p>Tokens are replaced at half of their life in what later processes get; no process sees a variable of its own
 * change. Immutable.
 */
public final class ManualTokenProvider implements CredentialProvider {
    private static final SettingRule AUDIENCE = SettingRule.builder("AUDIENCE", "the audience of the token")
            .required()
            .withoutDefaultTwin()
            .form(Audience::isWellFormed, Audience.EXPECTED)
            .build();
    private static final VariableFamily FAMILY = VariableFamily.builder("WORKLOAD_IDENTITY")
            .withoutSwitch()
            .rules(AUDIENCE)
            .build();

    private ManualTokenProvider() {}

    /** Returns a provider. */
    public static ManualTokenProvider create() {
        return new ManualTokenProvider();
    }

    @Override
    public VariableFamily family() {
        return FAMILY;
    }

    @Override
    public ConfiguredPlatform<HandedOnToken> configure(PlatformSettings settings, Workload workload) {
        TokenHandover handover =
                new TokenHandover("Manual token", settings.required(AUDIENCE).value());
        return new ConfiguredPlatform<>(
                workload,
                handover,
                (credentials, token, environment) ->
                        environment.taggedVariable("TFC_WORKLOAD_IDENTITY_TOKEN", token.compact()));
    }
}
