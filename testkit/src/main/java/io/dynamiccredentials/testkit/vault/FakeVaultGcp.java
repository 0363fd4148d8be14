package io.dynamiccredentials.testkit.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dynamiccredentials.Secret;
import io.dynamiccredentials.wire.StrictJson;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Vault's Google Cloud secrets engine: hands out tokens and keys for rolesets and static accounts. Safe for use by many
 * threads, if the functions are that it is given.
 */
public final class FakeVaultGcp implements FakeVaultEngine {
    private static final Duration TOKEN_TTL = Duration.ofHours(1);
    private static final Map<String, String> KINDS = Map.of(
            "roleset", "role set",
            "static-account", "static account",
            "impersonated-account", "impersonated account");

    /** An impersonated account has no key. */
    private static final Pattern PATH =
            Pattern.compile("(?=.*/token|(?!imp))(roleset|static-account|impersonated-account)/([^/]+)/(token|key)");

    /** What rolesets were read at before there were other kinds. */
    private static final Pattern LEGACY = Pattern.compile("token/([^/]+)");

    private final Clock clock;
    private final String mount;
    private final Set<String> accounts;
    private final Duration keyTtl;
    private final Function<String, Secret> tokens;
    private final Function<String, Secret> keys;

    private FakeVaultGcp(Builder builder) {
        this.clock = builder.clock;
        this.mount = builder.mount;
        this.accounts = Set.copyOf(builder.accounts);
        this.keyTtl = builder.keyTtl;
        this.tokens = builder.tokens;
        this.keys = builder.keys;
    }

    /** Starts the description of an engine that is mounted at {@code gcp}. */
    public static Builder builder(Clock clock) {
        return new Builder(clock);
    }

    @Override
    public String mount() {
        return mount;
    }

    @Override
    public Optional<FakeVaultSecret> read(String path, Map<String, String> parameters) {
        Matcher legacy = LEGACY.matcher(path);
        Matcher known = PATH.matcher(legacy.matches() ? "roleset/" + legacy.group(1) + "/token" : path);
        if (!known.matches()) {
            throw new NoSuchElementException("Google credentials are read at KIND/NAME/token and KIND/NAME/key");
        }
        String account = known.group(1) + "/" + known.group(2);
        if (!accounts.contains(account)) {
            throw new IllegalArgumentException(KINDS.get(known.group(1)) + " '" + known.group(2) + "' does not exist");
        }
        return Optional.of(known.group(3).equals("token") ? token(account) : key(account));
    }

    private FakeVaultSecret token(String account) {
        return FakeVaultSecret.of(Map.of(
                "token", tokens.apply(account).reveal(),
                "token_ttl", TOKEN_TTL.toSeconds(),
                "expires_at_seconds", clock.instant().plus(TOKEN_TTL).getEpochSecond()));
    }

    private FakeVaultSecret key(String account) {
        Secret file = keys.apply(account);
        byte[] json = file.reveal().getBytes(UTF_8);
        return FakeVaultSecret.of(Map.of(
                        "private_key_data", Base64.getEncoder().encodeToString(json),
                        "key_algorithm", "KEY_ALG_RSA_2048",
                        "key_type", "TYPE_GOOGLE_CREDENTIALS_FILE"))
                .holding(secretsIn(file))
                .leased(keyTtl, () -> {});
    }

    /** Returns the file and the key in it, which nobody sees in their base64. */
    private static List<Secret> secretsIn(Secret file) {
        List<Secret> secrets = new ArrayList<>(List.of(file));
        try {
            StrictJson.text(StrictJson.parseObject(file.reveal()), "private_key")
                    .map(Secret::of)
                    .ifPresent(secrets::add);
        } catch (IllegalArgumentException e) {
            return List.of(file);
        }
        return secrets;
    }

    private static Secret randomToken(String account) {
        return Secret.of("ya29.fake-" + UUID.randomUUID());
    }

    private static Secret randomKey(String account) {
        String id = UUID.randomUUID().toString().replace("-", "");
        Map<String, String> file = new LinkedHashMap<>();
        file.put("type", "service_account");
        file.put("project_id", "fake-project");
        file.put("private_key_id", id);
        file.put("private_key", "-----BEGIN PRIVATE KEY-----\nZmFrZQ" + id + "\n-----END PRIVATE KEY-----\n");
        file.put("client_email", account.substring(account.indexOf('/') + 1) + "@fake-project.iam.gserviceaccount.com");
        file.put("client_id", "123456789012345678901");
        file.put("auth_uri", "https://accounts.google.com/o/oauth2/auth");
        file.put("token_uri", "https://oauth2.googleapis.com/token");
        file.put("universe_domain", "googleapis.com");
        return Secret.of(StrictJson.write(file));
    }

    /** Collects the description of an engine. Not safe for use by several threads. */
    public static final class Builder {
        private final Clock clock;
        private final Set<String> accounts = new TreeSet<>();
        private String mount = "gcp";
        private Duration keyTtl = Duration.ofHours(1);
        private Function<String, Secret> tokens = FakeVaultGcp::randomToken;
        private Function<String, Secret> keys = FakeVaultGcp::randomKey;

        private Builder(Clock clock) {
            this.clock = clock;
        }

        /** Sets where it is mounted. */
        public Builder mount(String mount) {
            this.mount = mount;
            return this;
        }

        /** Adds a roleset. */
        public Builder roleset(String name) {
            accounts.add("roleset/" + name);
            return this;
        }

        /** Adds a static account. */
        public Builder staticAccount(String name) {
            accounts.add("static-account/" + name);
            return this;
        }

        /** Adds an impersonated account, which has tokens and no keys. */
        public Builder impersonatedAccount(String name) {
            accounts.add("impersonated-account/" + name);
            return this;
        }

        /** Sets how long the lease of a key lives. Default an hour. */
        public Builder keyTtl(Duration keyTtl) {
            this.keyTtl = keyTtl;
            return this;
        }

        /** Sets what makes access tokens, for example for {@code roleset/deploy}. Default: tokens that nobody knows. */
        public Builder tokens(Function<String, Secret> tokens) {
            this.tokens = tokens;
            return this;
        }

        /**
         * Sets what makes the JSON of keys, for example for {@code roleset/deploy}. Default: keys that nobody knows.
         */
        public Builder keys(Function<String, Secret> keys) {
            this.keys = keys;
            return this;
        }

        /** Returns the engine. */
        public FakeVaultGcp build() {
            return new FakeVaultGcp(this);
        }
    }
}
