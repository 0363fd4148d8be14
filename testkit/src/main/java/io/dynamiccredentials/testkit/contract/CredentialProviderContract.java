package io.dynamiccredentials.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import io.dynamiccredentials.run.DynamicCredentials;
import io.dynamiccredentials.run.LeaseNotOpenedException;
import io.dynamiccredentials.run.RunLease;
import io.dynamiccredentials.testkit.SecretSource;
import io.dynamiccredentials.testkit.SettableClock;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.workload.TerraformRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each {@link CredentialProvider} does when it is plugged in: for a workspace that has all variables right. */
public abstract class CredentialProviderContract {
    /** When the tests begin. */
    protected static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    /** The clock of the host, and of the platform. */
    protected final SettableClock clock = SettableClock.at(NOW);

    @TempDir
    private Path directory = Path.of("");

    private final Set<Secret> masked = new HashSet<>();

    /** Returns the provider under test; always the same, or one that is equally configured. */
    protected abstract CredentialProvider provider() throws Exception;

    /** Returns the issuer whose tokens its platform trusts. */
    protected abstract TokenIssuer issuer() throws Exception;

    /** Returns the variables of a workspace that uses it, its switch among them. */
    protected abstract Map<String, String> variables() throws Exception;

    /** Returns who knows the secrets that the platform gave and was sent. */
    protected abstract SecretSource secrets() throws Exception;

    /** Returns the run. Unless overridden, a plan of workspace {@code prod} of project {@code shop} at {@code acme}. */
    protected TerraformRun run() {
        return TerraformRun.builder("acme", "shop", "prod", "run-1").build();
    }

    @Test
    void family_isAlwaysTheSame() throws Exception {
        assertThat(provider().family().word()).isEqualTo(provider().family().word());
        assertThat(provider().family().rules()).extracting(SettingRule::name).doesNotHaveDuplicates();
    }

    @Test
    void open_goodVariables_givesTheRunSomethingAndTakesAllBack() throws Exception {
        RunLease lease = open(variables());
        try (lease) {
            assertThat(lease.environment().given()).isNotEmpty();
            for (Path file : lease.environment().files()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as("mode of %s", file)
                        .isEqualTo("rw-------");
            }
        }
        assertThat(lease.report().items()).isNotEmpty();
        assertThat(files()).isEmpty();
    }

    @Test
    void open_goodVariables_masksWhateverTheRunReceivesThatIsSecret() throws Exception {
        try (RunLease lease = open(variables())) {
            Set<String> known = new HashSet<>();
            masked.forEach(form -> known.add(form.reveal()));
            Map<String, String> received = new HashMap<>();
            lease.environment().variables().forEach((name, value) -> received.put(name, value.reveal()));
            for (Path file : lease.environment().files()) {
                received.put(file.toString(), Files.readString(file));
            }
            assertThat(secrets().secrets()).isNotEmpty();
            for (Secret secret : secrets().secrets()) {
                received.forEach((where, text) -> {
                    if (text.contains(secret.reveal())) {
                        assertThat(known.contains(secret.reveal()))
                                .as("the masks know the secret in %s", where)
                                .isTrue();
                    }
                });
            }
            assertThat(lease.toString()).doesNotContain(known);
        }
    }

    @Test
    void open_switchIsMisspelt_isRefused() throws Exception {
        VariableFamily family = provider().family();
        Map<String, String> variables = new HashMap<>(variables());
        String name = "TFC_" + family.word() + "_" + family.switchName().orElse("NO_SWITCH");
        variables.put(name, "True");

        assertThatThrownBy(() -> open(variables))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }

    @Test
    void open_unknownVariableOfItsFamily_isRefused() throws Exception {
        Map<String, String> variables = new HashMap<>(variables());
        String name = "TFC_" + provider().family().word() + "_NO_SUCH_SETTING";
        variables.put(name, "x");

        assertThatThrownBy(() -> open(variables))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }

    @Test
    void open_anyVariableEmptyOrBroken_isRefusedOrHarmless() throws Exception {
        for (String name : variables().keySet()) {
            for (String value : List.of("", " ", "\n", "\u0000", "a\nb", "x".repeat(100_000))) {
                Map<String, String> variables = new HashMap<>(variables());
                variables.put(name, value);

                assertThatCode(() -> open(variables).close())
                        .as("%s is %d characters", name, value.length())
                        .satisfies(CredentialProviderContract::isNothingOrARefusal);
                assertThat(files()).isEmpty();
            }
        }
    }

    private static void isNothingOrARefusal(Throwable failure) {
        if (failure != null) {
            assertThat(failure).isInstanceOfAny(IllegalArgumentException.class, LeaseNotOpenedException.class);
        }
    }

    private RunLease open(Map<String, String> variables) throws Exception {
        return DynamicCredentials.builder(issuer())
                .provider(provider())
                .directory(directory)
                .clock(clock)
                .secretSink((runId, forms) -> masked.addAll(forms))
                .build()
                .open(run(), variables);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
