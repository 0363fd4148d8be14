package io.dynamiccredentials.environment;

import io.dynamiccredentials.Secret;
import java.net.URI;

/**
 * Where a run's tools fetch what others read from a file. Immutable.
 *
 * @param url an address of {@code http://127.0.0.1}, with a random port
 * @param bearer what a request must carry in its header {@code Authorization}, after {@code Bearer} or alone
 */
public record LoopbackEndpoint(URI url, Secret bearer) {}
