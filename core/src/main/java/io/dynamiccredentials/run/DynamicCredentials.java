package io.dynamiccredentials.run;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.broker.CredentialBroker;
import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.environment.AmbientFinding;
import io.dynamiccredentials.environment.AmbientFindings;
import io.dynamiccredentials.environment.AmbientIdentity;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.environment.SecretSink;
import io.dynamiccredentials.environment.TerraformInput;
import io.dynamiccredentials.exchange.HandleRevoker;
import io.dynamiccredentials.exchange.Refresher;
import io.dynamiccredentials.exchange.RetryPolicy;
import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.journal.ThisMachine;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.workload.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door of the library: opens a lease for each run.
 *
 * <p>Make one at start-up, from the issuer and the providers of the platforms that runs may ask for. Safe for use by
 * many threads.
 */
public final class DynamicCredentials {
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_]{0,63}");
    private static final Logger LOG = LoggerFactory.getLogger(DynamicCredentials.class);

    private final Collection<CredentialProvider> providers;
    private final WorkspaceVariables workspaceVariables;
    private final Map<String, Secret> inherited;
    private final boolean terraformVariables;
    private final LeaseServices services;
    private final LeaseBeginning beginning;
    private final Optional<Workload> sweeper;
    private final Optional<String> stateBackend;
    private final List<AmbientFinding> ambientIdentity;

    private DynamicCredentials(Builder builder) {
        this.providers = List.copyOf(builder.providers.values());
        this.workspaceVariables = new WorkspaceVariables(providers, Optional.ofNullable(builder.stateBackend));
        this.terraformVariables = builder.terraformVariables;
        this.sweeper = Optional.ofNullable(builder.sweeper);
        this.stateBackend = Optional.ofNullable(builder.stateBackend);
        this.services = builder.services();
        this.beginning = new LeaseBeginning(
                builder.directory,
                builder.journal,
                Optional.ofNullable(builder.sink),
                new LeaseListeners(builder.listeners, LOG),
                CredentialBroker.of(services.clock()),
                services.clock(),
                ThisMachine.id());
        this.ambientIdentity = AmbientFindings.of(
                builder.hostEnvironment,
                Path.of(builder.hostEnvironment.getOrDefault("HOME", System.getProperty("user.home"))));
        this.inherited = builder.inherited.of(builder.hostEnvironment);
    }

    /** Starts a door whose tokens come from {@code issuer}. Without a provider every platform is unknown. */
    public static Builder builder(TokenIssuer issuer) {
        return new Builder(issuer);
    }

    /**
     * Obtains credentials for every configuration that {@code workspaceVariables} turn on, by the names that HCP
     * Terraform uses. Blocks on the network; and, if variables such as {@code TFC_VAULT_BACKED_AWS_SLEEP_SECONDS} ask
     * for it, up to 25 minutes until credentials have settled.
     *
     * <p>The lease is whole or there is none: if one platform refuses, what the others gave is revoked where that is
     * possible, the files are deleted, and the refusal is thrown, with a {@link LeaseNotOpenedException} among its
     * suppressed ones that tells what lives on.
     *
     * @param workspaceVariables the variables of the run; the run's processes receive them too
     * @throws IllegalArgumentException if the variables are wrong, before anything crosses the network; or if the
     *     workspace gives a variable another value than a platform does, after what was obtained is released again
     * @throws IllegalStateException if the workload's files have paths that follow from its name, as those of a
     *     {@code TerraformRun} do, and another lease of it is open
     * @throws io.dynamiccredentials.CredentialExchangeException if a platform gave no credentials, or the thread was
     *     interrupted
     * @throws io.dynamiccredentials.TokenIssuanceException if no token could be issued
     */
    public RunLease open(Workload workload, Map<String, String> workspaceVariables) {
        List<Configuration<?>> configurations = this.workspaceVariables.read(workload, workspaceVariables);
        LeaseParts parts = beginning.begin(workload);
        Opening opening = new Opening(services, configurations, stateBackend, parts.ledger(), parts.events());
        try {
            RunEnvironment.Builder environment = RunEnvironment.builder(parts.directory());
            environment.endpoints(parts::publish);
            environment.home(parts.directory().home());
            AmbientIdentity.SHUT.forEach(environment::variable);
            workspaceVariables.forEach((name, value) -> environment.plainVariable(name, Secret.of(value)));
            inherited.forEach((name, value) -> {
                if (!workspaceVariables.containsKey(name)) {
                    environment.plainVariable(name, value);
                }
            });
            if (terraformVariables) {
                environment.terraformVariables();
            }
            opening.open(environment);
            RunEnvironment built = environment.build();
            RunLease.requireWholeSets(built.variables().keySet());
            return new RunLease(parts, built, this.workspaceVariables::carriesIdentity).keep(opening);
        } catch (RuntimeException | Error e) {
            Teardown teardown = new Teardown(parts.events());
            teardown.release(opening.configurations());
            e.addSuppressed(new LeaseNotOpenedException(
                    teardown.run(List.of(), parts.ledger().seal(), parts.endpoints(), parts.directory())));
            teardown.settle(parts.journal());
            teardown.failure().filter(failure -> !failure.equals(e)).ifPresent(e::addSuppressed);
            throw e;
        }
    }

    /**
     * Ends what hosts that died have left, as far as the journal tells it: their processes and files on this machine,
     * and credentials that their platform can end. Where the system tells of the variables of processes, as Linux does,
     * all count whose home directory is that of such a run. Call it at start-up and from time to time; of several nodes
     * that do, each lease is one's. Blocks on the network, and for each lease up to 10 seconds for its processes and as
     * long for each of its files outside the directory and for the directory.
     *
     * @throws IllegalStateException if the door has no journal, which would tell of nothing
     * @throws java.io.UncheckedIOException if the journal can't be searched
     */
    public SweeperReport sweep() {
        if (beginning.journal() instanceof NoJournal) {
            throw new IllegalStateException("Nobody remembers the leases of hosts that died. Give this door a journal "
                    + "by DynamicCredentials.Builder.journal");
        }
        List<HandleRevoker> revokers = providers.stream()
                .flatMap(provider -> provider.revoker().stream())
                .toList();
        return new Sweeper(
                        beginning.journal(),
                        revokers,
                        this::ownToken,
                        services.clock(),
                        beginning.machine(),
                        beginning.listener())
                .sweep();
    }

    private IdentityToken ownToken(String audience) {
        Workload own = sweeper.orElseThrow(() -> new IllegalStateException("Credentials of dead hosts can be ended by "
                + "somebody with an identity only. Name it by DynamicCredentials.Builder.sweepAs"));
        return services.issuer().issue(own, audience);
    }

    /**
     * Returns the traces of this machine's own identity that were found when this door was built, and what keeps runs
     * from each.
     */
    public List<AmbientFinding> ambientIdentity() {
        return ambientIdentity;
    }

    /** Collects the settings of a door. Not safe for use by several threads. */
    public static final class Builder {
        private final TokenIssuer issuer;
        private final Map<String, CredentialProvider> providers = new LinkedHashMap<>();
        private final InheritedVariables inherited = new InheritedVariables();
        private Map<String, String> hostEnvironment = System.getenv();
        private boolean terraformVariables = true;
        private Waiting waiting = Thread::sleep;
        private Clock clock = Clock.systemUTC();
        private @Nullable Refresher refresher;
        private LeaseJournal journal = new NoJournal();
        private @Nullable SecretSink sink;
        private final List<LeaseListener> listeners = new ArrayList<>();
        private @Nullable Workload sweeper;
        private @Nullable String stateBackend;
        private Path directory = Path.of(System.getProperty("java.io.tmpdir"));

        private Builder(TokenIssuer issuer) {
            this.issuer = issuer;
        }

        /**
         * Adds a platform that runs may ask for.
         *
         * @throws IllegalArgumentException if the platform has a provider already, or another one writes the same input
         *     of Terraform
         */
        public Builder provider(CredentialProvider provider) {
            String word = provider.family().word();
            if (providers.putIfAbsent(word, provider) != null) {
                throw new IllegalArgumentException("The platform " + word + " has a provider already");
            }
            requireOwnInput(provider);
            return this;
        }

        private void requireOwnInput(CredentialProvider provider) {
            Optional<String> input = provider.family().input().map(TerraformInput::name);
            long sharing = providers.values().stream()
                    .filter(other -> input.isPresent()
                            && input.equals(other.family().input().map(TerraformInput::name)))
                    .count();
            if (sharing > 1) {
                throw new IllegalArgumentException("Two providers would write Terraform's input " + input.get()
                        + ". Give that of " + provider.family() + " another one");
            }
        }

        /**
         * Adds the providers of all modules on the class path, made from settings of this host such as
         * {@code aws.region}; each module's factory tells which it reads. A platform that has a provider already keeps
         * it, so add your own first. By default only those count that were added one by one.
         *
         * @throws IllegalArgumentException if no module reads one of the settings, or one is malformed
         */
        public Builder installedProviders(Map<String, String> hostSettings) {
            InstalledProviders.make(hostSettings)
                    .forEach(provider -> providers.putIfAbsent(provider.family().word(), provider));
            return this;
        }

        /**
         * Sets the existing directory below which each run gets a private one. It must lie outside the working
         * directories of runs; memory is best, such as {@code XDG_RUNTIME_DIR}. Default: the Java platform's temporary
         * directory.
         */
        public Builder directory(Path directory) {
            this.directory = directory;
            return this;
        }

        /**
         * Lets runs inherit one more variable of this machine, for example {@code HTTPS_PROXY}. By default they inherit
         * its {@code PATH}, terminal, locale, time zone, user, shell and TLS roots, and nothing else.
         *
         * @throws IllegalArgumentException if the variable carries an identity, or is {@code HOME}, which is the run's
         *     own
         */
        public Builder inherit(String variable) {
            inherited.add(variable);
            return this;
        }

        /**
         * Leaves out the variables {@code TF_VAR_tfc_…_dynamic_credentials}, for hosts that give these inputs to
         * Terraform by {@link RunLease#writeTerraformInputs} or not at all. By default they are set.
         */
        public Builder withoutTerraformVariables() {
            this.terraformVariables = false;
            return this;
        }

        /**
         * Gives the configuration of this tag, such as {@code TFC_AWS_PROVIDER_AUTH_STATE} turns on for {@code STATE},
         * to the state backend of a run's Terraform and not to its providers: {@code TF_CLI_ARGS_init} names a file of
         * backend arguments; the providers' inputs, and the variables that name an identity, are as if it were not
         * there. A run that has any configuration must have this one, of AWS ({@code s3}), Google Cloud ({@code gcs})
         * or Azure ({@code azurerm}): that of the backend block, since any other refuses the arguments. What the
         * workspace sets as {@code TF_CLI_ARGS_init} comes before them. By default no tag is.
         *
         * <p>Where the state is the host's and not the workspace's, let the host take out the workspace's variables
         * that end in the tag and put in its own. The run's processes can read both sets all the same.
         *
         * @throws IllegalArgumentException if {@code tag} is not one of 1 to 64 letters, digits and {@code _}
         */
        public Builder stateBackend(String tag) {
            if (!TAG.matcher(tag).matches()) {
                throw new IllegalArgumentException("The tag of the state backend must be 1 to 64 letters, digits and "
                        + "\"_\", such as STATE; it was \"" + tag + "\"");
            }
            this.stateBackend = tag;
            return this;
        }

        /**
         * Sets where open leases are remembered, so that {@link DynamicCredentials#sweep} ends those of hosts that
         * died. The journal stays the caller's, who closes it after the last lease. By default nothing is remembered.
         */
        public Builder journal(LeaseJournal journal) {
            this.journal = journal;
            return this;
        }

        /**
         * Sets who the host itself is when it ends credentials of hosts that died. Default: nobody, so that only
         * processes and files are ended.
         */
        public Builder sweepAs(Workload sweeper) {
            this.sweeper = sweeper;
            return this;
        }

        /**
         * Sets who is told each secret of a run, in the forms that a log may show, before the run has it. By default
         * nobody is.
         */
        public Builder secretSink(SecretSink sink) {
            this.sink = sink;
            return this;
        }

        /** Adds a listener that hears what happens to leases. By default there is none. */
        public Builder listener(LeaseListener listener) {
            listeners.add(listener);
            return this;
        }

        /**
         * Sets the clock that the ends of credentials are held against, for tests whose platforms have one of their
         * own. Default: the system's.
         */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** Sets who keeps credentials fresh, for tests, and with it the clock. */
        Builder refresher(Refresher refresher) {
            this.refresher = refresher;
            return this;
        }

        /** Sets how time passes, for tests. */
        Builder time(Waiting waiting) {
            this.waiting = waiting;
            return this;
        }

        private LeaseServices services() {
            return new LeaseServices(
                    issuer,
                    refresher == null
                            ? Refresher.builder()
                                    .clocks(clock, System::nanoTime)
                                    .build()
                            : refresher,
                    RetryPolicy.STANDARD,
                    waiting,
                    () -> ThreadLocalRandom.current().nextDouble());
        }

        /** Sets the variables of this machine. Default: those of this process. */
        public Builder hostEnvironment(Map<String, String> hostEnvironment) {
            this.hostEnvironment = Map.copyOf(hostEnvironment);
            return this;
        }

        /**
         * Returns the door.
         *
         * @throws IllegalArgumentException if the directory for leases does not exist; if runs would inherit a variable
         *     in which a provider's tools find an identity; or if there is one of {@link #journal} and {@link #sweepAs}
         *     and no other that it needs
         */
        public DynamicCredentials build() {
            providers.values().forEach(provider -> inherited.requireNoIdentity(provider.family()));
            requireSweeping();
            if (!Files.isDirectory(directory)) {
                throw new IllegalArgumentException(
                        "The directory for leases must exist; it was \"" + directory + "\". Create it at start-up");
            }
            return new DynamicCredentials(this);
        }

        private void requireSweeping() {
            boolean journaled = !(journal instanceof NoJournal);
            if (sweeper != null && !journaled) {
                throw new IllegalArgumentException(
                        "sweepAs names who ends credentials of hosts that died, but no journal "
                                + "tells of them. Set journal too");
            }
            Optional<CredentialProvider> revoking = providers.values().stream()
                    .filter(provider -> provider.revoker().isPresent())
                    .findFirst();
            if (sweeper != null && revoking.isEmpty()) {
                throw new IllegalArgumentException("sweepAs names who ends credentials of hosts that died, but no "
                        + "provider does. Give one what it needs for that, such as VaultProvider.Builder.sweeperRole");
            }
            if (sweeper == null && journaled && revoking.isPresent()) {
                throw new IllegalArgumentException("The provider of "
                        + revoking.get().family()
                        + " can end credentials of hosts that died, but needs somebody to do it as. Set sweepAs too");
            }
        }
    }
}
