package io.dynamiccredentials.config;

/** Names a configuration among all of a run: the word of its family, and its tag or an empty text. */
record ConfigurationName(String word, String tag) {}
