package io.dynamiccredentials.gcp;

import com.google.auth.oauth2.AccessToken;
import com.google.auth.oauth2.GoogleCredentials;
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

    private static final String CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";
    private static final Duration MIN_LIFETIME = Duration.ofMinutes(10);
    private static final Duration MAX_LIFETIME = Duration.ofHours(12);
    private static final Pattern SERVICE_ACCOUNT =
            Pattern.compile("[a-z0-9][a-z0-9.-]{0,62}@(?:[a-z0-9][a-z0-9.-]{0,120}[.])?gserviceaccount[.]com");

    private final ProviderName provider;
    private final Optional<Impersonation> impersonation;
    private final String audience;
    private final List<String> scopes;
    private final GoogleAddresses addresses;
    private final BoundedHttpClient http;
    private final Clock clock;

    private GcpWorkloadIdentityExchanger(Builder builder) {
        this.provider = builder.provider;
        this.impersonation = builder.impersonation();
        this.audience = builder.audience == null ? provider.resource() : builder.audience;
        this.scopes = builder.scopes;
        this.addresses = new GoogleAddresses(builder.tokenUrl, builder.iamCredentialsUrl);
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
        steps.add(new StsStep(addresses.tokenUrl().toString(), provider, token));
        impersonation.ifPresent(as -> steps.add(new IamStep(url(as), as, holder)));
        GoogleCall call = new GoogleCall(http, clock, steps);
        try {
            AccessToken accessToken = credentials(token.compact(), call).refreshAccessToken();
            Instant expiresAt = call.expiresAt().orElseThrow(call::failure);
            return new GcpAccessCredentials(
                    Secret.of(accessToken.getTokenValue()),
                    impersonation.map(Impersonation::serviceAccount).orElse(holder),
                    expiresAt,
                    call.requestId());
        } catch (IOException e) {
            // Not chained: the library's messages can quote an answer, in which a server may echo the token.
            throw call.failure();
        }
    }

    ProviderName provider() {
        return provider;
    }

    URI tokenUrl() {
        return addresses.tokenUrl();
    }

    List<String> scopes() {
        return scopes;
    }

    /** Returns as whom its tokens act; empty for the pool's own principal. */
    Optional<Impersonation> impersonation() {
        return impersonation;
    }

    /** Returns where the impersonation goes; empty if there is none. */
    Optional<String> impersonationUrl() {
        return impersonation.map(this::url);
    }

    static boolean isAudience(String audience) {
        return audience.length() <= 256 && UntrustedText.isVisibleAscii(audience);
    }

    static boolean isServiceAccount(String email) {
        return SERVICE_ACCOUNT.matcher(email).matches();
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

    private String url(Impersonation as) {
        return addresses.impersonationUrl(as.serviceAccount());
    }

    private GoogleCredentials credentials(Secret token, GoogleCall call) {
        GoogleCredentials federated = IdentityPoolCredentials.newBuilder()
                .setHttpTransportFactory(call)
                .setAudience(provider.resource())
                .setSubjectTokenType(SUBJECT_TOKEN_TYPE)
                .setSubjectTokenSupplier(context -> token.reveal())
                .setTokenUrl(addresses.tokenUrl().toString())
                .setScopes(scopes)
                .build();
        return impersonation.map(as -> as.of(federated, scopes, url(as), call)).orElse(federated);
    }

    /** Collects the settings of an exchanger. Not safe for use by several threads. */
    public static final class Builder {
        private final ProviderName provider;
        private final BoundedHttpClient http;
        private @Nullable String serviceAccount;
        private @Nullable String audience;
        private @Nullable Duration tokenLifetime;
        private List<String> delegates = List.of();
        private List<String> scopes = List.of(CLOUD_PLATFORM);
        private URI tokenUrl = GoogleAddresses.PUBLIC.tokenUrl();
        private URI iamCredentialsUrl = GoogleAddresses.PUBLIC.iamCredentialsUrl();
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
         * Sets the service accounts between the pool's principal and {@link #serviceAccount}: the principal acts as the
         * first, and each may make tokens of the next. Default: none.
         *
         * @throws IllegalArgumentException if one is not the e-mail address of a service account
         */
        public Builder delegates(List<String> emails) {
            if (!emails.stream().allMatch(GcpWorkloadIdentityExchanger::isServiceAccount)) {
                throw new IllegalArgumentException(
                        "Each delegate must be " + EXPECTED_SERVICE_ACCOUNT + "; they were " + emails);
            }
            this.delegates = List.copyOf(emails);
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
            this.tokenUrl = GoogleAddresses.requireTokenUrl(tokenUrl);
            return this;
        }

        /**
         * Sets the address of IAM Credentials, https and without a path. Default
         * {@code https://iamcredentials.googleapis.com}.
         */
        public Builder iamCredentialsUrl(URI iamCredentialsUrl) {
            this.iamCredentialsUrl = GoogleAddresses.requireIamCredentialsUrl(iamCredentialsUrl);
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
         * @throws IllegalArgumentException if there is a token lifetime or a delegate and no service account, whose
         *     tokens they are for; or if a service account is in its own chain
         */
        public GcpWorkloadIdentityExchanger build() {
            if (tokenLifetime != null && serviceAccount == null) {
                throw new IllegalArgumentException(
                        "tokenLifetime is " + tokenLifetime
                                + " and serviceAccount is not set, but only tokens of a service account have a lifetime to choose");
            }
            if (!delegates.isEmpty() && serviceAccount == null) {
                throw new IllegalArgumentException("delegates are " + delegates
                        + " and serviceAccount is not set, but a chain must end in a service account");
            }
            return new GcpWorkloadIdentityExchanger(this);
        }

        private Optional<Impersonation> impersonation() {
            Duration lifetime = tokenLifetime == null ? Duration.ofHours(1) : tokenLifetime;
            return Optional.ofNullable(serviceAccount).map(email -> new Impersonation(email, delegates, lifetime));
        }
    }
}
