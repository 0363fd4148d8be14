package io.dynamiccredentials.run;

import io.dynamiccredentials.environment.RunDirectory;
import io.dynamiccredentials.journal.LeaseJournal;

/**
 * What belongs to one lease from its beginning.
 *
 * @param machine the machine that its files and processes are on
 */
record LeaseParts(
        RunDirectory directory, Ledger ledger, LeaseEvents events, LeaseJournal.Entry journal, String machine) {}
