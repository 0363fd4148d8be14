package io.dynamiccredentials.discovery;

import java.util.Map;

/**
 * An answer for the host's web server to send. Immutable.
 *
 * @param status the HTTP status
 * @param headers the headers, each with one value
 * @param body the body as text, to be sent as UTF-8; empty for an answer without one
 */
public record DiscoveryReply(int status, Map<String, String> headers, String body) {

    /** Copies the headers. */
    public DiscoveryReply {
        headers = Map.copyOf(headers);
    }
}
