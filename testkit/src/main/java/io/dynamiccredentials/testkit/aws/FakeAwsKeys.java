package io.dynamiccredentials.testkit.aws;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.testkit.FakeRequest;
import io.dynamiccredentials.testkit.HandedOut;
import io.dynamiccredentials.testkit.aws.FakeAwsKey.Origin;
import io.dynamiccredentials.testkit.aws.FakeAwsKey.Terms;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The keys that a fake handed out, and whether a request is signed by one of them. Safe for use by many threads. */
final class FakeAwsKeys {
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, FakeAwsKey> keys = new LinkedHashMap<>();
    private final List<HandedOut> handedOut = new ArrayList<>();
    private volatile Duration longestSession = Duration.ofHours(12);

    FakeAwsKeys(Clock clock) {
        this.clock = clock;
    }

    void endSessionsAfter(Duration life) {
        this.longestSession = HandedOut.requireLife(life);
    }

    /** Makes a session of {@code role}. */
    FakeAwsKey ofSession(FakeAwsRole role, String sessionName, Duration duration, Origin origin, Terms terms) {
        Duration life = duration.compareTo(longestSession) < 0 ? duration : longestSession;
        return keep(new FakeAwsKey(
                "ASIA" + id(),
                Secret.of(randomText(30)),
                Optional.of(Secret.of("FwoGZXIvYXdz" + randomText(120))),
                role.assumedArn(sessionName),
                role.id() + ":" + sessionName,
                role.account(),
                role.arn(),
                origin,
                terms,
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
                new Origin(subject, ""),
                Terms.NONE,
                Instant.MAX));
    }

    synchronized void delete(String accessKeyId) {
        keys.remove(accessKeyId);
    }

    /** Forgets the sessions of a role, which end with it. */
    synchronized void deleteOf(String principal) {
        keys.values().removeIf(key -> key.principal().equals(principal));
    }

    synchronized void reset() {
        keys.clear();
        handedOut.clear();
    }

    synchronized FakeAwsKey get(String accessKeyId) {
        FakeAwsKey key = keys.get(accessKeyId);
        if (key == null) {
            throw new IllegalArgumentException(
                    "The fake must have handed out the key \"" + accessKeyId + "\"; it has not, or it deleted it");
        }
        return key;
    }

    synchronized List<HandedOut> handedOut() {
        return List.copyOf(handedOut);
    }

    synchronized List<HandedOut> live() {
        return keys.values().stream()
                .filter(this::isLive)
                .map(FakeAwsKeys::handedOut)
                .toList();
    }

    private static HandedOut handedOut(FakeAwsKey key) {
        return new HandedOut(
                key.principal(), key.arn(), key.origin().subject(), key.origin().tokenId(), key.expiresAt());
    }

    /**
     * Returns the key that signed a request.
     *
     * @throws StsRefusedException if none did, or one that is not honoured
     */
    FakeAwsKey caller(FakeRequest request) {
        SigV4 signature = SigV4.of(request)
                .orElseThrow(() -> new StsRefusedException(
                        403, "MissingAuthenticationToken", "Request is missing Authentication Token"));
        FakeAwsKey key = find(signature.accessKeyId());
        if (key == null || !key.token().equals(signature.sessionToken().map(Secret::of))) {
            throw new StsRefusedException(
                    403, "InvalidClientTokenId", "The security token included in the request is invalid.");
        }
        if (!signature.isOf(key.secretKey())) {
            throw new StsRefusedException(
                    403,
                    "SignatureDoesNotMatch",
                    "The request signature we calculated does not match the signature you provided. Check your AWS "
                            + "Secret Access Key and signing method. Consult the service documentation for details.");
        }
        if (!isLive(key)) {
            throw new StsRefusedException(403, "ExpiredToken", "The security token included in the request is expired");
        }
        return key;
    }

    private synchronized @Nullable FakeAwsKey find(String accessKeyId) {
        return keys.get(accessKeyId);
    }

    private synchronized FakeAwsKey keep(FakeAwsKey key) {
        keys.put(key.accessKeyId(), key);
        handedOut.add(handedOut(key));
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
