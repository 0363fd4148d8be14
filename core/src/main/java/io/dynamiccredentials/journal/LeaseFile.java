package io.dynamiccredentials.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file of one lease: a line with the lease and one for each fact, as in {@link LeaseText}, each ended by a line
 * feed.
 *
 * <p>What follows the last line feed was being written when the process died, and nobody has relied on it. So was a
 * last line with a zero byte: a file may have grown on the disk before its content got there.
 */
final class LeaseFile {
    static final int MAX_BYTES = 16 * 1024 * 1024;

    private static final Pattern NAME = Pattern.compile("lease-([0-9a-f]{32})-[0-9a-f]{32}\\.jsonl(?:\\.tmp)?");
    private static final String TEMPORARY = ".tmp";

    private final LeaseRecord lease;
    private final List<LeaseFact> facts;

    private LeaseFile(LeaseRecord lease, List<LeaseFact> facts) {
        this.lease = lease;
        this.facts = List.copyOf(facts);
    }

    static String newName(String owner) {
        return "lease-" + owner + "-" + JournalDirectory.randomName() + ".jsonl";
    }

    /** Returns the owner of the lease whose file has this name, if it is the name of one. */
    static Optional<String> ownerOf(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** Tells whether a file of this name is one whose writing was not finished. */
    static boolean isTemporary(String name) {
        return name.endsWith(TEMPORARY);
    }

    /** Returns the same lease with other facts. */
    LeaseFile with(List<LeaseFact> others) {
        return new LeaseFile(lease, others);
    }

    LeaseRecord lease() {
        return lease;
    }

    List<LeaseFact> facts() {
        return facts;
    }

    static byte[] line(String text) {
        return (text + "\n").getBytes(UTF_8);
    }

    /**
     * Reads a file; empty if the process died before the lease had begun.
     *
     * @throws IllegalStateException if the file is none of a journal's, or damaged
     */
    static Optional<LeaseFile> read(JournalDirectory home, String name) throws IOException {
        Path file = home.resolve(name);
        home.requirePrivateFile(file);
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file, NOFOLLOW_LINKS)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        }
        if (bytes.length > MAX_BYTES) {
            throw damaged(file, "it has more than " + MAX_BYTES + " bytes, which no lease has");
        }
        List<byte[]> lines = lines(bytes);
        int last = lines.size() - 1;
        if (last >= 0 && hasZero(lines.get(last))) {
            lines.remove(last);
        }
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(parse(file, lines));
    }

    /** Returns the whole content of the file. */
    byte[] bytes() {
        StringBuilder text = new StringBuilder(LeaseText.write(lease)).append('\n');
        facts.forEach(fact -> text.append(LeaseText.write(fact)).append('\n'));
        return text.toString().getBytes(UTF_8);
    }

    /** Writes a file anew, wholly or not at all. */
    void replace(JournalDirectory home, String name) throws IOException {
        Path temporary = home.resolve(name + TEMPORARY);
        boolean interrupted = Thread.interrupted();
        try {
            Files.deleteIfExists(temporary);
            try (FileChannel channel = FileChannel.open(
                    temporary, Set.of(CREATE_NEW, WRITE, NOFOLLOW_LINKS), JournalDirectory.OWNER_READS_AND_WRITES)) {
                ByteBuffer bytes = ByteBuffer.wrap(bytes());
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, home.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            home.sync();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static LeaseFile parse(Path file, List<byte[]> lines) {
        int number = 1;
        try {
            LeaseRecord lease = LeaseText.readLease(text(lines.get(0)));
            List<LeaseFact> facts = new ArrayList<>();
            for (byte[] line : lines.subList(1, lines.size())) {
                number++;
                facts.add(LeaseText.readFact(text(line)));
            }
            return new LeaseFile(lease, facts);
        } catch (IllegalArgumentException e) {
            throw damaged(file, "line " + number + " is " + e.getMessage());
        } catch (CharacterCodingException e) {
            throw damaged(file, "line " + number + " is no UTF-8");
        }
    }

    private static IllegalStateException damaged(Path file, String how) {
        return new IllegalStateException("The journal's file \"" + file + "\" can't be read: " + how
                + ". It stays there: end by hand what it tells of, then delete it");
    }

    private static List<byte[]> lines(byte[] bytes) {
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                lines.add(Arrays.copyOfRange(bytes, start, i));
                start = i + 1;
            }
        }
        return lines;
    }

    private static boolean hasZero(byte[] line) {
        for (byte each : line) {
            if (each == 0) {
                return true;
            }
        }
        return false;
    }

    private static String text(byte[] line) throws CharacterCodingException {
        return UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
    }
}
