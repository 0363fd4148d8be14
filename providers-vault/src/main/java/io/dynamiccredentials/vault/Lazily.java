package io.dynamiccredentials.vault;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes a value when it is first asked for, and once. Safe for use by many threads. */
final class Lazily<T> implements Supplier<T> {
    private final Supplier<T> maker;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable T made;

    Lazily(Supplier<T> maker) {
        this.maker = maker;
    }

    @Override
    public T get() {
        lock.lock();
        try {
            T value = made;
            if (value == null) {
                value = maker.get();
                made = value;
            }
            return value;
        } finally {
            lock.unlock();
        }
    }
}
