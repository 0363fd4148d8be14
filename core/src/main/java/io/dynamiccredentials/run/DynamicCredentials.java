package io.dynamiccredentials.run;

import io.dynamiccredentials.config.ConfiguredPlatform;
import io.dynamiccredentials.config.CredentialProvider;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.environment.AmbientIdentity;
import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.environment.RunEnvironment;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.exchange.Credentials;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.token.TokenIssuer;
import io.dynamiccredentials.wire.UntrustedText;
import io.dynamiccredentials.workload.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The door of the library: opens a lease for each run.
 *
 * <p>Make one at start-up, from the issuer and the providers of the platforms that runs may ask for. Safe for use by
 * many threads.
 */
public final class DynamicCredentials {
    private static final Set<String> INHERITED = Set.of(
            "PATH",
            "LANG",
            "LC_ALL",
            "LC_CTYPE",
            "TZ",
            "TERM",
            "USER",
            "LOGNAME",
            "SHELL",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR");

    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final TokenIssuer issuer;
    private final Collection<CredentialProvider> providers;
    private final Path directory;
    private final Map<String, String> inherited;

    private DynamicCredentials(Builder builder) {
        this.issuer = builder.issuer;
        this.providers = List.copyOf(builder.providers.values());
        this.directory = builder.directory;
        this.inherited = new TreeMap<>(builder.hostEnvironment);
        this.inherited.keySet().retainAll(builder.inherited);
    }

    /** Starts a door whose tokens come from {@code issuer}. Without a provider every platform is unknown. */
    public static Builder builder(TokenIssuer issuer) {
        return new Builder(issuer);
    }

    /**
     * Obtains credentials for every platform that {@code workspaceVariables} turn on, by the names that HCP Terraform
     * uses. Blocks on the network.
     *
     * <p>The lease is whole or there is none: if one platform refuses, what the others gave is revoked where that is
     * possible, the files are deleted, and the refusal is thrown, with a {@link LeaseNotOpenedException} among its
     * suppressed ones that tells what lives on.
     *
     * @param workspaceVariables the variables of the run; the run's processes receive them too
     * @throws IllegalArgumentException if the variables are wrong, before anything crosses the network; or if the
     *     workspace gives a variable another value than a platform does, after what was obtained is released again
     * @throws io.dynamiccredentials.CredentialExchangeException if a platform gave no credentials
     * @throws io.dynamiccredentials.TokenIssuanceException if no token could be issued
     */
    public RunLease open(Workload workload, Map<String, String> workspaceVariables) {
        requireWellFormed(workspaceVariables);
        requireNoIdentity(workspaceVariables);
        List<ConfiguredPlatform<?>> platforms = TerraformVariables.read(workspaceVariables, workload, providers);
        RunDirectory runDirectory = RunDirectory.create(directory);
        List<Holding> holdings = new ArrayList<>();
        try {
            RunEnvironment.Builder environment = RunEnvironment.builder(runDirectory);
            for (ConfiguredPlatform<?> platform : platforms) {
                acquire(platform, workload, holdings, environment);
            }
            workspaceVariables.forEach(environment::plainVariable);
            inherited.forEach((name, value) -> {
                if (!workspaceVariables.containsKey(name)) {
                    environment.plainVariable(name, value);
                }
            });
            AmbientIdentity.SHUT.forEach(environment::variable);
            environment.variable("HOME", runDirectory.createDirectory("home").toString());
            return new RunLease(runDirectory, environment.build(), holdings);
        } catch (RuntimeException | Error e) {
            Teardown teardown = new Teardown();
            e.addSuppressed(new LeaseNotOpenedException(teardown.run(List.of(), holdings, runDirectory)));
            teardown.failure().filter(failure -> !failure.equals(e)).ifPresent(e::addSuppressed);
            throw e;
        }
    }

    private <C extends Credentials> void acquire(
            ConfiguredPlatform<C> platform,
            Workload workload,
            List<Holding> holdings,
            RunEnvironment.Builder environment) {
        CredentialExchanger<C> exchanger = platform.exchanger();
        IdentityToken token = issuer.issue(workload, exchanger.audience());
        holdings.add(Holding.of(exchanger, token));
        C credentials = exchanger.exchange(token);
        // Held before they are rendered, so that a failure from here on still ends them.
        holdings.set(holdings.size() - 1, Holding.of(exchanger, token, credentials));
        platform.renderer().render(credentials, token, environment);
    }

    private static void requireWellFormed(Map<String, String> workspaceVariables) {
        workspaceVariables.forEach((name, value) -> {
            if (!VARIABLE.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "A variable's name has letters, digits and \"_\" and starts with no digit; "
                                + "the workspace has " + UntrustedText.quote(name));
            }
            if (value.indexOf('\0') >= 0) {
                // The JDK would refuse it too, and print the value.
                throw new IllegalArgumentException("The value of " + name + " must not have a NUL character in it");
            }
        });
    }

    private static void requireNoIdentity(Map<String, String> workspaceVariables) {
        Set<String> carriers = new TreeSet<>(workspaceVariables.keySet());
        carriers.removeIf(name -> !AmbientIdentity.carries(name) && !name.equals("HOME"));
        if (!carriers.isEmpty()) {
            throw new IllegalArgumentException("The workspace sets " + carriers
                    + ", which carry or lead to an identity of their own and could win over the run's. Remove them");
        }
        AmbientIdentity.SHUT.forEach((name, shut) -> {
            if (!workspaceVariables.getOrDefault(name, shut).equals(shut)) {
                throw new IllegalArgumentException("The workspace opens a way to this machine's identity: " + name
                        + " must be absent or \"" + shut + "\"");
            }
        });
    }

    /** Collects the settings of a door. Not safe for use by several threads. */
    public static final class Builder {
        private final TokenIssuer issuer;
        private final Map<String, CredentialProvider> providers = new LinkedHashMap<>();
        private final Set<String> inherited = new TreeSet<>(INHERITED);
        private Map<String, String> hostEnvironment = System.getenv();
        private Path directory = Path.of(System.getProperty("java.io.tmpdir"));

        private Builder(TokenIssuer issuer) {
            this.issuer = issuer;
        }

        /**
         * Adds a platform that runs may ask for.
         *
         * @throws IllegalArgumentException if the platform has a provider already
         */
        public Builder provider(CredentialProvider provider) {
            if (providers.putIfAbsent(provider.platform(), provider) != null) {
                throw new IllegalArgumentException("The platform " + provider.platform() + " has a provider already");
            }
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
            if (AmbientIdentity.carries(variable) || variable.equals("HOME")) {
                throw new IllegalArgumentException(
                        "Runs may not inherit " + variable + ": it carries or leads to this machine's own identity");
            }
            if (!VARIABLE.matcher(variable).matches()) {
                throw new IllegalArgumentException("A variable's name has letters, digits and \"_\"; it was \""
                        + variable + "\". Its value is this machine's");
            }
            inherited.add(variable);
            return this;
        }

        /** Sets the variables of this machine. Default: those of this process. */
        public Builder hostEnvironment(Map<String, String> hostEnvironment) {
            this.hostEnvironment = Map.copyOf(hostEnvironment);
            return this;
        }

        /**
         * Returns the door.
         *
         * @throws IllegalArgumentException if the directory for leases does not exist
         */
        public DynamicCredentials build() {
            if (!Files.isDirectory(directory)) {
                throw new IllegalArgumentException(
                        "The directory for leases must exist; it was \"" + directory + "\". Create it at start-up");
            }
            return new DynamicCredentials(this);
        }
    }
}
