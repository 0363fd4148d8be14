package io.dynamiccredentials.vault;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the tokens of a role are like: the parameters {@code token_…} of Vault's auth methods. Immutable.
 *
 * <p>A duration of zero means, as with Vault, that the role says nothing: what the mount says holds, or no limit.
 */
public final class VaultTokenParameters {
    private final List<String> policies;
    private final Duration ttl;
    private final Duration maxTtl;
    private final Duration explicitMaxTtl;
    private final Duration period;
    private final int numUses;
    private final boolean defaultPolicy;
    private final boolean batch;
    private final List<String> boundCidrs;

    private VaultTokenParameters(Builder builder) {
        this.policies = List.copyOf(builder.policies);
        this.ttl = builder.ttl;
        this.maxTtl = builder.maxTtl;
        this.explicitMaxTtl = builder.explicitMaxTtl;
        this.period = builder.period;
        this.numUses = builder.numUses;
        this.defaultPolicy = builder.defaultPolicy;
        this.batch = builder.batch;
        this.boundCidrs = List.copyOf(builder.boundCidrs);
        requireNoContradiction();
    }

    /** Starts a description, of which nothing is required. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns {@code token_policies}. */
    public List<String> policies() {
        return policies;
    }

    /** Returns {@code token_ttl}: how long a token lives, and lives anew with each renewal. */
    public Duration ttl() {
        return ttl;
    }

    /** Returns {@code token_max_ttl}: how long it lives at most, however often it is renewed. */
    public Duration maxTtl() {
        return maxTtl;
    }

    /** Returns {@code token_explicit_max_ttl}: the same, also where the mount or a period allow more. */
    public Duration explicitMaxTtl() {
        return explicitMaxTtl;
    }

    /** Returns {@code token_period}: how long it lives anew with each renewal, without an end. */
    public Duration period() {
        return period;
    }

    /** Returns {@code token_num_uses}: how many requests it is good for; 0 means any number. */
    public int numUses() {
        return numUses;
    }

    /** Tells whether tokens have the policy {@code default}: {@code token_no_default_policy} is false. */
    public boolean hasDefaultPolicy() {
        return defaultPolicy;
    }

    /** Tells whether tokens are batch tokens, which nobody can renew or revoke. */
    public boolean isBatch() {
        return batch;
    }

    /** Tells whether {@code address} is in {@code token_bound_cidrs}, or nothing is bound. */
    public boolean permitsAddress(String address) {
        return boundCidrs.isEmpty()
                || boundCidrs.stream().anyMatch(cidr -> Cidr.parse(cidr).contains(address));
    }

    boolean bindsCidrs() {
        return !boundCidrs.isEmpty();
    }

    /** Adds what differs from Vault's default, in the terms of its API. */
    void addTo(Map<String, Object> members) {
        Map<String, Duration> durations = new LinkedHashMap<>();
        durations.put("token_ttl", ttl);
        durations.put("token_max_ttl", maxTtl);
        durations.put("token_explicit_max_ttl", explicitMaxTtl);
        durations.put("token_period", period);
        durations.forEach((name, duration) -> {
            if (!duration.isZero()) {
                members.put(name, duration.toSeconds());
            }
        });
        addOthersTo(members);
    }

    private void addOthersTo(Map<String, Object> members) {
        if (!policies.isEmpty()) {
            members.put("token_policies", policies);
        }
        if (numUses > 0) {
            members.put("token_num_uses", numUses);
        }
        if (!defaultPolicy) {
            members.put("token_no_default_policy", true);
        }
        if (batch) {
            members.put("token_type", "batch");
        }
        if (!boundCidrs.isEmpty()) {
            members.put("token_bound_cidrs", boundCidrs);
        }
    }

    private void requireNoContradiction() {
        if (!maxTtl.isZero() && ttl.compareTo(maxTtl) > 0) {
            throw new IllegalArgumentException("'token_ttl' cannot be greater than 'token_max_ttl'; they were " + ttl
                    + " and " + maxTtl + ". Shorten the one or lengthen the other");
        }
        if (batch && !period.isZero()) {
            throw new IllegalArgumentException("'token_type' cannot be 'batch' or 'default_batch' when set to generate "
                    + "periodic tokens; the period was " + period + ". Leave one of the two out");
        }
        if (batch && numUses > 0) {
            throw new IllegalArgumentException("'token_type' cannot be 'batch' or 'default_batch' when set to generate "
                    + "tokens with limited use count; it was " + numUses + ". Leave one of the two out");
        }
    }

    /** Collects parameters. Not safe for use by several threads. */
    public static final class Builder {
        private List<String> policies = List.of();
        private Duration ttl = Duration.ZERO;
        private Duration maxTtl = Duration.ZERO;
        private Duration explicitMaxTtl = Duration.ZERO;
        private Duration period = Duration.ZERO;
        private int numUses;
        private boolean defaultPolicy = true;
        private boolean batch;
        private List<String> boundCidrs = List.of();

        private Builder() {}

        /**
         * Sets {@code token_policies}. Default: none but {@code default}.
         *
         * @throws IllegalArgumentException if one is blank
         */
        public Builder policies(String... policies) {
            for (String policy : policies) {
                if (policy.isBlank()) {
                    throw new IllegalArgumentException("A policy must have a name; one was blank");
                }
            }
            this.policies = Arrays.asList(policies.clone());
            return this;
        }

        /**
         * Sets {@code token_ttl}. Default: the mount's.
         *
         * @throws IllegalArgumentException if it is negative or no whole number of seconds; so with each duration
         */
        public Builder ttl(Duration ttl) {
            this.ttl = require("token_ttl", ttl);
            return this;
        }

        /** Sets {@code token_max_ttl}. Default: the mount's. */
        public Builder maxTtl(Duration maxTtl) {
            this.maxTtl = require("token_max_ttl", maxTtl);
            return this;
        }

        /** Sets {@code token_explicit_max_ttl}. Default: no such limit. */
        public Builder explicitMaxTtl(Duration explicitMaxTtl) {
            this.explicitMaxTtl = require("token_explicit_max_ttl", explicitMaxTtl);
            return this;
        }

        /** Sets {@code token_period}, which makes tokens live as long as they are renewed. Default: no period. */
        public Builder period(Duration period) {
            this.period = require("token_period", period);
            return this;
        }

        /**
         * Sets {@code token_num_uses}. Default 0, any number.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder numUses(int numUses) {
            if (numUses < 0) {
                throw new IllegalArgumentException("'token_num_uses' cannot be negative; it was " + numUses);
            }
            this.numUses = numUses;
            return this;
        }

        /** Keeps the policy {@code default} from tokens: {@code token_no_default_policy}. */
        public Builder noDefaultPolicy() {
            this.defaultPolicy = false;
            return this;
        }

        /** Makes tokens batch tokens: {@code token_type=batch}. Default: service tokens. */
        public Builder batch() {
            this.batch = true;
            return this;
        }

        /**
         * Sets {@code token_bound_cidrs}: where logins and the tokens' requests come from. Default: anywhere.
         *
         * @throws IllegalArgumentException if one is malformed
         */
        public Builder boundCidrs(String... boundCidrs) {
            for (String cidr : boundCidrs) {
                Cidr.parse(cidr);
            }
            this.boundCidrs = Arrays.asList(boundCidrs.clone());
            return this;
        }

        /**
         * Returns the parameters.
         *
         * @throws IllegalArgumentException if two contradict each other, as Vault sees it
         */
        public VaultTokenParameters build() {
            return new VaultTokenParameters(this);
        }

        private static Duration require(String name, Duration duration) {
            if (duration.isNegative()) {
                throw new IllegalArgumentException("'" + name + "' cannot be negative; it was " + duration);
            }
            if (!WholeSeconds.isWhole(duration)) {
                throw new IllegalArgumentException("'" + name + "' is whole seconds; it was " + duration);
            }
            return duration;
        }
    }
}
