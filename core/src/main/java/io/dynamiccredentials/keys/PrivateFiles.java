package io.dynamiccredentials.keys;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.attribute.PosixFilePermission.GROUP_WRITE;
import static java.nio.file.attribute.PosixFilePermission.OTHERS_WRITE;
import static java.nio.file.attribute.PosixFilePermission.OWNER_EXECUTE;
import static java.nio.file.attribute.PosixFilePermission.OWNER_READ;
import static java.nio.file.attribute.PosixFilePermission.OWNER_WRITE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** What the modes of a key file and of its directory must be. */
final class PrivateFiles {
    /** The mode of a new file, which a umask can only narrow. */
    static final FileAttribute<Set<PosixFilePermission>> OWNER_READS_AND_WRITES =
            PosixFilePermissions.asFileAttribute(EnumSet.of(OWNER_READ, OWNER_WRITE));

    private PrivateFiles() {}

    /**
     * Checks that a file is a regular one, which group and others may neither read nor write.
     *
     * @throws IllegalStateException if it is something else
     */
    static void requirePrivateFile(Path file) throws IOException {
        PosixFileAttributes attributes = attributes(file);
        if (!attributes.isRegularFile()) {
            throw new IllegalStateException("The key store needs a regular file; \"" + file + "\" is "
                    + (attributes.isSymbolicLink() ? "a symbolic link. Name the file that it points to" : "none"));
        }
        Set<PosixFilePermission> owner = EnumSet.of(OWNER_READ, OWNER_WRITE, OWNER_EXECUTE);
        if (!owner.containsAll(attributes.permissions())) {
            throw new IllegalStateException("The key store's file \"" + file
                    + "\" must be closed to group and others (rw-------); its mode is "
                    + PosixFilePermissions.toString(attributes.permissions())
                    + ". Run chmod 600 on it; if it held keys that others could read, revoke them");
        }
    }

    /**
     * Checks that nobody but its owner can put files into the directory.
     *
     * @throws IllegalStateException if somebody else can
     */
    static void requireOwnDirectory(Path directory) throws IOException {
        Set<PosixFilePermission> permissions = attributes(directory).permissions();
        if (permissions.contains(GROUP_WRITE) || permissions.contains(OTHERS_WRITE)) {
            throw new IllegalStateException("The key store's directory \"" + directory
                    + "\" must not be writable by group or others (rwx------); its mode is "
                    + PosixFilePermissions.toString(permissions) + ". Run chmod 700 on it, or choose another");
        }
    }

    private static PosixFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, PosixFileAttributes.class, NOFOLLOW_LINKS);
    }
}
