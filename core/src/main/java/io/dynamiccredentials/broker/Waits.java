package io.dynamiccredentials.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** What has to be looked at once a time has passed, which is the same for all. Not safe for use by several threads. */
final class Waits<T> {
    private final long nanos;
    private final LongSupplier nanoTime;
    /** In the order in which they are due, as all wait equally long. */
    private final Map<T, Long> ends = new LinkedHashMap<>();

    Waits(Duration duration, LongSupplier nanoTime) {
        this.nanos = duration.toNanos();
        this.nanoTime = nanoTime;
    }

    /** Starts a wait; if there is one for {@code waiting}, it starts anew. */
    void add(T waiting) {
        ends.remove(waiting);
        ends.put(waiting, nanoTime.getAsLong() + nanos);
    }

    void remove(T waiting) {
        ends.remove(waiting);
    }

    /** Removes those whose time has passed and returns them. */
    List<T> due() {
        long now = nanoTime.getAsLong();
        List<T> due = new ArrayList<>();
        Iterator<Map.Entry<T, Long>> entries = ends.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<T, Long> entry = entries.next();
            if (now - entry.getValue() < 0) {
                break;
            }
            due.add(entry.getKey());
            entries.remove();
        }
        return due;
    }

    /** Returns how many nanoseconds it takes until one is due, perhaps less than none; the greatest number if never. */
    long nanosToNext() {
        return ends.isEmpty() ? Long.MAX_VALUE : ends.values().iterator().next() - nanoTime.getAsLong();
    }
}
