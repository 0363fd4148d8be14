package io.dynamiccredentials.vault;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.jwk.PublicJwk;
import io.dynamiccredentials.jwk.SigningAlgorithm;
import io.dynamiccredentials.keys.Signer;
import io.dynamiccredentials.keys.SigningKeyFactory;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes signing keys in Vault's transit engine: each is a version of one transit key, and none ever leaves Vault.
 *
 * <p>The transit key belongs to one issuer: give each its own. It must not be {@code exportable}, allow no
 * {@code allow_plaintext_backup} and not be imported; otherwise it is refused, when a version is made and when one is
 * opened. What Vault gets is the header and the claims of each token, which are no secret without a signature.
 *
 * <p>{@link #create} takes over the newest version that never was in the life cycle, if it is newer than all that were,
 * and else rotates. {@link #discard} raises {@code min_encryption_version}, so that Vault itself refuses to sign with
 * what was discarded. Vault knows only such a lower bound, so it rises
 *
 * <ul>
 *   <li>to the version after the discarded one, if no older version was opened here and not discarded;
 *   <li>otherwise only to the oldest of those. The discarded version is locked when they are discarded, or later by a
 *       newer one: until then Vault would sign with it for whoever has a token that may;
 *   <li>not at all if nothing else was opened here, since what signs now is then unknown.
 * </ul>
 *
 * <p>The Vault token needs, for the key {@code ci} of the engine at {@code transit}:
 *
 * <pre>{@code
 * path "transit/keys/ci"        { capabilities = ["read"] }   # and "create", "update" for createIfAbsent()
 * path "transit/keys/ci/rotate" { capabilities = ["update"] }
 * path "transit/keys/ci/config" { capabilities = ["update"] }
 * path "transit/sign/ci"        { capabilities = ["update"] }
 * }</pre>
 *
 * <p>Up to three requests a call, five if it also makes the transit key, and one a signature; no retries; redirects are
 * refused. Safe for use by many threads.
 */
public final class VaultTransitKeys implements SigningKeyFactory {
    private static final int MAX_BODY_BYTES = 1024 * 1024;

    private final TransitKeyClient client;
    private final SigningAlgorithm algorithm;
    private final boolean createIfAbsent;

    /** What was opened here and not discarded: the versions that Vault must go on signing with. */
    private final ConcurrentSkipListSet<Integer> live = new ConcurrentSkipListSet<>();

    private VaultTransitKeys(Builder builder) {
        this.algorithm = builder.algorithm;
        this.createIfAbsent = builder.createIfAbsent;
        BoundedHttpClient http = builder.http == null
                // A key with many versions is listed in full.
                ? BoundedHttpClient.builder().maxBodyBytes(MAX_BODY_BYTES).build()
                : builder.http;
        this.client = new TransitKeyClient(
                new TransitKeyClient.Place(builder.address, builder.mount, builder.keyName, builder.namespace),
                builder.token,
                http);
    }

    /**
     * Starts a factory whose keys are the versions of one transit key.
     *
     * @param address Vault's address without a path, https or on loopback http
     * @param keyName the name of the transit key
     * @param token gives the Vault token; called for each request, so that the host may renew or replace it
     * @throws IllegalArgumentException if {@code address} or {@code keyName} is malformed
     */
    public static Builder builder(URI address, String keyName, Supplier<Secret> token) {
        return new Builder(address, keyName, token);
    }

    /** Returns {@code vault-transit}. */
    @Override
    public String name() {
        return "vault-transit";
    }

    @Override
    public Made create(Set<String> knownKeyIds) {
        TransitKey key = readOrCreate();
        OptionalInt unused = key.newestUnused(knownKeyIds);
        if (unused.isEmpty()) {
            client.rotate();
            key = client.readRequired(algorithm);
            unused = key.newestUnused(knownKeyIds);
        }
        int version = unused.orElseThrow(() -> client.failure(
                "the rotation",
                "Vault said that it made a new version and shows none",
                "Check that no proxy answers from a cache, then try again"));
        return new Made(key.version(version).orElseThrow(), Secret.of(client.reference(version)));
    }

    @Override
    public Signer open(PublicJwk publicJwk, Secret reference) {
        int version = client.versionOf(reference);
        PublicJwk shown = client.readRequired(algorithm)
                .version(version)
                .orElseThrow(() -> client.failure(
                        "version " + version,
                        "Vault does not show it",
                        "Check that the key was not deleted and made anew, and its min_decryption_version"));
        if (!shown.keyId().equals(publicJwk.keyId())) {
            throw client.failure(
                    "version " + version,
                    "its thumbprint is \"" + shown.keyId() + "\", expected \"" + publicJwk.keyId() + "\"",
                    "The key was deleted and made anew. Discard the keys that were made with the old one");
        }
        live.add(version);
        return new TransitSigner(client, publicJwk, version);
    }

    @Override
    public void discard(PublicJwk publicJwk, Secret reference) {
        int version = client.versionOf(reference);
        live.remove(version);
        if (live.isEmpty()) {
            return;
        }
        TransitKey key = client.readRequired(algorithm);
        int lowest = Math.min(Math.min(version + 1, live.first()), key.latestVersion());
        // Never down: an operator may have locked more.
        if (lowest > Math.max(1, key.minEncryptionVersion())) {
            client.raiseMinEncryptionVersion(lowest);
        }
    }

    private TransitKey readOrCreate() {
        Optional<TransitKey> key = client.read(algorithm);
        if (key.isPresent()) {
            return key.get();
        }
        if (!createIfAbsent) {
            throw client.absent(algorithm);
        }
        client.create(TransitKey.newType(algorithm));
        // Read, not taken from the answer: another node may have made it first, and not as we want it.
        return client.readRequired(algorithm);
    }

    /** Collects the settings of a factory. Not safe for use by several threads. */
    public static final class Builder {
        private final URI address;
        private final String keyName;
        private final Supplier<Secret> token;
        private SigningAlgorithm algorithm = SigningAlgorithm.RS256;
        private String mount = "transit";
        private String namespace = "";
        private boolean createIfAbsent;
        private @Nullable BoundedHttpClient http;

        private Builder(URI address, String keyName, Supplier<Secret> token) {
            this.address = VaultJwtExchanger.requireAddress(address);
            if (!VaultJwtExchanger.isRole(keyName)) {
                throw new IllegalArgumentException("The name of the transit key must be "
                        + VaultJwtExchanger.EXPECTED_ROLE + "; it was \"" + keyName + "\"");
            }
            this.keyName = keyName;
            this.token = token;
        }

        /**
         * Sets the algorithm: RS256 for a transit key of type {@code rsa-2048}, {@code rsa-3072} or {@code rsa-4096},
         * ES256 for {@code ecdsa-p256}. Default RS256.
         *
         * @throws IllegalArgumentException if {@code algorithm} is another one
         */
        public Builder algorithm(SigningAlgorithm algorithm) {
            if (algorithm != SigningAlgorithm.RS256 && algorithm != SigningAlgorithm.ES256) {
                throw TransitKey.notInTransit(algorithm);
            }
            this.algorithm = algorithm;
            return this;
        }

        /** Sets where the transit engine is mounted, with or without a trailing slash. Default {@code transit}. */
        public Builder mount(String mount) {
            this.mount = requirePath("mount of transit", mount);
            return this;
        }

        /** Sets the namespace, with or without a trailing slash. Default: none, the root namespace. */
        public Builder namespace(String namespace) {
            this.namespace = requirePath("namespace", namespace);
            return this;
        }

        /**
         * Makes the transit key if there is none: {@code rsa-2048} or {@code ecdsa-p256}, not exportable, without
         * plaintext backup. Default: an absent key is a failure, and may be a misspelt one.
         */
        public Builder createIfAbsent() {
            this.createIfAbsent = true;
            return this;
        }

        /**
         * Sets the HTTP client, for other time-outs or a private certificate authority. Default: one that reads answers
         * of up to 1 MiB, enough for more than 1000 versions.
         */
        public Builder http(BoundedHttpClient http) {
            this.http = http;
            return this;
        }

        /** Returns the factory. Nothing has crossed the network yet. */
        public VaultTransitKeys build() {
            return new VaultTransitKeys(this);
        }

        private static String requirePath(String what, String path) {
            if (!VaultJwtExchanger.isPath(path)) {
                throw new IllegalArgumentException(
                        "The " + what + " must be " + VaultJwtExchanger.EXPECTED_PATH + "; it was \"" + path + "\"");
            }
            return VaultJwtExchanger.withoutSlash(path);
        }
    }
}
