package io.dynamiccredentials.jdbc;

import static java.util.stream.Collectors.toMap;

import io.dynamiccredentials.keys.KeyState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a node tells after each tick, as one line of fields between tabs.
 *
 * @param now what its clock shows: the time that it was told
 * @param activeKeyId the key that signs a token now
 * @param expiresAt the end of that token
 * @param signature its signature of {@code now} in base64url, if the key is another than the one before
 * @param states the state of each key, by its id
 * @param published the key set as JSON, if it is another than the one before
 * @param events what it did to keys since its answer before
 * @param lostRaces how often, since its answer before, it could not store a version, since another node was first
 * @param problems what it thinks is wrong; empty if nothing is
 */
record NodeAnswer(
        Instant now,
        String activeKeyId,
        Instant expiresAt,
        String signature,
        Map<String, KeyState> states,
        Optional<String> published,
        List<String> events,
        long lostRaces,
        String problems) {
    /** Ends a line, so that what a killed process told of one is not taken for all of it. */
    private static final String END = ".";

    private static final int FIELDS = 10;

    static Optional<NodeAnswer> parse(String line) {
        String[] fields = line.split("\t", -1);
        if (fields.length != FIELDS || !fields[FIELDS - 1].equals(END)) {
            return Optional.empty();
        }
        return Optional.of(new NodeAnswer(
                Instant.parse(fields[0]),
                fields[1],
                Instant.parse(fields[2]),
                fields[3],
                words(fields[4])
                        .map(word -> word.split(":"))
                        .collect(toMap(pair -> pair[0], pair -> KeyState.valueOf(pair[1]))),
                Optional.of(fields[5]).filter(json -> !json.isEmpty()),
                words(fields[6]).toList(),
                Long.parseLong(fields[7]),
                fields[8]));
    }

    String line() {
        List<String> pairs = states.entrySet().stream()
                .map(entry -> entry.getKey() + ":" + entry.getValue())
                .toList();
        return String.join(
                "\t",
                now.toString(),
                activeKeyId,
                expiresAt.toString(),
                signature,
                String.join(" ", pairs),
                published.orElse(""),
                String.join(" ", events),
                String.valueOf(lostRaces),
                problems.replaceAll("\\s+", " "),
                END);
    }

    Set<String> keyIds() {
        return states.keySet();
    }

    Stream<String> in(KeyState state) {
        return states.keySet().stream().filter(keyId -> states.get(keyId) == state);
    }

    private static Stream<String> words(String field) {
        return Stream.of(field.split(" ")).filter(word -> !word.isEmpty());
    }
}
