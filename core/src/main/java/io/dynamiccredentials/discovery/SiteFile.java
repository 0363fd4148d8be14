package io.dynamiccredentials.discovery;

/**
 * One file of a static site, as a web server must send it. Immutable.
 *
 * @param path the path below the root of the address's host, without a leading slash, for example
 *     {@code .well-known/jwks}. It has no extension from which a server could tell the type
 * @param content the text, to be stored as UTF-8
 * @param contentType the {@code Content-Type} to send with it
 * @param cacheControl the {@code Cache-Control} to send with it
 */
public record SiteFile(String path, String content, String contentType, String cacheControl) {}
