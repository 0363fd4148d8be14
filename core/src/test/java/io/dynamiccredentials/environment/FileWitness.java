package io.dynamiccredentials.environment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A process that reads a file again and again, and says whatever is wrong with it. */
final class FileWitness {
    private FileWitness() {}

    /**
     * Reads the file {@code args[0]} at least {@code args[1]} times, until it has seen {@code args[2]} versions. Each
     * of its versions is {@code n} and then {@code n} further lines, which say {@code n} too.
     */
    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[0]);
        int times = Integer.parseInt(args[1]);
        int enough = Integer.parseInt(args[2]);
        int versions = 0;
        String last = "";
        for (int i = 0; i < times || versions < enough; i++) {
            String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
            String content = Files.readString(file);
            if (!mode.equals("rw-------")) {
                System.out.println("mode " + mode);
            }
            if (!isWhole(content)) {
                System.out.println("torn after " + content.length() + " characters");
            }
            if (!content.equals(last)) {
                versions++;
                last = content;
            }
        }
        System.out.println("versions " + versions);
    }

    static String version(int number) {
        return (number + "\n").repeat(number % 400 + 1);
    }

    private static boolean isWhole(String content) {
        int end = content.indexOf('\n');
        return end > 0 && content.equals(version(Integer.parseInt(content.substring(0, end))));
    }
}
