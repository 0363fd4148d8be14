package io.dynamiccredentials.run;

import io.dynamiccredentials.journal.LeaseFact;
import io.dynamiccredentials.journal.LeaseJournal;
import io.dynamiccredentials.journal.LeaseRecord;
import java.util.List;

/** Remembers nothing: what a killed host leaves ends by itself or not at all. */
final class NoJournal implements LeaseJournal, LeaseJournal.Entry {
    @Override
    public Entry begin(LeaseRecord lease) {
        return this;
    }

    @Override
    public TakenOver takeOver() {
        return new TakenOver(List.of(), List.of());
    }

    @Override
    public void add(LeaseFact fact) {}

    @Override
    public void end() {}

    @Override
    public void close() {}
}
