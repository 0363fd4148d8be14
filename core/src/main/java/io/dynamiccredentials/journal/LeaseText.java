package io.dynamiccredentials.journal;

import com.fasterxml.jackson.databind.JsonNode;
import io.dynamiccredentials.exchange.RevocationHandle;
import io.dynamiccredentials.journal.LeaseFact.Directory;
import io.dynamiccredentials.journal.LeaseFact.IssuedToken;
import io.dynamiccredentials.journal.LeaseFact.ObtainedCredentials;
import io.dynamiccredentials.journal.LeaseFact.OutsideFile;
import io.dynamiccredentials.journal.LeaseFact.StartedProcess;
import io.dynamiccredentials.wire.StrictJson;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes leases and their facts as JSON, each on one line, and reads them again.
 *
 * <p>A lease is {@code {"format":1,"lease":…,"run":…,"openedAt":…}}. A fact has a member {@code fact}, which is
 * {@code directory}, {@code file}, {@code process}, {@code token} or {@code credentials}, and the components of its
 * type by their names; instants are as in ISO 8601, and an absent handle is an absent member. Reading refuses members
 * that are missing, unknown or of another type.
 */
public final class LeaseText {
    /** The longest text of a lease or of a fact. */
    public static final int MAX_CHARACTERS = 64 * 1024;

    private static final int FORMAT = 1;

    private LeaseText() {}

    /**
     * Writes a lease.
     *
     * @throws IllegalArgumentException if the text is longer than {@link #MAX_CHARACTERS}
     */
    public static String write(LeaseRecord lease) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("format", FORMAT);
        members.put("lease", lease.leaseId());
        members.put("run", lease.runId());
        members.put("openedAt", lease.openedAt().toString());
        return bounded(StrictJson.write(members));
    }

    /**
     * Reads what {@link #write(LeaseRecord)} wrote.
     *
     * @throws IllegalArgumentException if it is anything else, or of a newer format; the message does not repeat it
     */
    public static LeaseRecord readLease(String text) {
        LeaseMembers members = LeaseMembers.of(text);
        long format = members.number("format");
        if (format != FORMAT) {
            throw new IllegalArgumentException("of format " + format + ", where this release reads format " + FORMAT
                    + "; let the release that wrote it read it");
        }
        LeaseRecord lease = new LeaseRecord(members.text("lease"), members.text("run"), members.instant("openedAt"));
        members.requireNoOthers();
        return lease;
    }

    /**
     * Writes a fact.
     *
     * @throws IllegalArgumentException if the text is longer than {@link #MAX_CHARACTERS}
     */
    public static String write(LeaseFact fact) {
        Map<String, Object> members = new LinkedHashMap<>();
        if (fact instanceof Directory directory) {
            members.put("fact", "directory");
            members.put("machine", directory.machine());
            members.put("path", directory.path());
        } else if (fact instanceof OutsideFile file) {
            members.put("fact", "file");
            members.put("machine", file.machine());
            members.put("path", file.path());
            file.fileKey().ifPresent(key -> members.put("fileKey", key));
        } else if (fact instanceof StartedProcess process) {
            members.put("fact", "process");
            members.put("machine", process.machine());
            members.put("pid", process.pid());
            members.put("startedAt", process.startedAt().toString());
        } else if (fact instanceof IssuedToken token) {
            members.put("fact", "token");
            members.put("configuration", token.configuration());
            members.put("tokenId", token.tokenId());
            members.put("expiresAt", token.expiresAt().toString());
        } else if (fact instanceof ObtainedCredentials credentials) {
            put(members, credentials);
        }
        return bounded(StrictJson.write(members));
    }

    private static void put(Map<String, Object> members, ObtainedCredentials credentials) {
        members.put("fact", "credentials");
        members.put("configuration", credentials.configuration());
        members.put("tokenId", credentials.tokenId());
        members.put("principal", credentials.principal());
        members.put("expiresAt", credentials.expiresAt().toString());
        credentials
                .handle()
                .ifPresent(handle ->
                        members.put("handle", Map.of("platform", handle.platform(), "members", handle.members())));
    }

    /**
     * Reads what {@link #write(LeaseFact)} wrote.
     *
     * @throws IllegalArgumentException if it is anything else; the message does not repeat it
     */
    public static LeaseFact readFact(String text) {
        LeaseMembers members = LeaseMembers.of(text);
        LeaseFact fact = read(members.text("fact"), members);
        members.requireNoOthers();
        return fact;
    }

    private static LeaseFact read(String kind, LeaseMembers members) {
        return switch (kind) {
            case "directory" -> new Directory(members.text("machine"), members.text("path"));
            case "file" ->
                new OutsideFile(members.text("machine"), members.text("path"), members.optionalText("fileKey"));
            case "process" ->
                new StartedProcess(members.text("machine"), members.number("pid"), members.instant("startedAt"));
            case "token" ->
                new IssuedToken(members.text("configuration"), members.text("tokenId"), members.instant("expiresAt"));
            case "credentials" ->
                new ObtainedCredentials(
                        members.text("configuration"),
                        members.text("tokenId"),
                        members.text("principal"),
                        members.instant("expiresAt"),
                        members.object("handle").map(LeaseText::handle));
            default -> throw new IllegalArgumentException("of a kind that this release does not know");
        };
    }

    private static RevocationHandle handle(LeaseMembers handle) {
        String platform = handle.text("platform");
        LeaseMembers members = handle.object("members")
                .orElseThrow(() -> new IllegalArgumentException("without the member \"members\" of a handle"));
        handle.requireNoOthers();
        return new RevocationHandle(platform, members.texts());
    }

    private static String bounded(String text) {
        if (text.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException("A text in a journal has at most " + MAX_CHARACTERS
                    + " characters; this one has " + text.length() + ". Give the lease and its handles short names");
        }
        return text;
    }

    /** The members of one JSON object, which are all to be read. */
    private static final class LeaseMembers {
        private final JsonNode node;
        private int read;

        private LeaseMembers(JsonNode node) {
            this.node = node;
        }

        static LeaseMembers of(String text) {
            if (text.length() > MAX_CHARACTERS) {
                throw new IllegalArgumentException("longer than " + MAX_CHARACTERS + " characters");
            }
            return new LeaseMembers(StrictJson.parseObject(text));
        }

        String text(String name) {
            read++;
            return StrictJson.text(node, name).orElseThrow(() -> missing(name, "a text"));
        }

        Optional<String> optionalText(String name) {
            return node.path(name).isMissingNode() ? Optional.empty() : Optional.of(text(name));
        }

        long number(String name) {
            read++;
            JsonNode number = node.path(name);
            if (!number.isIntegralNumber() || !number.canConvertToLong()) {
                throw missing(name, "a whole number");
            }
            return number.longValue();
        }

        Instant instant(String name) {
            try {
                return Instant.parse(text(name));
            } catch (DateTimeException e) {
                // The cause is dropped: it quotes the text.
                throw missing(name, "an instant");
            }
        }

        Optional<LeaseMembers> object(String name) {
            JsonNode object = node.path(name);
            if (object.isMissingNode()) {
                return Optional.empty();
            }
            if (!object.isObject()) {
                throw missing(name, "an object");
            }
            read++;
            return Optional.of(new LeaseMembers(object));
        }

        Map<String, String> texts() {
            Map<String, String> texts = new TreeMap<>();
            node.fieldNames().forEachRemaining(name -> {
                if (!node.path(name).isTextual()) {
                    throw new IllegalArgumentException("with a handle whose members are not all texts");
                }
                texts.put(name, node.path(name).textValue());
            });
            return texts;
        }

        void requireNoOthers() {
            if (node.size() != read) {
                throw new IllegalArgumentException("with members that this release does not know");
            }
        }

        private static IllegalArgumentException missing(String name, String expected) {
            return new IllegalArgumentException("without a member \"" + name + "\" that is " + expected);
        }
    }
}
