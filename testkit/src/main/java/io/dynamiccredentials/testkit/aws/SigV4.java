package io.dynamiccredentials.testkit.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.testkit.FakeRequest;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The signature in a request's {@code Authorization} header (AWS Signature Version 4), for the service {@code sts}. */
final class SigV4 {
    private static final Pattern HEADER = Pattern.compile("AWS4-HMAC-SHA256 Credential=(\\w{16,128})/"
            + "([0-9]{8}/[a-z0-9-]+/sts/aws4_request), ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})");
    private static final String ALGORITHM = "HmacSHA256";

    private final FakeRequest request;
    private final String accessKeyId;
    private final String scope;
    private final String signedHeaders;
    private final String signature;

    private SigV4(FakeRequest request, Matcher header) {
        this.request = request;
        this.accessKeyId = header.group(1);
        this.scope = header.group(2);
        this.signedHeaders = header.group(3);
        this.signature = header.group(4);
    }

    /** Reads the signature; empty if there is none of this form. */
    static Optional<SigV4> of(FakeRequest request) {
        Matcher matcher = HEADER.matcher(request.header("Authorization").orElse(""));
        return matcher.matches() ? Optional.of(new SigV4(request, matcher)) : Optional.empty();
    }

    String accessKeyId() {
        return accessKeyId;
    }

    /** Tells whether the signature is that of {@code secretKey} and covers the request as it was sent. */
    boolean isOf(Secret secretKey) {
        String date = request.header("X-Amz-Date").orElse("");
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
                && covered.containsAll(List.of("host", "x-amz-date"))
                && sent.stream().filter(name -> name.startsWith("x-amz-")).allMatch(covered::contains);
    }

    /** The path is {@code /} and there is no query: the caller answers no other request. */
    private String canonicalRequest(List<String> covered) {
        StringBuilder canonical = new StringBuilder(request.method()).append("\n/\n\n");
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
