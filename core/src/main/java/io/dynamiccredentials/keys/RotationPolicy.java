package io.dynamiccredentials.keys;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How often keys rotate, and how long each must be known before it signs and after it signed.
 *
 * <p>What makes rotation safe is computed from what is set: a key is published for at least {@link #publishLead()}
 * before it signs, and for {@link #retention()} after the last token that it signed has ended. Both hold a reserve for
 * clocks that are wrong by up to an hour. Immutable.
 */
public final class RotationPolicy {
    /** No clock of a node may be further off than the skew and this much. */
    private static final Duration CLOCK_JUMP = Duration.ofHours(1);

    /** How long after {@code exp} a verifier may take a token: AWS and Entra 5 minutes, Vault 3.5. */
    private static final Duration VERIFIER_LEEWAY = Duration.ofMinutes(5);

    /** Google Cloud takes no more in an upload. */
    static final int MAX_KEYS = 8;

    /** Further ahead no key of any policy may be allowed to sign: a day's token, a week's staleness, all margins. */
    static final Duration MOST_AHEAD = Duration.ofDays(1 + 7).plusHours(2 * 4);

    private static final Duration MAX_AGE_CEILING = Duration.ofHours(1);

    private final Duration period;
    private final Duration publishLead;
    private final Duration maxTokenLifetime;
    private final Duration maxVerifierCache;
    private final Duration maxStaleness;
    private final Duration clockMargin;
    private final Duration servable;

    private RotationPolicy(Builder builder) {
        this.period = builder.period;
        this.maxTokenLifetime = builder.maxTokenLifetime;
        this.maxVerifierCache = builder.maxVerifierCache;
        this.maxStaleness = builder.maxStaleness;
        this.clockMargin = builder.clockSkew.plus(CLOCK_JUMP).multipliedBy(2);
        this.servable = maxStaleness.dividedBy(4).multipliedBy(3);
        this.publishLead = builder.publishLead == null ? leastPublishLead() : builder.publishLead;
    }

    /** Starts a policy with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the defaults: a new key each 30 days, known for 32 hours and 10 minutes before it signs. */
    public static RotationPolicy standard() {
        return builder().build();
    }

    /** Returns how long a key signs. */
    public Duration period() {
        return period;
    }

    /** Returns how long a key is published before it signs. */
    public Duration publishLead() {
        return publishLead;
    }

    /** Returns how long a key stays published after the last token that it signed has ended. */
    public Duration retention() {
        return VERIFIER_LEEWAY.plus(clockMargin);
    }

    /** Returns the longest life of a token. */
    public Duration maxTokenLifetime() {
        return maxTokenLifetime;
    }

    /** Returns how long a verifier, or a cache before it, may keep a key set. */
    public Duration maxVerifierCache() {
        return maxVerifierCache;
    }

    /** Returns how old what a node serves and signs from may be. */
    public Duration maxStaleness() {
        return maxStaleness;
    }

    /** Returns how long verifiers are told to keep the key set: a quarter of the publish lead, at most an hour. */
    public Duration maxAge() {
        Duration quarter = publishLead.dividedBy(4);
        Duration shorter = quarter.compareTo(MAX_AGE_CEILING) < 0 ? quarter : MAX_AGE_CEILING;
        return shorter.compareTo(maxVerifierCache) < 0 ? shorter : maxVerifierCache;
    }

    /** Returns for how long a node serves what it read: a quarter is left for the lag of what it reads from. */
    Duration servable() {
        return servable;
    }

    /** Returns for how much longer than the life of a token a key may sign without another word of the store. */
    Duration signingReserve() {
        return maxStaleness.plus(clockMargin);
    }

    /** Returns how long a key must have been seen in public before it signs: all caches have ended by then. */
    Duration leastSeen() {
        return maxVerifierCache.plus(clockMargin);
    }

    /** Returns by how much the clocks of two nodes may differ, each of them perhaps off by an hour. */
    Duration clockMargin() {
        return clockMargin;
    }

    @Override
    public String toString() {
        return "RotationPolicy[period=" + period + ", publishLead=" + publishLead + ", retention=" + retention()
                + ", maxTokenLifetime=" + maxTokenLifetime + ", maxStaleness=" + maxStaleness + "]";
    }

    private Duration leastPublishLead() {
        return leastSeen().plus(maxStaleness);
    }

    /** Returns how many keys can be published at once: one active, one next, and those whose tokens still live. */
    private long mostKeys() {
        Duration retired = maxTokenLifetime.plus(signingReserve()).plus(retention());
        return 3 + retired.dividedBy(period);
    }

    /** Collects the settings of a policy. Not safe for use by several threads. */
    public static final class Builder {
        private Duration period = Duration.ofDays(30);
        private @Nullable Duration publishLead;
        private Duration maxTokenLifetime = Duration.ofHours(1);
        private Duration maxVerifierCache = Duration.ofHours(24);
        private Duration maxStaleness = Duration.ofHours(6);
        private Duration clockSkew = Duration.ofMinutes(5);

        private Builder() {}

        /** Sets how long a key signs before the next one takes over, up to 400 days. Default 30 days. */
        public Builder period(Duration period) {
            this.period = within("period", period, Duration.ofMinutes(1), Duration.ofDays(400));
            return this;
        }

        /**
         * Sets how long a key is published before it signs. Default, and the least that is taken: the largest verifier
         * cache, the largest staleness, and two hours and twice the skew for clocks that are wrong.
         */
        public Builder publishLead(Duration publishLead) {
            this.publishLead = within("publishLead", publishLead, Duration.ofMinutes(1), Duration.ofDays(400));
            return this;
        }

        /** Sets the longest life of a token, 1 minute to 24 hours. Default 1 hour. */
        public Builder maxTokenLifetime(Duration maxTokenLifetime) {
            this.maxTokenLifetime =
                    within("maxTokenLifetime", maxTokenLifetime, Duration.ofMinutes(1), Duration.ofHours(24));
            return this;
        }

        /**
         * Sets how long a verifier, or a cache before it, may keep a key set, up to 30 days. The clouds don't say how
         * long they do. Default 24 hours; less is a risk that you take.
         */
        public Builder maxVerifierCache(Duration maxVerifierCache) {
            this.maxVerifierCache = within("maxVerifierCache", maxVerifierCache, Duration.ZERO, Duration.ofDays(30));
            return this;
        }

        /**
         * Sets how old a key set may be when it is served, 4 minutes to 7 days. A node that can't read the store serves
         * for three quarters of it; the last one is left for a replica that lags. A node that can't write signs tokens
         * of full life for at least half of it. Default 6 hours: 4.5 without the store.
         */
        public Builder maxStaleness(Duration maxStaleness) {
            this.maxStaleness = within("maxStaleness", maxStaleness, Duration.ofMinutes(4), Duration.ofDays(7));
            return this;
        }

        /**
         * Sets how far the clock of a node may be from true time, up to 1 hour. A jump of an hour more is allowed for.
         * Default 5 minutes.
         */
        public Builder clockSkew(Duration clockSkew) {
            this.clockSkew = within("clockSkew", clockSkew, Duration.ZERO, Duration.ofHours(1));
            return this;
        }

        /**
         * Returns the policy.
         *
         * @throws IllegalArgumentException if the publish lead is too short to be safe, the period is shorter than the
         *     publish lead, or more than 8 keys could be published at once
         */
        public RotationPolicy build() {
            RotationPolicy policy = new RotationPolicy(this);
            Duration least = policy.leastPublishLead();
            if (policy.publishLead.compareTo(least) < 0) {
                throw new IllegalArgumentException("publishLead must be at least maxVerifierCache + maxStaleness + "
                        + "2 × (clockSkew + 1 h) = " + least + ", or verifiers meet a key before they know it; it was "
                        + policy.publishLead);
            }
            if (period.compareTo(policy.publishLead) < 0) {
                throw new IllegalArgumentException("period must be at least publishLead, " + policy.publishLead
                        + ", or no next key is ready when the period ends; it was " + period);
            }
            if (policy.mostKeys() > MAX_KEYS) {
                throw new IllegalArgumentException("With period " + period + " and maxTokenLifetime "
                        + maxTokenLifetime + " up to " + policy.mostKeys() + " keys would be published at once, and "
                        + "Google Cloud takes " + MAX_KEYS + ". Set a longer period");
            }
            return policy;
        }

        private static Duration within(String name, Duration value, Duration least, Duration most) {
            if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
                throw new IllegalArgumentException(name + " must be " + least + " to " + most + "; it was " + value);
            }
            return value;
        }
    }
}
