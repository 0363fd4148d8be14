package io.dynamiccredentials.token;

/**
 * A rule of a relying party that a token, a key or the issuer breaks.
 *
 * @param relyingParty whose rule it is
 * @param rule the name of the rule
 * @param found what came
 * @param limit what was expected
 * @param remedy what to do
 */
record BrokenRule(String relyingParty, String rule, String found, String limit, String remedy) {

    /** Returns all five as one message. */
    String message() {
        return relyingParty + " has the rule \"" + rule + "\": " + limit + "; it was " + found + ". " + remedy;
    }
}
