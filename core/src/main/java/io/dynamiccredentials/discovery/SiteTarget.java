package io.dynamiccredentials.discovery;

import java.nio.file.Path;

/**
 * Stores the files of a static site where a web server or a bucket shows them to the world.
 *
 * <p><b>For implementers:</b> replace a file as a whole, so that no reader ever sees half of one. Set the content type
 * and the cache control where the store can. Only who may issue tokens may write there: whoever writes the key set is
 * trusted as the issuer.
 */
@FunctionalInterface
public interface SiteTarget {

    /**
     * Stores {@code file}, and tells whether that changed anything; true if the store can't know. May block.
     *
     * @throws java.io.UncheckedIOException if it can't be stored; what was there before is then still there
     */
    boolean put(SiteFile file);

    /**
     * Returns a directory that a web server shows as its root, on a POSIX file system.
     *
     * <p>Files are replaced atomically, durable when {@link #put} returns, and readable for all (0644), like the
     * directories that are created for them (0755). A web server tells types by extensions, and these files have none:
     * have it send {@code application/json} for {@code /.well-known/}, and the {@code Cache-Control} of the file.
     *
     * @throws IllegalArgumentException if {@code root} is no directory, or on another file system
     */
    static SiteTarget directory(Path root) {
        return DirectoryTarget.of(root);
    }
}
