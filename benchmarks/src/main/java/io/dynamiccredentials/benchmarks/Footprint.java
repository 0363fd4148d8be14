package io.dynamiccredentials.benchmarks;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/**
 * What this process takes of the machine at a moment. Immutable.
 *
 * @param heapBytes what is reachable on the heap
 * @param files the file descriptors that are open
 * @param cpuSeconds the CPU time until now, with that of the garbage collector
 * @param atNanos the moment, as {@link System#nanoTime}
 */
record Footprint(long heapBytes, long files, double cpuSeconds, long atNanos) {

    /** Looks, after a collection of garbage: takes a while if the heap is large. */
    static Footprint now() {
        UnixOperatingSystemMXBean system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        // The first collection clears references, the second one what these held.
        System.gc();
        System.gc();
        return new Footprint(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                system.getOpenFileDescriptorCount(),
                system.getProcessCpuTime() / (double) TimeUnit.SECONDS.toNanos(1),
                System.nanoTime());
    }

    /** Returns how many threads live. */
    static int liveThreads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    double secondsSince(Footprint before) {
        return (atNanos - before.atNanos) / (double) TimeUnit.SECONDS.toNanos(1);
    }
}
