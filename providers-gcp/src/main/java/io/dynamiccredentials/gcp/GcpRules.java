package io.dynamiccredentials.gcp;

import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.SettingRule;
import io.dynamiccredentials.config.VariableFamily;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What can be set about Google Cloud. */
final class GcpRules {
    static final String SERVICE_ACCOUNT = "service_account";
    static final String WORKLOAD_POOL = "workload_pool";

    private static final String EXPECTED_ID = "4 to 32 lower-case letters, digits and hyphens, such as \"ci-pool\"";
    private static final String WITHOUT_NAME = "without the provider's full name";
    private static final String WITHOUT_ACCOUNT =
            "while the principal type is \"" + WORKLOAD_POOL + "\", which uses no service account";
    private static final Pattern SECONDS = Pattern.compile("[1-9][0-9]{2,4}");
    private static final Pattern SCOPE = Pattern.compile("https://[A-Za-z0-9./_-]{1,200}");
    private static final Pattern PROJECT =
            Pattern.compile("[0-9]{1,20}|(?:[a-z0-9.-]{1,100}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]");

    static final SettingRule PRINCIPAL_TYPE = SettingRule.builder(
                    "PRINCIPAL_TYPE", "whether the run acts as a service account or as a principal of the pool")
            .defaultsTo(SERVICE_ACCOUNT)
            .form(
                    value -> value.equals(SERVICE_ACCOUNT) || value.equals(WORKLOAD_POOL),
                    '"' + SERVICE_ACCOUNT + "\" or \"" + WORKLOAD_POOL + '"')
            .build();
    static final SettingRule UNIFIED_NAME = SettingRule.builder(
                    "WORKLOAD_PROVIDER_NAME", "the full name of the workload identity provider")
            .requiredWhen("unless project number, pool id and provider id are set", GcpRules::hasNoName)
            .form(ProviderName::isWellFormed, ProviderName.EXPECTED)
            .build();
    static final SettingRule PROJECT_NUMBER = SettingRule.builder(
                    "PROJECT_NUMBER", "the number of the provider's project")
            .requiredWhen(WITHOUT_NAME, GcpRules::hasPartOfName)
            .form(ProviderName::isProjectNumber, "the project's number and not its id, such as \"123456789\"")
            .build();
    static final SettingRule POOL_ID = SettingRule.builder("WORKLOAD_POOL_ID", "the id of the provider's pool")
            .requiredWhen(WITHOUT_NAME, GcpRules::hasPartOfName)
            .form(ProviderName::isId, EXPECTED_ID)
            .build();
    static final SettingRule PROVIDER_ID = SettingRule.builder(
                    "WORKLOAD_PROVIDER_ID", "the id of the provider in its pool")
            .requiredWhen(WITHOUT_NAME, GcpRules::hasPartOfName)
            .form(ProviderName::isId, EXPECTED_ID)
            .build();
    static final SettingRule EMAIL = SettingRule.builder(
                    "SERVICE_ACCOUNT_EMAIL", "the e-mail address of the service account")
            .perPhase()
            .requiredWhen("while the principal is a service account", settings -> !isOfPool(settings))
            .voidWhen(WITHOUT_ACCOUNT, GcpRules::isOfPool)
            .form(GcpWorkloadIdentityExchanger::isServiceAccount, GcpWorkloadIdentityExchanger.EXPECTED_SERVICE_ACCOUNT)
            .build();
    static final SettingRule AUDIENCE = SettingRule.builder(
                    "WORKLOAD_IDENTITY_AUDIENCE", "the audience of the token, one that the provider allows")
            .defaultsTo("the provider's name, after //iam.googleapis.com/")
            .form(GcpWorkloadIdentityExchanger::isAudience, GcpWorkloadIdentityExchanger.EXPECTED_AUDIENCE)
            .build();
    static final SettingRule LIFETIME = SettingRule.builder(
                    "TOKEN_LIFETIME_SECONDS", "how long tokens of the service account live")
            .beyondTerraform()
            .defaultsTo("what the host says, or 3600")
            .voidWhen(WITHOUT_ACCOUNT, GcpRules::isOfPool)
            .form(GcpRules::isLifetime, "600 to 43200 seconds, such as \"1800\"")
            .build();
    static final SettingRule SCOPES = SettingRule.builder(
                    "SCOPES", "the OAuth scopes of the access token that the run receives instead of a file")
            .beyondTerraform()
            .form(
                    value -> !list(value).isEmpty() && list(value).stream().allMatch(SCOPE.asMatchPredicate()),
                    "scopes with blanks or commas between them, such as "
                            + "\"https://www.googleapis.com/auth/devstorage.read_only\"")
            .build();
    static final SettingRule DELEGATES = SettingRule.builder(
                    "DELEGATES",
                    "the service accounts between the pool's principal and the service account; the run receives an "
                            + "access token instead of a file")
            .beyondTerraform()
            .voidWhen(WITHOUT_ACCOUNT, GcpRules::isOfPool)
            .form(
                    value -> !list(value).isEmpty()
                            && list(value).stream().allMatch(GcpWorkloadIdentityExchanger::isServiceAccount),
                    "e-mail addresses of service accounts with commas between them")
            .build();
    static final SettingRule UNIVERSE = SettingRule.builder(
                    "UNIVERSE", "the domain of the universe, one of those that the host allows")
            .beyondTerraform()
            .defaultsTo(GoogleAddresses.PUBLIC_UNIVERSE)
            .form(GoogleAddresses::isUniverse, GoogleAddresses.EXPECTED_UNIVERSE)
            .build();
    static final SettingRule EXPECTED_PROJECT = SettingRule.builder(
                    "EXPECTED_PROJECT",
                    "the project that the service account must be of, or the number of that of the pool")
            .beyondTerraform()
            .form(
                    value -> PROJECT.matcher(value).matches(),
                    "a project's id or number, such as \"shop-prod\" or \"123456789\"")
            .build();
    static final VariableFamily FAMILY = VariableFamily.builder("GCP")
            .rules(PRINCIPAL_TYPE, UNIFIED_NAME, PROJECT_NUMBER, POOL_ID, PROVIDER_ID, EMAIL, AUDIENCE)
            .rules(LIFETIME, SCOPES, DELEGATES, UNIVERSE, EXPECTED_PROJECT)
            .input("tfc_gcp_dynamic_credentials", "credentials")
            .moreInputFields("access_token")
            .build();

    private GcpRules() {}

    /** Tells whether the run acts as a principal of the pool and not as a service account. */
    static boolean isOfPool(PlatformSettings settings) {
        return settings.is(PRINCIPAL_TYPE, WORKLOAD_POOL);
    }

    /**
     * Tells whether the full name of the provider counts. It wins over its parts, but a default of it does not win over
     * the configuration's own parts.
     */
    static boolean hasWholeName(PlatformSettings settings) {
        return settings.explicit(UNIFIED_NAME).isPresent()
                || (settings.optional(UNIFIED_NAME).isPresent()
                        && parts().allMatch(part -> settings.explicit(part).isEmpty()));
    }

    private static boolean hasNoName(PlatformSettings settings) {
        return !hasWholeName(settings) && !hasPartOfName(settings);
    }

    private static boolean hasPartOfName(PlatformSettings settings) {
        return !hasWholeName(settings)
                && parts().anyMatch(part -> settings.optional(part).isPresent());
    }

    private static Stream<SettingRule> parts() {
        return Stream.of(PROJECT_NUMBER, POOL_ID, PROVIDER_ID);
    }

    /** Takes a list with blanks or commas between its members apart. */
    static List<String> list(String value) {
        return Pattern.compile("[ ,]+")
                .splitAsStream(value)
                .filter(member -> !member.isEmpty())
                .toList();
    }

    private static boolean isLifetime(String value) {
        return SECONDS.matcher(value).matches() && Integer.parseInt(value) >= 600 && Integer.parseInt(value) <= 43_200;
    }
}
