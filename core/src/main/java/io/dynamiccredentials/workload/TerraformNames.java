package io.dynamiccredentials.workload;

import java.util.Map;
import java.util.regex.Pattern;

/**
 * Refuses names that could forge a part of a Terraform subject, or match a pattern of a trust policy, and turns the
 * others into the claims of HCP Terraform.
 */
final class TerraformNames {
    /** How the name of each claim begins that HCP Terraform sets. */
    static final String CLAIM_PREFIX = "terraform_";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,90}");
    private static final Pattern MODULE = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern PROJECT = Pattern.compile("[A-Za-z0-9_-](?:[A-Za-z0-9 _-]{0,88}[A-Za-z0-9_-])?");

    private TerraformNames() {}

    static String requireName(String what, String value) {
        return require(what, NAME, "1 to 90 ASCII letters, digits, \"-\" or \"_\"", value);
    }

    static String requireModule(String value) {
        return require("module", MODULE, "1 to 64 ASCII letters, digits, \"-\" or \"_\"", value);
    }

    static String requireProject(String value) {
        return require(
                "project", PROJECT, "1 to 90 ASCII letters, digits, \"-\" or \"_\" with blanks only inside", value);
    }

    /** Sets {@code terraform_…_id}, if {@code ids} has it, and {@code terraform_…_name}. */
    static void identify(Claims.Builder claims, String what, Map<String, String> ids, String name) {
        String id = ids.get(what);
        if (id != null) {
            claims.text(CLAIM_PREFIX + what + "_id", id);
        }
        claims.text(CLAIM_PREFIX + what + "_name", name);
    }

    private static String require(String what, Pattern allowed, String expected, String value) {
        if (!allowed.matcher(value).matches()) {
            throw new IllegalArgumentException("The " + what + " must be " + expected
                    + ", so that it can't forge a part of the subject; it was \"" + value + "\"");
        }
        return value;
    }
}
