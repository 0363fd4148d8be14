package io.dynamiccredentials.azure;

import com.azure.core.credential.TokenRequestContext;
import com.azure.core.http.HttpPipelineBuilder;
import com.azure.core.util.Configuration;
import com.azure.identity.ClientAssertionCredential;
import com.azure.identity.ClientAssertionCredentialBuilder;
import io.dynamiccredentials.exchange.CredentialExchanger;
import io.dynamiccredentials.token.IdentityToken;
import io.dynamiccredentials.wire.BoundedHttpClient;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Trades identity tokens at Microsoft Entra ID for access tokens of one application (client credentials grant with a
 * client assertion, RFC 7523, section 2.2), through azure-identity.
 *
 * <p>One request per call, and no retries, redirects, caches or discovery requests. Entra has no way to end an access
 * token before its time. Safe for use by many threads.
 */
public final class AzureFederatedExchanger implements CredentialExchanger<AzureAccessCredentials> {
    /** The audience that Microsoft's documents give for the public cloud. */
    public static final String STANDARD_AUDIENCE = "api://AzureADTokenExchange";

    /** The scope of Azure Resource Manager in the public cloud. */
    public static final String STANDARD_SCOPE = "https://management.azure.com/.default";

    static final String PLATFORM = "Azure";
    static final URI STANDARD_AUTHORITY = URI.create("https://login.microsoftonline.com");
    static final String TENANT_FORM =
            "a tenant's id or domain, such as \"contoso.onmicrosoft.com\", and not \"common\", "
                    + "\"organizations\" or \"consumers\"";
    static final String CLIENT_FORM = "an application (client) id, such as \"11111111-2222-3333-4444-555555555555\"";

    static final String EXPECTED_AUDIENCE = "1 to 600 printable ASCII characters without blanks";

    static final String EXPECTED_SCOPE =
            "a resource and \"/.default\", such as \"https://management.azure.com/.default\"";

    private static final String GUID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";
    // A domain has a dot, which rules out the multi-tenant words; it becomes a part of a path, so no "..".
    private static final Pattern TENANT = Pattern.compile(GUID + "|[0-9A-Za-z-]++(?:[.][0-9A-Za-z-]++)++");
    // More than any domain has; it bounds the work that a value of the workspace makes.
    private static final int MAX_TENANT = 512;
    private static final Pattern CLIENT = Pattern.compile(GUID);
    private static final Pattern SCOPE = Pattern.compile("[!-~]{1,500}/[.]default");
    private static final Pattern AUDIENCE = Pattern.compile("[!-~]{1,600}");
    private static final CallerThread CALLER_THREAD = new CallerThread();

    private final String tenantId;
    private final String clientId;
    private final String audience;
    private final String scope;
    private final URI authorityHost;
    private final BoundedHttpClient http;
    private final Clock clock;

    private AzureFederatedExchanger(Builder builder) {
        this.tenantId = builder.tenantId;
        this.clientId = builder.clientId;
        this.audience = builder.audience;
        this.scope = builder.scope;
        this.authorityHost = builder.authorityHost;
        this.http = builder.http;
        this.clock = builder.clock;
    }

    /**
     * Starts an exchanger for one application.
     *
     * @param tenantId the tenant's id or one of its domains
     * @param clientId the application (client) id of an application or a user-assigned managed identity
     * @param http the client; make one and share it
     * @throws IllegalArgumentException if {@code tenantId} or {@code clientId} is malformed
     */
    public static Builder builder(String tenantId, String clientId, BoundedHttpClient http) {
        return new Builder(tenantId, clientId, http);
    }

    @Override
    public String platform() {
        return PLATFORM;
    }

    @Override
    public String audience() {
        return audience;
    }

    /** Returns the address that tokens are sent to. */
    public URI tokenEndpoint() {
        return URI.create(authorityHost + "/" + tenantId + "/oauth2/v2.0/token");
    }

    String scope() {
        return scope;
    }

    @Override
    public AzureAccessCredentials exchange(IdentityToken token) {
        Instant before = clock.instant();
        EntraFailures failures = new EntraFailures(tenantId, clientId, scope, token, clock);
        EntraCall call = new EntraCall(http, tokenEndpoint(), failures);
        String accessToken;
        try {
            accessToken = credential(token, call)
                    .getTokenSync(new TokenRequestContext().addScopes(scope))
                    .getToken();
        } catch (RuntimeException e) {
            // The SDK throws bare RuntimeExceptions. What happened is known to the call, unless the SDK itself failed.
            throw call.failure().orElseGet(() -> failures.ofSdk(rootOf(e)));
        }
        EntraGrant grant = call.grant()
                .filter(granted -> granted.accessToken().reveal().equals(accessToken))
                .orElseThrow(() -> failures.ofSdk("its token is not the one that Azure granted"));
        requireOwnApplication(grant, failures);
        return new AzureAccessCredentials(
                grant.accessToken(), tenantId, clientId, before.plus(grant.lifetime()), grant.requestId());
    }

    /** Believes a token that says whose it is. One that says nothing was asked for by the right client id. */
    private void requireOwnApplication(EntraGrant grant, EntraFailures failures) {
        AccessTokenClaims.of(grant.accessToken())
                .application()
                .filter(told -> !told.equalsIgnoreCase(clientId))
                .ifPresent(told -> {
                    throw failures.otherApplication(told);
                });
    }

    /**
     * A credential of its own for each exchange: its cache must not answer a new identity token with an old access
     * token.
     */
    private ClientAssertionCredential credential(IdentityToken token, EntraCall call) {
        return new ClientAssertionCredentialBuilder()
                // First, since it resets the authority host. Without it, environment variables would count.
                .configuration(Configuration.NONE)
                .authorityHost(authorityHost.toString())
                .disableInstanceDiscovery()
                .tenantId(tenantId)
                .clientId(clientId)
                .clientAssertion(() -> token.compact().reveal())
                .executorService(CALLER_THREAD)
                // A pipeline without policies has none that retries and none that logs bodies.
                .pipeline(new HttpPipelineBuilder().httpClient(call).build())
                .build();
    }

    /** Names the failure and leaves out what it says, which may hold the token. */
    private static String rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getName();
    }

    static boolean isAudience(String text) {
        return AUDIENCE.matcher(text).matches();
    }

    static boolean isTenant(String text) {
        return text.length() <= MAX_TENANT && TENANT.matcher(text).matches();
    }

    static boolean isGuid(String text) {
        return CLIENT.matcher(text).matches();
    }

    static boolean isScope(String text) {
        return SCOPE.matcher(text).matches();
    }

    /** Returns the address in lower case and without a trailing slash. */
    static URI requireAuthority(URI authorityHost) {
        boolean bare = authorityHost.getRawUserInfo() == null
                && authorityHost.getRawQuery() == null
                && authorityHost.getRawFragment() == null
                && ("".equals(authorityHost.getRawPath()) || "/".equals(authorityHost.getRawPath()));
        if (!bare || !"https".equalsIgnoreCase(authorityHost.getScheme()) || authorityHost.getHost() == null) {
            throw new IllegalArgumentException("The authority host must be https with a host and no path, such as "
                    + "\"https://login.microsoftonline.us/\"; it was \"" + authorityHost + "\"");
        }
        String text = authorityHost.toString().toLowerCase(Locale.ROOT);
        return URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    }

    static String requireScope(String scope) {
        return require(SCOPE, "scope", scope, EXPECTED_SCOPE);
    }

    private static String require(Pattern form, String what, String value, String expected) {
        return require(form.matcher(value).matches(), what, value, expected);
    }

    private static String require(boolean wellFormed, String what, String value, String expected) {
        if (!wellFormed) {
            throw new IllegalArgumentException(
                    "The Azure " + what + " must be " + expected + "; it was \"" + value + "\"");
        }
        return value;
    }

    /** Collects the settings of an exchanger. Not safe for use by several threads. */
    public static final class Builder {
        private final String tenantId;
        private final String clientId;
        private final BoundedHttpClient http;
        private String audience = STANDARD_AUDIENCE;
        private String scope = STANDARD_SCOPE;
        private URI authorityHost = STANDARD_AUTHORITY;
        private Clock clock = Clock.systemUTC();

        private Builder(String tenantId, String clientId, BoundedHttpClient http) {
            this.tenantId = require(isTenant(tenantId), "tenant", tenantId, TENANT_FORM);
            this.clientId = require(CLIENT, "client id", clientId, CLIENT_FORM);
            this.http = http;
        }

        /**
         * Sets the audience of the application's federated identity credential. Default {@value #STANDARD_AUDIENCE}.
         *
         * @throws IllegalArgumentException if it is not 1 to 600 printable ASCII characters without blanks
         */
        public Builder audience(String audience) {
            this.audience = require(AUDIENCE, "audience", audience, EXPECTED_AUDIENCE);
            return this;
        }

        /**
         * Sets what the access token is for. Default {@value #STANDARD_SCOPE}.
         *
         * @throws IllegalArgumentException if it does not end in {@code /.default}, or has blanks
         */
        public Builder scope(String scope) {
            this.scope = requireScope(scope);
            return this;
        }

        /**
         * Sets the cloud, for example {@code https://login.microsoftonline.us/}. Default
         * {@code https://login.microsoftonline.com/}.
         *
         * @throws IllegalArgumentException if it is not https, or has more than a host and a port
         */
        public Builder authorityHost(URI authorityHost) {
            this.authorityHost = requireAuthority(authorityHost);
            return this;
        }

        /** Sets the clock. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** Returns the exchanger. */
        public AzureFederatedExchanger build() {
            return new AzureFederatedExchanger(this);
        }
    }
}
