package io.dynamiccredentials.journal;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.attribute.PosixFilePermission.GROUP_WRITE;
import static java.nio.file.attribute.PosixFilePermission.OTHERS_WRITE;
import static java.nio.file.attribute.PosixFilePermission.OWNER_EXECUTE;
import static java.nio.file.attribute.PosixFilePermission.OWNER_READ;
import static java.nio.file.attribute.PosixFilePermission.OWNER_WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * The directory of a file journal: what its modes must be, and how its entries reach the disk. Safe for use by many
 * threads.
 */
final class JournalDirectory {
    /** The mode of a new file, which a umask can only narrow. */
    static final FileAttribute<Set<PosixFilePermission>> OWNER_READS_AND_WRITES =
            PosixFilePermissions.asFileAttribute(EnumSet.of(OWNER_READ, OWNER_WRITE));

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path path;

    private JournalDirectory(Path path) {
        this.path = path;
    }

    /**
     * Checks that nobody but its owner can put files into the directory.
     *
     * @throws IllegalStateException if somebody else can
     */
    static JournalDirectory of(Path directory) throws IOException {
        Path real = directory.toRealPath();
        PosixFileAttributes attributes = attributes(real);
        Set<PosixFilePermission> permissions = attributes.permissions();
        if (!attributes.isDirectory()) {
            throw new IllegalStateException("The journal needs a directory; \"" + real + "\" is none");
        }
        if (permissions.contains(GROUP_WRITE) || permissions.contains(OTHERS_WRITE)) {
            throw new IllegalStateException("The journal's directory \"" + real
                    + "\" must not be writable by group or others (rwx------); its mode is "
                    + PosixFilePermissions.toString(permissions) + ". Run chmod 700 on it, or choose another");
        }
        return new JournalDirectory(real);
    }

    /** Returns a name that nobody guesses and nobody has given before: 32 hexadecimal digits. */
    static String randomName() {
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    Path path() {
        return path;
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    /** Returns the names of all entries in their order. */
    Set<String> names() throws IOException {
        Set<String> names = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            for (Path entry : entries) {
                names.add(Objects.requireNonNull(entry.getFileName()).toString());
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    /** Brings new and removed entries to the disk. */
    void sync() throws IOException {
        boolean interrupted = Thread.interrupted();
        try (FileChannel channel = FileChannel.open(path, READ)) {
            channel.force(true);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    void delete(String name) throws IOException {
        Files.deleteIfExists(resolve(name));
        sync();
    }

    /**
     * Checks that the directory belongs to the user who owns {@code file}, which this process has created.
     *
     * @throws IllegalStateException if it is another's
     */
    void requireSameOwner(Path file) throws IOException {
        UserPrincipal mine = attributes(file).owner();
        UserPrincipal owner = attributes(path).owner();
        if (!mine.equals(owner)) {
            throw new IllegalStateException("The journal's directory \"" + path
                    + "\" must belong to the user of this process, " + mine.getName() + "; it belongs to "
                    + owner.getName() + ". Choose another, or run this process as that user");
        }
    }

    /**
     * Checks that a file is a regular one of the directory's owner, which group and others may neither read nor write.
     *
     * @throws IllegalStateException if it is something else
     */
    void requirePrivateFile(Path file) throws IOException {
        PosixFileAttributes attributes = attributes(file);
        if (!attributes.isRegularFile()) {
            throw new IllegalStateException("The journal needs a regular file; \"" + file + "\" is "
                    + (attributes.isSymbolicLink() ? "a symbolic link" : "none")
                    + ". The journal never makes such: find out who did, and delete it");
        }
        UserPrincipal owner = attributes(path).owner();
        if (!attributes.owner().equals(owner)) {
            throw new IllegalStateException("The journal's file \"" + file + "\" must belong to " + owner.getName()
                    + ", as its directory; it belongs to "
                    + attributes.owner().getName() + ". Find out who put it there, and delete it");
        }
        Set<PosixFilePermission> owners = EnumSet.of(OWNER_READ, OWNER_WRITE, OWNER_EXECUTE);
        if (!owners.containsAll(attributes.permissions())) {
            throw new IllegalStateException("The journal's file \"" + file
                    + "\" must be closed to group and others (rw-------); its mode is "
                    + PosixFilePermissions.toString(attributes.permissions())
                    + ". Check that nobody changed what is in it, and run chmod 600 on it");
        }
    }

    private static PosixFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, PosixFileAttributes.class, NOFOLLOW_LINKS);
    }
}
