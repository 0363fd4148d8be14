package io.dynamiccredentials.gcp;

import com.google.api.client.http.GenericUrl;
import com.google.auth.oauth2.AccessToken;
import com.google.auth.oauth2.IdentityPoolCredentials;
import io.dynamiccredentials.Secret;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.BoundedHttpClient;
import io.dynamiccredentials.wire.UntrustedText;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Trades identity tokens at Google's Security Token Service, and with a service account also at IAM Credentials.
 *
 * <p>One request to each, no retries and no redirects, through Google's auth library. The principal of a token without
 * a service account is the one that the usual attribute mapping {@code google.subject=assertion.sub} gives. Google has
 * no way to end an access token. Safe for use by many threads.
 */
public final class GcpWorkloadIdentityExchanger implements CredentialExchanger<GcpAccessCredentials> {
    static final String PLATFORM = "Google Cloud";
    static final String SUBJECT_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:jwt";
    static final String EXPECTED_AUDIENCE =
            "1 to 256 visible ASCII characters, one of the provider's allowed audiences, such as \"https://ci.example\"";
    static final String EXPECTED_SERVICE_ACCOUNT =
            "the e-mail address of a service account, such as \"deploy@my-project.iam.gserviceaccount.com\"";

    private static final URI TOKEN_URL = URI.create("https://sts.googleapis.com/v1/token");
    private static final URI IAM_CREDENTIALS_URL = URI.create("https://iamcredentials.googleapis.com");
    private static final String CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";
    private static final Duration MIN_LIFETIME = Duration.ofMinutes(10);
    private static final Duration MAX_LIFETIME = Duration.ofHours(12);
    private static final Pattern SERVICE_ACCOUNT =
            Pattern.compile("[a-z0-9][a-z0-9.-]{0,62}@(?:[a-z0-9][a-z0-9.-]{0,120}[.])?gserviceaccount[.]com");

    private final ProviderName provider;
    private final @Nullable String serviceAccount;
    private final String audience;
    private final Duration tokenLifetime;
    private final List<String> scopes;
    private final URI tokenUrl;
    private final URI iamCredentialsUrl;
    private final BoundedHttpClient http;
    private final Clock clock;

    private GcpWorkloadIdentityExchanger(Builder builder) {
        this.provider = builder.provider;
        this.serviceAccount = builder.serviceAccount;
        this.audience = builder.audience == null ? provider.resource() : builder.audience;
        this.tokenLifetime = builder.tokenLifetime == null ? Duration.ofHours(1) : builder.tokenLifetime;
        this.scopes = builder.scopes;
        this.tokenUrl = builder.tokenUrl;
        this.iamCredentialsUrl = builder.iamCredentialsUrl;
        this.http = builder.http;
        this.clock = builder.clock;
    }

    /**
     * Starts an exchanger for one workload identity pool provider.
     *
     * @param provider its name, {@code projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER}
     * @param http the client; make one and share it
     * @throws IllegalArgumentException if {@code provider} is malformed
     */
    public static Builder builder(String provider, BoundedHttpClient http) {
        return new Builder(ProviderName.parse(provider), http);
    }

    @Override
    public String platform() {
        return PLATFORM;
    }

    @Override
    public String audience() {
        return audience;
    }

    @Override
    public GcpAccessCredentials exchange(IdentityToken token) {
        String holder = provider.principal(token.subject());
        List<GoogleStep> steps = new ArrayList<>();
        steps.add(new StsStep(tokenUrl.toString(), provider, token));
        if (serviceAccount != null) {
            steps.add(new IamStep(impersonationUrl(serviceAccount), serviceAccount, holder));
        }
        GoogleCall call = new GoogleCall(http, clock, steps);
        try {
            AccessToken accessToken = credentials(token.compact(), call).refreshAccessToken();
            Instant expiresAt = call.expiresAt().orElseThrow(call::failure);
            return new GcpAccessCredentials(
                    Secret.of(accessToken.getTokenValue()),
                    serviceAccount == null ? holder : serviceAccount,
                    expiresAt);
        } catch (IOException e) {
            // Not chained: the library's messages can quote an answer, in which a server may echo the token.
            throw call.failure();
        }
    }

    ProviderName provider() {
        return provider;
    }

    URI tokenUrl() {
        return tokenUrl;
    }

    Duration tokenLifetime() {
        return tokenLifetime;
    }

    /** Returns where the impersonation goes; empty if there is none. */
    Optional<String> impersonationUrl() {
        return Optional.ofNullable(serviceAccount).map(this::impersonationUrl);
    }

    static boolean isAudience(String audience) {
        return audience.length() <= 256 && UntrustedText.isVisibleAscii(audience);
    }

    static boolean isServiceAccount(String email) {
        return SERVICE_ACCOUNT.matcher(email).matches();
    }

    static URI requireTokenUrl(URI url) {
        return requireHttps("token URL", url, TOKEN_URL);
    }

    static URI requireIamCredentialsUrl(URI url) {
        requireHttps("IAM Credentials URL", url, IAM_CREDENTIALS_URL);
        if (!url.getRawPath().isEmpty()) {
            throw new IllegalArgumentException("The IAM Credentials URL must have no path, such as \""
                    + IAM_CREDENTIALS_URL + "\"; it was \"" + url + "\"");
        }
        return url;
    }

    static Duration requireTokenLifetime(Duration lifetime) {
        if (lifetime.compareTo(MIN_LIFETIME) < 0
                || lifetime.compareTo(MAX_LIFETIME) > 0
                || !lifetime.equals(Duration.ofSeconds(lifetime.toSeconds()))) {
            throw new IllegalArgumentException(
                    "The token lifetime must be 600 to 43200 whole seconds; it was " + lifetime);
        }
        return lifetime;
    }

    private static URI requireHttps(String what, URI url, URI example) {
        boolean bare = url.getRawQuery() == null && url.getRawFragment() == null && url.getRawUserInfo() == null;
        // Google's library would rewrite some addresses, and the rewritten one is not what the host allowed.
        if (!"https".equals(url.getScheme())
                || url.getHost() == null
                || !bare
                || !new GenericUrl(url).build().equals(url.toString())) {
            throw new IllegalArgumentException(
                    "The " + what + " must be https with a host and no user, query or fragment, " + "such as \""
                            + example + "\"; it was \"" + url + "\"");
        }
        return url;
    }

    private String impersonationUrl(String email) {
        return iamCredentialsUrl + "/v1/projects/-/serviceAccounts/" + email + ":generateAccessToken";
    }

    private IdentityPoolCredentials credentials(Secret token, GoogleCall call) {
        IdentityPoolCredentials.Builder credentials = IdentityPoolCredentials.newBuilder()
                .setHttpTransportFactory(call)
                .setAudience(provider.resource())
                .setSubjectTokenType(SUBJECT_TOKEN_TYPE)
                .setSubjectTokenSupplier(context -> token.reveal())
                .setTokenUrl(tokenUrl.toString())
                .setScopes(scopes);
        impersonationUrl()
                .ifPresent(url -> credentials
                        .setServiceAccountImpersonationUrl(url)
                        .setServiceAccountImpersonationOptions(
                                Map.of("token_lifetime_seconds", Math.toIntExact(tokenLifetime.toSeconds()))));
        return credentials.build();
    }

    /** Collects the settings of an exchanger. Not safe for use by several threads. */
    public static final class Builder {
        private final ProviderName provider;
        private final BoundedHttpClient http;
        private @Nullable String serviceAccount;
        private @Nullable String audience;
        private @Nullable Duration tokenLifetime;
        private List<String> scopes = List.of(CLOUD_PLATFORM);
        private URI tokenUrl = TOKEN_URL;
        private URI iamCredentialsUrl = IAM_CREDENTIALS_URL;
        private Clock clock = Clock.systemUTC();

        private Builder(ProviderName provider, BoundedHttpClient http) {
            this.provider = provider;
            this.http = http;
        }

        /**
         * Sets the e-mail address of the service account to impersonate. Default: none, the pool's own principal acts.
         */
        public Builder serviceAccount(String email) {
            if (!isServiceAccount(email)) {
                throw new IllegalArgumentException(
                        "The service account must be " + EXPECTED_SERVICE_ACCOUNT + "; it was \"" + email + "\"");
            }
            this.serviceAccount = email;
            return this;
        }

        /**
         * Sets the audience of identity tokens, one of the provider's allowed audiences. Default:
         * {@code //iam.googleapis.com/} and the provider's name. STS is always asked for the provider by that name,
         * whatever the audience.
         */
        public Builder audience(String audience) {
            if (!isAudience(audience)) {
                throw new IllegalArgumentException(
                        "The audience must be " + EXPECTED_AUDIENCE + "; it was \"" + audience + "\"");
            }
            this.audience = audience;
            return this;
        }

        /**
         * Sets how long a service account's token lives, 600 to 43200 seconds; more than an hour needs an organization
         * policy. Default 3600 seconds. A token of the pool itself ends with the identity token, and after an hour at
         * most.
         */
        public Builder tokenLifetime(Duration tokenLifetime) {
            this.tokenLifetime = requireTokenLifetime(tokenLifetime);
            return this;
        }

        /**
         * Sets the OAuth scopes of the access token, at least one. Default {@code cloud-platform}, which leaves it to
         * IAM.
         */
        public Builder scopes(List<String> scopes) {
            // STS takes them as one text with blanks between them (RFC 6749, section 3.3).
            boolean wellFormed = scopes.stream().allMatch(UntrustedText::isVisibleAscii);
            if (scopes.isEmpty() || !wellFormed) {
                throw new IllegalArgumentException("There must be at least one scope, such as \"" + CLOUD_PLATFORM
                        + "\", and none with blanks; they were " + scopes);
            }
            this.scopes = List.copyOf(new LinkedHashSet<>(scopes));
            return this;
        }

        /** Sets the address of STS, https. Default {@code https://sts.googleapis.com/v1/token}. */
        public Builder tokenUrl(URI tokenUrl) {
            this.tokenUrl = requireTokenUrl(tokenUrl);
            return this;
        }

        /**
         * Sets the address of IAM Credentials, https and without a path. Default
         * {@code https://iamcredentials.googleapis.com}.
         */
        public Builder iamCredentialsUrl(URI iamCredentialsUrl) {
            this.iamCredentialsUrl = requireIamCredentialsUrl(iamCredentialsUrl);
            return this;
        }

        /** Sets the clock. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * Returns the exchanger.
         *
         * @throws IllegalArgumentException if there is a token lifetime and no service account, whose tokens it is for
         */
        public GcpWorkloadIdentityExchanger build() {
            if (tokenLifetime != null && serviceAccount == null) {
                throw new IllegalArgumentException(
                        "tokenLifetime is " + tokenLifetime
                                + " and serviceAccount is not set, but only tokens of a service account have a lifetime to choose");
            }
            return new GcpWorkloadIdentityExchanger(this);
        }
    }
}
