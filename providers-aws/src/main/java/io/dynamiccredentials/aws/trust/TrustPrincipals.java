package io.dynamiccredentials.aws.trust;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The element {@code Principal} of a trust policy. Immutable.
 *
 * @param everybody whether it is {@code *}, whoever that may be
 * @param names all that it names
 */
record TrustPrincipals(boolean everybody, Set<String> names) {
    private static final Set<String> KINDS = Set.of("AWS", "Federated", "Service");
    private static final String PARTITION = "arn:(?:aws|aws-cn|aws-us-gov|aws-iso(?:-[bef])?|aws-eusc)";
    private static final String PATH = "(?:[!#-)+-.0->@-~]+/){0,64}";
    private static final Pattern AWS = Pattern.compile(
            "[0-9]{12}|" + PARTITION + ":(?:iam::[0-9]{12}:(?:root|(?:user|role)/" + PATH
                    + "[\\w+=,.@-]{1,64})|sts::[0-9]{12}:(?:assumed-role/[\\w+=,.@-]{1,64}|federated-user)/[\\w+=,.@-]{2,64})");
    private static final Pattern FEDERATED = Pattern.compile(PARTITION
            + ":iam::[0-9]{12}:(?:oidc-provider/[\\w.~%!$&'()+,;=:@/\\[\\]-]{1,255}|saml-provider/[\\w._-]{1,128})"
            + "|accounts\\.google\\.com|cognito-identity\\.amazonaws\\.com|graph\\.facebook\\.com|www\\.amazon\\.com");
    private static final Pattern SERVICE = Pattern.compile("[a-z0-9-]+(?:\\.[a-z0-9-]+)*\\.amazonaws\\.com(?:\\.cn)?");

    /**
     * Reads the element.
     *
     * @throws IllegalArgumentException if it is malformed
     */
    static TrustPrincipals parse(JsonNode element) {
        if (element.isTextual()) {
            if (!element.textValue().equals("*")) {
                throw MalformedPolicy.because(
                        "The element Principal must be \"*\" or an object with members among " + KINDS,
                        element.textValue());
            }
            return new TrustPrincipals(true, Set.of());
        }
        MalformedPolicy.requireMembers(element, "the element Principal", KINDS);
        Set<String> names = new LinkedHashSet<>();
        for (Map.Entry<String, JsonNode> kind : element.properties()) {
            for (String name : MalformedPolicy.texts(kind.getValue(), "A principal")) {
                names.add(checked(kind.getKey(), name));
            }
        }
        if (names.isEmpty()) {
            throw MalformedPolicy.because("The element Principal must name somebody");
        }
        boolean everybody = names.remove("*");
        return new TrustPrincipals(everybody, Set.copyOf(names));
    }

    private static String checked(String kind, String name) {
        boolean known = switch (kind) {
            case "AWS" -> name.equals("*") || AWS.matcher(name).matches();
            case "Federated" -> FEDERATED.matcher(name).matches();
            default -> SERVICE.matcher(name).matches();
        };
        if (!known) {
            throw MalformedPolicy.because(
                    "A principal of kind " + kind + " must be a whole name of that kind, such as an ARN, without "
                            + "wildcards",
                    name);
        }
        return name;
    }

    /** Tells whether it names who asks. */
    boolean include(AwsTrustRequest request, boolean denied) {
        // Whether "*" means the holder of a foreign token is told nowhere: nobody is let in by it, and everybody out.
        return (everybody && (denied || !request.isByToken()))
                || request.principals().stream().anyMatch(names::contains);
    }

    String expected() {
        return everybody
                ? "any principal of AWS"
                : AwsTrustDecision.quote(List.copyOf(names).stream().sorted().toList());
    }
}
