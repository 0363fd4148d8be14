package io.dynamiccredentials.config;

/** How a run's tools come by what they need of a platform. The host chooses it for each platform. */
public enum Delivery {
    /** In files, which are replaced before what they hold ends. */
    FILES,
    /** From an endpoint on loopback that is the lease's own, which answers with what is fresh. */
    BROKER,
    /**
     * In variables, which no running process sees change: a process that lasts longer than their lifetime fails, and
     * one that is started later gets newer ones.
     */
    VARIABLES
}
