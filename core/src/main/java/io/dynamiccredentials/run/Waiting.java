package io.dynamiccredentials.run;

/** Lets time pass. */
@FunctionalInterface
interface Waiting {
    void pass(long millis) throws InterruptedException;
}
