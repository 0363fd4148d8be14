package io.dynamiccredentials.environment;

import io.dynamiccredentials.Secret;
import java.nio.file.Path;

/**
 * A shell script among a run's files that prints what an endpoint on loopback answers, for tools that run a command to
 * get credentials. It needs {@code /bin/sh} and {@code curl}. Immutable.
 *
 * <p>Address and bearer are in a second file, which {@code curl} reads: a command line can be seen by every user of the
 * machine. Neither the script's {@code curl} nor what it prints depends on a configuration of the run's own or on a
 * proxy.
 *
 * @param file the script, which is not executable by itself
 */
public record LoopbackScript(Path file) {
    private static final String CURL =
            "exec curl --disable --fail --silent --show-error --noproxy '*' --max-time 30 --config ";

    /** What means something between double quotes in a shell, or ends a value in a file of settings. */
    private static final String NOT_QUOTABLE = "\"$`\\#;";

    /**
     * Checks the path, which becomes a part of a command.
     *
     * @throws IllegalArgumentException if it has characters that can't be quoted everywhere
     */
    public LoopbackScript {
        if (file.toString().chars().anyMatch(c -> Character.isISOControl(c) || NOT_QUOTABLE.indexOf(c) >= 0)) {
            throw new IllegalArgumentException("The path of a script must have no control character and none of "
                    + NOT_QUOTABLE + "; it was \"" + file + "\". Set another directory for leases");
        }
    }

    /**
     * Writes a script that prints what {@code endpoint} answers, and fails where it refuses.
     *
     * @param name the start of the names of its two files, as for {@link ConfigurationEnvironment#file}
     */
    public static LoopbackScript write(ConfigurationEnvironment environment, String name, LoopbackEndpoint endpoint) {
        Secret settings = Secret.of("url = \"" + endpoint.url() + "\"\nheader = \"Authorization: Bearer "
                + endpoint.bearer().reveal() + "\"\n");
        Path config = environment.file(name + ".curl", settings);
        String script = "#!/bin/sh\n" + CURL + "'" + config.toString().replace("'", "'\\''") + "'\n";
        return new LoopbackScript(environment.file(name + ".sh", Secret.of(script)));
    }

    /** Returns the command that runs it, for a shell or for tools that split words as one does. */
    public String command() {
        return "/bin/sh \"" + file + "\"";
    }
}
