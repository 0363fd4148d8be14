package io.dynamiccredentials.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name by which a journal knows this machine: the host name, and a hash of {@code /etc/machine-id} if there is one.
 *
 * <p>Both, since containers of one image share the file and machines of one network may share the name. The file's own
 * content is meant to stay on the machine.
 */
public final class ThisMachine {
    private static final Path MACHINE_ID = Path.of("/etc/machine-id");
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,253}");

    private ThisMachine() {}

    /**
     * Returns the name, the same one for as long as the machine has its host name.
     *
     * @throws UncheckedIOException if the machine has no name
     */
    public static String id() {
        return id(MACHINE_ID, HOST_NAME);
    }

    static String id(Path machineId, Path hostName) {
        Optional<String> name = line(hostName).filter(line -> NAME.matcher(line).matches());
        String host = name.orElseGet(ThisMachine::nameOfTheNetwork);
        return line(machineId).map(id -> host + "/" + hash(id)).orElse(host);
    }

    private static String nameOfTheNetwork() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "A journal needs to tell this machine from others, and it has no name (" + e.getMessage()
                            + "). Set its host name",
                    e);
        }
    }

    private static Optional<String> line(Path file) {
        try {
            return Optional.of(Files.readString(file, UTF_8).strip()).filter(line -> !line.isEmpty());
        } catch (IOException e) {
            // Not every system has the file.
            return Optional.empty();
        }
    }

    private static String hash(String id) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(("dynamic-credentials " + id).getBytes(UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
