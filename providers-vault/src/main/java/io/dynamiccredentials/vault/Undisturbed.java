package io.dynamiccredentials.vault;

/** Cleans up after a failure even while the thread is interrupted, which would make every request fail at once. */
final class Undisturbed {
    private Undisturbed() {}

    /** Runs {@code cleaning}; adds its own failure to {@code why}, and interrupts the thread again if it was. */
    static void run(Throwable why, Runnable cleaning) {
        boolean interrupted = Thread.interrupted();
        try {
            cleaning.run();
        } catch (RuntimeException e) {
            why.addSuppressed(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
