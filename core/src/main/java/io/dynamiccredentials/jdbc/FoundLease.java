package io.dynamiccredentials.jdbc;

import io.dynamiccredentials.journal.LeaseFact;
import io.dynamiccredentials.journal.LeaseRecord;
import io.dynamiccredentials.journal.LeaseText;
import java.util.List;

/**
 * A lease as its rows tell of it. Immutable.
 *
 * @param name what the rows call it
 */
record FoundLease(String name, LeaseRecord lease, List<LeaseFact> facts) {

    /**
     * Reads rows, of which the first is the lease itself.
     *
     * @throws IllegalArgumentException if they are malformed
     */
    static FoundLease parse(String name, List<String> rows) {
        LeaseRecord lease = LeaseText.readLease(rows.get(0));
        List<LeaseFact> facts = rows.stream().skip(1).map(LeaseText::readFact).toList();
        return new FoundLease(name, lease, facts);
    }
}
