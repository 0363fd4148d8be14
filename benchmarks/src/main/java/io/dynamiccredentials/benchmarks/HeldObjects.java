package io.dynamiccredentials.benchmarks;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** Counts the objects that are reachable, by the virtual machine's own histogram. Holds nothing. */
final class HeldObjects {
    private static final String COMMANDS = "com.sun.management:type=DiagnosticCommand";
    private static final int INSTANCES = 1;
    private static final int NAME = 3;

    private HeldObjects() {}

    /** Returns how many there are of a class, after a collection of garbage. */
    static long count(Class<?> type) {
        return histogram()
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length > NAME && words[NAME].equals(type.getName()))
                .mapToLong(words -> Long.parseLong(words[INSTANCES]))
                .sum();
    }

    private static String histogram() {
        try {
            return (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(new ObjectName(COMMANDS), "gcClassHistogram", new Object[] {new String[0]}, new String[] {
                        String[].class.getName()
                    });
        } catch (JMException e) {
            throw new IllegalStateException("This virtual machine tells no histogram of its heap. Use OpenJDK", e);
        }
    }
}
