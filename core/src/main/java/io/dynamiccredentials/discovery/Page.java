package io.dynamiccredentials.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** One public document and every good answer about it, made once. Immutable. */
final class Page {
    /** Both documents are JSON, and neither address ends in an extension that could say so. */
    static final String CONTENT_TYPE = "application/json";

    private final String json;
    private final String cacheControl;
    private final String entityTag;
    private final DiscoveryReply get;
    private final DiscoveryReply head;
    private final DiscoveryReply notModified;

    Page(String json, String cacheControl) {
        byte[] bytes = json.getBytes(UTF_8);
        this.json = json;
        this.cacheControl = cacheControl;
        this.entityTag = entityTag(bytes);
        Map<String, String> headers = Map.of(
                "Content-Type", CONTENT_TYPE,
                "Content-Length", Integer.toString(bytes.length),
                "Cache-Control", cacheControl,
                "ETag", entityTag,
                "X-Content-Type-Options", "nosniff");
        this.get = DiscoveryReply.of(200, headers, bytes);
        this.head = DiscoveryReply.of(200, headers);
        this.notModified = DiscoveryReply.of(304, Map.of("Cache-Control", cacheControl, "ETag", entityTag));
    }

    String json() {
        return json;
    }

    /** Returns the document as a file for a web root or bucket. */
    SiteFile file(String path) {
        return new SiteFile(path, json, CONTENT_TYPE, cacheControl);
    }

    /** Answers GET or HEAD, given the values of the header If-None-Match. */
    DiscoveryReply answer(boolean withBody, List<String> ifNoneMatch) {
        if (ifNoneMatch.stream().anyMatch(this::matches)) {
            return notModified;
        }
        return withBody ? get : head;
    }

    /**
     * Compares weakly, as RFC 9110, section 13.1.2, asks. Splitting at commas is exact: a foreign tag may hold commas,
     * but no part of it has our tag's two quotes.
     */
    private boolean matches(String ifNoneMatch) {
        if (ifNoneMatch.strip().equals("*")) {
            return true;
        }
        for (String tag : ifNoneMatch.split(",", -1)) {
            String opaque = tag.strip();
            if (entityTag.equals(opaque.startsWith("W/") ? opaque.substring(2) : opaque)) {
                return true;
            }
        }
        return false;
    }

    private static String entityTag(byte[] bytes) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return '"' + Base64.getUrlEncoder().withoutPadding().encodeToString(hash) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
