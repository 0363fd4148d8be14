package io.dynamiccredentials.environment;

import java.util.List;

/**
 * The input variable through which a Terraform configuration gets the credentials of several configurations.
 *
 * <p>Its value is {@code {"default": {FIELD: text, …}, "aliases": {TAG: {FIELD: text, …}, …}}}. Immutable.
 *
 * @param name the input variable's name, for example {@code tfc_aws_dynamic_credentials}
 * @param fields the members of each configuration, all texts
 * @param moreFields members that a configuration has only if it sets something that HCP Terraform does not know
 */
public record TerraformInput(String name, List<String> fields, List<String> moreFields) {

    /** Copies the lists. */
    public TerraformInput {
        fields = List.copyOf(fields);
        moreFields = List.copyOf(moreFields);
    }
}
