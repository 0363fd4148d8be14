package io.dynamiccredentials.journal;

/** What each text in a journal must be. */
final class FactText {
    private FactText() {}

    static void require(String what, String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("The " + what + " must not be empty: whoever reads the journal after a "
                    + "crash has nothing else to find it by");
        }
    }
}
