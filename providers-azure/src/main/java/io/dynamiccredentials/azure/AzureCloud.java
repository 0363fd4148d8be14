package io.dynamiccredentials.azure;

import java.net.URI;
import java.util.Arrays;
import java.util.Optional;

/** A cloud of Azure with an Entra ID, a Resource Manager and tenants of its own. */
public enum AzureCloud {
    /** The cloud that most tenants are in. */
    PUBLIC("public", "https://login.microsoftonline.com", "", "https://management.azure.com"),
    /** Azure Government, of the United States. */
    US_GOVERNMENT("usgovernment", "https://login.microsoftonline.us", "USGov", "https://management.usgovcloudapi.net"),
    /** Azure in China, which 21Vianet operates. */
    CHINA("china", "https://login.chinacloudapi.cn", "China", "https://management.chinacloudapi.cn");

    private final String id;
    private final URI authorityHost;
    private final String audience;
    private final String scope;

    AzureCloud(String id, String authorityHost, String audienceSuffix, String resourceManager) {
        this.id = id;
        this.authorityHost = URI.create(authorityHost);
        this.audience = "api://AzureADTokenExchange" + audienceSuffix;
        this.scope = resourceManager + "/.default";
    }

    /** Returns its name in settings and in {@code ARM_ENVIRONMENT}, for example {@code usgovernment}. */
    public String id() {
        return id;
    }

    /** Returns where its Entra ID takes tokens. */
    public URI authorityHost() {
        return authorityHost;
    }

    /** Returns the audience that Microsoft's documents give for it. */
    public String audience() {
        return audience;
    }

    /** Returns the scope of its Resource Manager. */
    public String scope() {
        return scope;
    }

    static Optional<AzureCloud> named(String id) {
        return Arrays.stream(values()).filter(cloud -> cloud.id.equals(id)).findFirst();
    }
}
