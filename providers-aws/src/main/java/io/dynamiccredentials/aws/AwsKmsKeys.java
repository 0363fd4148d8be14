package io.dynamiccredentials.aws;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.Signer;
import io.dynamiccredentials.keys.SigningKeyFactory;
import io.dynamiccredentials.wire.UntrustedText;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.AliasListEntry;
import software.amazon.awssdk.services.kms.model.GetPublicKeyResponse;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyState;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import software.amazon.awssdk.services.kms.model.OriginType;
import software.amazon.awssdk.services.kms.model.ScheduleKeyDeletionResponse;
import software.amazon.awssdk.services.kms.model.SigningAlgorithmSpec;

/**
 * Makes signing keys in AWS KMS: asymmetric KMS keys, each under an alias of its own, that never leave KMS.
 *
 * <p>The aliases are {@code alias/PREFIX/UUID}; all keys below the prefix belong to one issuer. {@link #create} takes
 * over an enabled key below it that never was in the life cycle, such as one that a crash left behind, and else makes
 * one. Keys with imported material are not taken. {@link #discard} schedules the key for deletion, 30 days later unless
 * set otherwise, and removes its alias: until then {@code CancelKeyDeletion} brings it back. A key costs money until it
 * is deleted.
 *
 * <p>What KMS gets of a token is its SHA-256. The identity of the client needs
 *
 * <pre>{@code
 * kms:CreateKey, kms:ListAliases      on *
 * kms:CreateAlias, kms:DeleteAlias    on alias/PREFIX/* and on the keys
 * kms:Sign, kms:GetPublicKey, kms:DescribeKey, kms:ScheduleKeyDeletion    on the keys
 * }</pre>
 *
 * <p>Where the condition {@code kms:ResourceAliases} names the keys, leave it out for {@code kms:CreateAlias}. KMS
 * heeds a new alias up to five minutes late: {@link #create} may then fail once, and takes the new key over when called
 * again.
 *
 * <p>Needs {@code software.amazon.awssdk:kms} on the class path, which this module does not bring. The client is the
 * host's: its region, credentials, retries, time-outs and closing. Set an {@code apiCallTimeout} of a few seconds: by
 * default the SDK waits much longer than a caller of an issuer does. Safe for use by many threads.
 */
public final class AwsKmsKeys implements SigningKeyFactory {
    private static final Duration MIN_DELAY = Duration.ofDays(7);
    private static final Duration MAX_DELAY = Duration.ofDays(30);

    // What KMS allows, in path form; with "alias/", a slash and a UUID it stays below KMS's 256 characters.
    private static final Pattern PREFIX = Pattern.compile("(?!aws/)[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*");
    private static final int MAX_PREFIX = 200;
    private static final Pattern KEY_ARN =
            Pattern.compile("arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]{1,128}");

    private final KmsClient kms;
    private final String prefix;
    private final SigningAlgorithm algorithm;
    private final Duration deletionDelay;

    private AwsKmsKeys(Builder builder) {
        this.kms = builder.kms;
        this.prefix = "alias/" + builder.prefix + "/";
        this.algorithm = builder.algorithm;
        this.deletionDelay = builder.deletionDelay;
    }

    /**
     * Starts a factory of keys in the account and region of {@code kms}, which stays the caller's to close.
     *
     * @param prefix what the names of the keys' aliases begin with, for example {@code dynamic-credentials/ci}
     * @throws IllegalArgumentException if {@code prefix} is malformed or longer than 200 characters
     */
    public static Builder builder(KmsClient kms, String prefix) {
        return new Builder(kms, prefix);
    }

    /** Returns {@code aws-kms}. */
    @Override
    public String name() {
        return "aws-kms";
    }

    @Override
    public Made create(Set<String> knownKeyIds) {
        return KmsFailures.guard("the search for a key below \"" + prefix + "\"", () -> unused(knownKeyIds))
                .orElseGet(this::make);
    }

    @Override
    public Signer open(PublicJwk publicJwk, Secret reference) {
        String arn = requireArn(reference);
        KeyMetadata key = KmsFailures.guard("the opening of key \"" + arn + "\"", () -> describe(arn));
        String flaw = flaw(key);
        if (!flaw.isEmpty()) {
            throw new IllegalStateException(
                    "The KMS key \"" + arn + "\" can't sign " + algorithm.jwsName() + " tokens: " + flaw
                            + ". Check the key in KMS, or cancel its deletion; if it is gone, revoke it in the life cycle");
        }
        return new KmsSigner(kms, arn, publicJwk, signingAlgorithm());
    }

    @Override
    public void discard(PublicJwk publicJwk, Secret reference) {
        String arn = requireArn(reference);
        KmsFailures.guard("the deletion of key \"" + arn + "\"", () -> {
            if (describe(arn).keyState() != KeyState.PENDING_DELETION) {
                scheduleDeletion(arn);
            }
            // All pages first: what is deleted under way would shift the next.
            List<String> aliases = kms.listAliasesPaginator(request -> request.keyId(arn)).aliases().stream()
                    .map(AliasListEntry::aliasName)
                    .filter(name -> name.startsWith(prefix))
                    .toList();
            aliases.forEach(name -> kms.deleteAlias(request -> request.aliasName(name)));
            return arn;
        });
    }

    private Optional<Made> unused(Set<String> knownKeyIds) {
        for (AliasListEntry alias : kms.listAliasesPaginator().aliases()) {
            if (alias.aliasName().startsWith(prefix) && alias.targetKeyId() != null) {
                KeyMetadata key = describe(alias.targetKeyId());
                if (flaw(key).isEmpty()) {
                    Made made = made(key.arn());
                    if (!knownKeyIds.contains(made.publicJwk().keyId())) {
                        return Optional.of(made);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private Made make() {
        KeyMetadata key = KmsFailures.guard(
                "the making of a key below \"" + prefix + "\"",
                () -> kms.createKey(request -> request.keySpec(specs().get(0))
                                .keyUsage(KeyUsageType.SIGN_VERIFY)
                                .description("Signs identity tokens, below " + prefix))
                        .keyMetadata());
        String arn = requireArn(Secret.of(key.arn()));
        try {
            KmsFailures.guard(
                    "the naming of key \"" + arn + "\"",
                    () -> kms.createAlias(request ->
                            request.aliasName(prefix + UUID.randomUUID()).targetKeyId(arn)));
        } catch (IllegalStateException e) {
            abandon(arn, e);
            throw e;
        }
        return KmsFailures.guard("the public half of key \"" + arn + "\"", () -> made(arn));
    }

    /** Deletes a key without an alias: nobody would find it again, and it would cost for ever. */
    private void abandon(String arn, IllegalStateException why) {
        try {
            KmsFailures.guard("the deletion of key \"" + arn + "\"", () -> scheduleDeletion(arn));
        } catch (IllegalStateException e) {
            why.addSuppressed(e);
        }
    }

    private ScheduleKeyDeletionResponse scheduleDeletion(String arn) {
        // KMS takes the ARN as well; moto, on which hosts test, only the id.
        String id = arn.substring(arn.lastIndexOf('/') + 1);
        return kms.scheduleKeyDeletion(request -> request.keyId(id).pendingWindowInDays((int) deletionDelay.toDays()));
    }

    private KeyMetadata describe(String keyId) {
        KeyMetadata key = kms.describeKey(request -> request.keyId(keyId)).keyMetadata();
        if (key == null || key.arn() == null || !KmsSigner.isSameKey(key.arn(), keyId)) {
            throw KmsFailures.unintelligible(
                    "the description of key \"" + keyId + "\"", "it describes another key or none");
        }
        return key;
    }

    private Made made(String arn) {
        GetPublicKeyResponse answer = kms.getPublicKey(request -> request.keyId(arn));
        if (answer.publicKey() == null || !KmsSigner.isSameKey(arn, answer.keyId())) {
            throw KmsFailures.unintelligible("the public half of key \"" + arn + "\"", "it is of another key or none");
        }
        try {
            KeyFactory keys = KeyFactory.getInstance(algorithm == SigningAlgorithm.RS256 ? "RSA" : "EC");
            X509EncodedKeySpec der = new X509EncodedKeySpec(answer.publicKey().asByteArray());
            return new Made(PublicJwk.of(keys.generatePublic(der), algorithm), Secret.of(arn));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw KmsFailures.unintelligible(
                    "the public half of key \"" + arn + "\"", "it is no key for " + algorithm.jwsName());
        }
    }

    /** Says why a key can't be one of ours; empty if it can. */
    private String flaw(KeyMetadata key) {
        if (key.keyUsage() != KeyUsageType.SIGN_VERIFY) {
            return "its usage is " + shown(key.keyUsageAsString()) + ", expected SIGN_VERIFY";
        }
        if (!specs().contains(key.keySpec())) {
            return "its spec is " + shown(key.keySpecAsString()) + ", expected one of " + specs();
        }
        if (key.origin() != OriginType.AWS_KMS) {
            return "its origin is " + shown(key.originAsString()) + ", expected AWS_KMS: other keys were outside KMS";
        }
        return key.keyState() == KeyState.ENABLED
                ? ""
                : "its state is " + shown(key.keyStateAsString()) + ", expected Enabled";
    }

    private static String shown(@Nullable String value) {
        return value == null ? "absent" : UntrustedText.clean(value);
    }

    private List<KeySpec> specs() {
        return algorithm == SigningAlgorithm.RS256
                ? List.of(KeySpec.RSA_2048, KeySpec.RSA_3072, KeySpec.RSA_4096)
                : List.of(KeySpec.ECC_NIST_P256);
    }

    private SigningAlgorithmSpec signingAlgorithm() {
        return algorithm == SigningAlgorithm.RS256
                ? SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_256
                : SigningAlgorithmSpec.ECDSA_SHA_256;
    }

    private static String requireArn(Secret reference) {
        if (!KEY_ARN.matcher(reference.reveal()).matches()) {
            throw new IllegalStateException(
                    "A reference to a KMS key is its ARN, and the stored one is none. Check that the key was made by this "
                            + "factory");
        }
        return reference.reveal();
    }

    /** Collects the settings of a factory. Not safe for use by several threads. */
    public static final class Builder {
        private final KmsClient kms;
        private final String prefix;
        private SigningAlgorithm algorithm = SigningAlgorithm.RS256;
        private Duration deletionDelay = MAX_DELAY;

        private Builder(KmsClient kms, String prefix) {
            if (prefix.length() > MAX_PREFIX || !PREFIX.matcher(prefix).matches()) {
                throw new IllegalArgumentException(
                        "The prefix of the aliases must be names of letters, digits, \"-\" and"
                                + " \"_\", joined by \"/\", up to " + MAX_PREFIX
                                + " characters and not \"aws/\", such as"
                                + " \"dynamic-credentials/ci\"; it was \"" + prefix + "\"");
            }
            this.kms = kms;
            this.prefix = prefix;
        }

        /**
         * Sets the algorithm: RS256 makes keys of spec {@code RSA_2048} and takes {@code RSA_3072} and {@code RSA_4096}
         * too, ES256 is {@code ECC_NIST_P256}. Default RS256.
         *
         * @throws IllegalArgumentException if {@code algorithm} is another one
         */
        public Builder algorithm(SigningAlgorithm algorithm) {
            if (algorithm != SigningAlgorithm.RS256 && algorithm != SigningAlgorithm.ES256) {
                throw new IllegalArgumentException(
                        "Keys in KMS sign with RS256 or ES256; it was " + algorithm.jwsName() + ". Set one of these");
            }
            this.algorithm = algorithm;
            return this;
        }

        /**
         * Sets how long a discarded key can still be brought back: 7 to 30 whole days. Default 30.
         *
         * @throws IllegalArgumentException if {@code deletionDelay} is another one
         */
        public Builder deletionDelay(Duration deletionDelay) {
            boolean wholeDays = deletionDelay.equals(Duration.ofDays(deletionDelay.toDays()));
            if (!wholeDays || deletionDelay.compareTo(MIN_DELAY) < 0 || deletionDelay.compareTo(MAX_DELAY) > 0) {
                throw new IllegalArgumentException(
                        "KMS deletes keys after 7 to 30 whole days; it was " + deletionDelay);
            }
            this.deletionDelay = deletionDelay;
            return this;
        }

        /** Returns the factory. Nothing has crossed the network yet. */
        public AwsKmsKeys build() {
            return new AwsKmsKeys(this);
        }
    }
}
