package io.dynamiccredentials.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
    VARIABLES;

    /**
     * Returns what a setting of the host says, if it is there: {@code files}, {@code broker} or {@code variables}.
     *
     * @param name the setting, for example {@code aws.delivery}
     * @throws IllegalArgumentException if it says anything else; the message names the setting
     */
    public static Optional<Delivery> of(Map<String, String> settings, String name) {
        return Optional.ofNullable(settings.get(name))
                .map(text -> Arrays.stream(values())
                        .filter(delivery -> delivery.word().equals(text))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("The setting " + name + " must be one of "
                                + words(Set.of(values())) + "; it was \"" + text + "\"")));
    }

    /**
     * Returns this one, if it is one of those that a platform can do.
     *
     * @param platform the platform's name
     * @throws IllegalArgumentException if it is none of them; the message names them
     */
    public Delivery requireOneOf(Set<Delivery> possible, String platform) {
        if (!possible.contains(this)) {
            throw new IllegalArgumentException("The delivery of " + platform + " must be one of " + words(possible)
                    + "; it was \"" + word() + "\"");
        }
        return this;
    }

    private static List<String> words(Set<Delivery> deliveries) {
        return deliveries.stream().sorted().map(Delivery::word).toList();
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
