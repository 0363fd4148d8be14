package io.dynamiccredentials.testkit;

import io.dynamiccredentials.run.CloseReport.Item;
import io.dynamiccredentials.run.CloseReport.Outcome;
import io.dynamiccredentials.run.CloseReport.Thing;
import io.dynamiccredentials.run.SweeperReport;
import io.dynamiccredentials.run.SweptLease;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A report of a sweep, also of one in another process.
 *
 * @param found what it found, in its order
 * @param problems what must not be: leases that can't be read or are not settled
 */
record HostSweep(List<Found> found, List<String> problems) {
    private static final Pattern TOKEN = Pattern.compile("identity token (\\S+) for ");

    /** One thing of a lease of {@code runId}. */
    record Found(String runId, Thing thing, Outcome outcome, String what) {

        boolean isOf(String run, String configuration) {
            return runId.equals(run)
                    && thing == Thing.CREDENTIALS
                    && what.startsWith(configuration + " credentials of ");
        }
    }

    static HostSweep of(SweeperReport report) {
        List<Found> found = new ArrayList<>();
        List<String> problems = new ArrayList<>(report.unreadable());
        for (SweptLease lease : report.leases()) {
            String run = lease.lease().runId();
            for (Item item : lease.report().items()) {
                found.add(new Found(run, item.thing(), item.outcome(), item.what()));
                if (item.outcome() == Outcome.FAILED) {
                    problems.add(run + ": " + item);
                }
            }
            if (!lease.settled()) {
                problems.add(run + " is not settled");
            }
        }
        return new HostSweep(found, problems);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        found.forEach(each ->
                lines.add("found\t" + each.runId() + "\t" + each.thing() + "\t" + each.outcome() + "\t" + each.what()));
        problems.forEach(problem -> lines.add("problem\t" + problem));
        return lines;
    }

    static HostSweep parse(List<String> lines) {
        List<Found> found = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split("\t", 5);
            switch (words[0]) {
                case "found" ->
                    found.add(new Found(words[1], Thing.valueOf(words[2]), Outcome.valueOf(words[3]), words[4]));
                case "started", "sweeping", "swept" -> {}
                default -> problems.add(line);
            }
        }
        return new HostSweep(found, problems);
    }

    Set<String> runs() {
        return found.stream().map(Found::runId).collect(Collectors.toSet());
    }

    /** Returns the ids of tokens of which nobody knows what they bought. */
    Set<String> unknown() {
        return found.stream()
                .filter(each -> each.outcome() == Outcome.UNKNOWN)
                .map(each -> TOKEN.matcher(each.what()))
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1))
                .collect(Collectors.toSet());
    }

    long count(Thing thing, Outcome outcome) {
        return found.stream()
                .filter(each -> each.thing() == thing && each.outcome() == outcome)
                .count();
    }

    /** Returns how many credentials of a configuration it says to be ended, or to live until some time. */
    long told(String run, String configuration) {
        return found.stream()
                .filter(each -> each.isOf(run, configuration) && each.outcome() != Outcome.UNKNOWN)
                .count();
    }
}
