package io.dynamiccredentials.testkit.aws;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.testkit.FakeAnswer;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.HandedOut;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** The keys that a fake handed out, and whether a request is signed by one of them. Safe for use by many threads. */
final class FakeAwsKeys {
    private final Clock clock;
    private final Duration longestSession;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, FakeAwsKey> keys = new ConcurrentHashMap<>();
    private final AtomicInteger granted = new AtomicInteger();

    FakeAwsKeys(Clock clock, Duration longestSession) {
        this.clock = clock;
        this.longestSession = longestSession;
    }

    /** Makes a session of {@code role}. */
    FakeAwsKey ofSession(
            FakeAwsRole role,
            String sessionName,
            Duration duration,
            String subject,
            FakeAwsTags tags,
            Optional<String> policy) {
        Duration life = duration.compareTo(longestSession) < 0 ? duration : longestSession;
        return keep(new FakeAwsKey(
                "ASIA" + id(),
                Secret.of(randomText(30)),
                Optional.of(Secret.of("FwoGZXIvYXdz" + randomText(120))),
                role.assumedArn(sessionName),
                role.id() + ":" + sessionName,
                role.account(),
                role.arn(),
                subject,
                tags,
                policy,
                // STS writes whole seconds.
                Instant.ofEpochSecond(clock.instant().plus(life).getEpochSecond())));
    }

    /** Makes a key of a user, which lives until it is deleted. */
    FakeAwsKey ofUser(String account, String name, String subject) {
        String arn = "arn:aws:iam::" + account + ":user/" + name;
        return keep(new FakeAwsKey(
                "AKIA" + id(),
                Secret.of(randomText(30)),
                Optional.empty(),
                arn,
                "AIDA" + id(),
                account,
                arn,
                subject,
                FakeAwsTags.NONE,
                Optional.empty(),
                Instant.MAX));
    }

    int granted() {
        return granted.get();
    }

    void delete(String accessKeyId) {
        keys.remove(accessKeyId);
    }

    FakeAwsKey get(String accessKeyId) {
        FakeAwsKey key = keys.get(accessKeyId);
        if (key == null) {
            throw new IllegalArgumentException(
                    "The fake must have handed out the key \"" + accessKeyId + "\"; it has not, or it deleted it");
        }
        return key;
    }

    List<HandedOut> live() {
        return keys.values().stream()
                .filter(this::isLive)
                .map(key -> new HandedOut(key.principal(), key.arn(), key.subject(), "", key.expiresAt()))
                .toList();
    }

    /** Answers a request in the name of whoever signed it, or refuses it as AWS does. */
    FakeAnswer answer(FakeRequest request, Function<FakeAwsKey, FakeAnswer> asCaller) {
        Optional<SigV4> signature = SigV4.of(request);
        if (signature.isEmpty()) {
            return AwsAnswer.error(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
        }
        FakeAwsKey key = keys.get(signature.get().accessKeyId());
        if (key == null
                || !key.token().equals(request.header("X-Amz-Security-Token").map(Secret::of))) {
            return AwsAnswer.error(
                    403, "InvalidClientTokenId", "The security token included in the request is invalid.");
        }
        if (!signature.get().isOf(key.secretKey())) {
            return AwsAnswer.error(
                    403,
                    "SignatureDoesNotMatch",
                    "The request signature we calculated does not match the signature you provided. Check your AWS "
                            + "Secret Access Key and signing method. Consult the service documentation for details.");
        }
        if (!isLive(key)) {
            return AwsAnswer.error(403, "ExpiredToken", "The security token included in the request is expired");
        }
        return asCaller.apply(key);
    }

    private FakeAwsKey keep(FakeAwsKey key) {
        granted.incrementAndGet();
        keys.put(key.accessKeyId(), key);
        return key;
    }

    private boolean isLive(FakeAwsKey key) {
        return clock.instant().isBefore(key.expiresAt());
    }

    private String randomText(int bytes) {
        byte[] text = new byte[bytes];
        random.nextBytes(text);
        return Base64.getEncoder().encodeToString(text);
    }

    private static String id() {
        return UUID.randomUUID().toString().replace("-", "").substring(0, 16).toUpperCase(Locale.ROOT);
    }
}
