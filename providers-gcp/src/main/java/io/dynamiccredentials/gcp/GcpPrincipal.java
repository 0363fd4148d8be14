package io.dynamiccredentials.gcp;

import io.dynamiccredentials.config.PlatformSettings;
import io.dynamiccredentials.config.Setting;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads through which provider a run comes, and as whom it acts. */
final class GcpPrincipal {
    private static final Pattern OF_PROJECT =
            Pattern.compile("[^@]+@(?<project>[a-z0-9-]+)(?:[.](?<domain>[a-z0-9.-]+))?[.]iam[.]gserviceaccount[.]com");
    private static final Pattern OF_APP_ENGINE = Pattern.compile("(?<project>[^@]+)@appspot[.]gserviceaccount[.]com");
    private static final Pattern OF_COMPUTE_ENGINE =
            Pattern.compile("(?<project>[0-9]+)-compute@developer[.]gserviceaccount[.]com");

    private final PlatformSettings settings;

    GcpPrincipal(PlatformSettings settings) {
        this.settings = settings;
    }

    /** Returns the full name of the provider. */
    String providerName() {
        if (GcpRules.hasWholeName(settings)) {
            return settings.required(GcpRules.UNIFIED_NAME).value();
        }
        return new ProviderName(
                        settings.required(GcpRules.PROJECT_NUMBER).value(),
                        settings.required(GcpRules.POOL_ID).value(),
                        settings.required(GcpRules.PROVIDER_ID).value())
                .value();
    }

    /** Returns the e-mail address of the service account; empty if the run acts as the pool's principal. */
    Optional<String> serviceAccount() {
        return GcpRules.isOfPool(settings)
                ? Optional.empty()
                : Optional.of(settings.required(GcpRules.EMAIL).value());
    }

    /** Returns the service accounts between the pool's principal and {@code serviceAccount}. */
    List<String> delegates(Optional<String> serviceAccount) {
        Optional<Setting> delegates = settings.optional(GcpRules.DELEGATES);
        if (serviceAccount.isEmpty() || delegates.isEmpty()) {
            return List.of();
        }
        List<String> emails = GcpRules.list(delegates.get().value());
        delegates
                .get()
                .require(
                        all -> Impersonation.isChain(emails, serviceAccount.get()),
                        "service accounts that lead to \"" + serviceAccount.get()
                                + "\", each of them once and without that one itself");
        return emails;
    }

    /**
     * Refuses a run that acts in another project than the expected one. Google's answers name none, so that this is all
     * that can be checked.
     */
    void requireExpectedProject(Optional<String> serviceAccount) {
        Optional<Setting> expected = settings.optional(GcpRules.EXPECTED_PROJECT);
        if (expected.isEmpty()) {
            return;
        }
        String actual = serviceAccount
                .map(GcpPrincipal::projectOf)
                .orElseGet(() -> ProviderName.parse(providerName()).projectNumber());
        String whose = serviceAccount
                .map(email -> "the project of service account \"" + email + "\"")
                .orElse("the number of the provider's project");
        expected.get().require(actual::equals, whose + (actual.isEmpty() ? ", which its name hides" : ", " + actual));
    }

    /** Returns the id, or for an account of Compute Engine the number, that an address has in it; or nothing. */
    static String projectOf(String email) {
        return Stream.of(OF_PROJECT, OF_APP_ENGINE, OF_COMPUTE_ENGINE)
                .map(form -> form.matcher(email))
                .filter(Matcher::matches)
                .findFirst()
                .map(GcpPrincipal::projectOf)
                .orElse("");
    }

    private static String projectOf(Matcher email) {
        boolean scoped = email.pattern().equals(OF_PROJECT) && email.group("domain") != null;
        // The account of "example.com:shop" is of "shop.example.com".
        return (scoped ? email.group("domain") + ":" : "") + email.group("project");
    }
}
