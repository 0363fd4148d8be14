package io.dynamiccredentials.testkit.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.testkit.FakeRequest;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The signature in a request's {@code Authorization} header, or in the query of a presigned {@code GET} (AWS Signature
 * Version 4), for the service {@code sts}.
 */
final class SigV4 {
    private static final Pattern HEADER = Pattern.compile("AWS4-HMAC-SHA256 Credential=(\\w{16,128})/"
            + "([0-9]{8}/[a-z0-9-]+/sts/aws4_request), ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})");
    private static final Pattern LIFE = Pattern.compile("[1-9][0-9]{0,5}");
    private static final String ALGORITHM = "HmacSHA256";

    private final FakeRequest request;
    private final String accessKeyId;
    private final String scope;
    private final String signedHeaders;
    private final String signature;

    private final String date;
    private final Optional<String> sessionToken;

    private SigV4(FakeRequest request, Matcher header, String date, Optional<String> sessionToken) {
        this.request = request;
        this.date = date;
        this.sessionToken = sessionToken;
        this.accessKeyId = header.group(1);
        this.scope = header.group(2);
        this.signedHeaders = header.group(3);
        this.signature = header.group(4);
    }

    /** Reads the signature; empty if there is none of this form. */
    static Optional<SigV4> of(FakeRequest request) {
        if (request.header("Authorization").isEmpty() && request.method().equals("GET")) {
            return presigned(request, StsQuery.fields(request));
        }
        Matcher matcher = HEADER.matcher(request.header("Authorization").orElse(""));
        return matcher.matches()
                ? Optional.of(new SigV4(
                        request,
                        matcher,
                        request.header("X-Amz-Date").orElse(""),
                        request.header("X-Amz-Security-Token")))
                : Optional.empty();
    }

    /** Reads the query by which a request is handed to somebody else, as {@code aws eks get-token} does. */
    private static Optional<SigV4> presigned(FakeRequest request, Map<String, String> query) {
        Matcher matcher = HEADER.matcher(query.getOrDefault("X-Amz-Algorithm", "") + " Credential="
                + query.getOrDefault("X-Amz-Credential", "") + ", SignedHeaders="
                + query.getOrDefault("X-Amz-SignedHeaders", "") + ", Signature="
                + query.getOrDefault("X-Amz-Signature", ""));
        boolean limited = LIFE.matcher(query.getOrDefault("X-Amz-Expires", "")).matches();
        return matcher.matches() && limited
                ? Optional.of(new SigV4(
                        request,
                        matcher,
                        query.getOrDefault("X-Amz-Date", ""),
                        Optional.ofNullable(query.get("X-Amz-Security-Token"))))
                : Optional.empty();
    }

    Optional<String> sessionToken() {
        return sessionToken;
    }

    String accessKeyId() {
        return accessKeyId;
    }

    /** Tells whether the signature is that of {@code secretKey} and covers the request as it was sent. */
    boolean isOf(Secret secretKey) {
        List<String> covered = List.of(signedHeaders.split(";", -1));
        if (!isWhole(covered) || !date.matches("[0-9]{8}T[0-9]{6}Z") || !scope.startsWith(date.substring(0, 8) + "/")) {
            return false;
        }
        String toSign = "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n"
                + hash(canonicalRequest(covered).getBytes(UTF_8));
        byte[] expected = hmac(signingKey(secretKey), toSign);
        return MessageDigest.isEqual(expected, HexFormat.of().parseHex(signature));
    }

    /** AWS wants the host and whatever is addressed to it, {@code x-amz-*}, to be signed; and the names in order. */
    private boolean isWhole(List<String> covered) {
        Set<String> sent = request.headers().keySet().stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        return List.copyOf(new TreeSet<>(covered)).equals(covered)
                && sent.containsAll(covered)
                && covered.contains("host")
                && (request.header("Authorization").isEmpty() || covered.contains("x-amz-date"))
                && sent.stream().filter(name -> name.startsWith("x-amz-")).allMatch(covered::contains);
    }

    /** The path is {@code /}: the caller answers no other request. */
    private String canonicalRequest(List<String> covered) {
        StringBuilder canonical = new StringBuilder(request.method())
                .append("\n/\n")
                .append(StsQuery.canonical(StsQuery.query(request)))
                .append('\n');
        for (String name : covered) {
            List<String> values = request.headers().getOrDefault(name, List.of());
            String value = String.join(",", values).strip().replaceAll(" +", " ");
            canonical.append(name).append(':').append(value).append('\n');
        }
        return canonical
                .append('\n')
                .append(signedHeaders)
                .append('\n')
                .append(hash(request.bodyBytes()))
                .toString();
    }

    private byte[] signingKey(Secret secretKey) {
        byte[] key = ("AWS4" + secretKey.reveal()).getBytes(UTF_8);
        for (String part : scope.split("/", -1)) {
            key = hmac(key, part);
        }
        return key;
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac.doFinal(text.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has " + ALGORITHM, e);
        }
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
