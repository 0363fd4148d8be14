package io.dynamiccredentials.discovery;

import java.util.List;

/**
 * What one call of {@link StaticPublisher#publish()} did. Immutable.
 *
 * @param written the paths of the files that were new or different, in the order in which they were written
 * @param unchanged the paths of the files that were there already
 */
public record Publication(List<String> written, List<String> unchanged) {

    /** Copies the lists. */
    public Publication {
        written = List.copyOf(written);
        unchanged = List.copyOf(unchanged);
    }
}
