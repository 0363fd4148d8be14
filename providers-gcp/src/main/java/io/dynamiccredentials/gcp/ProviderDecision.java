package io.dynamiccredentials.gcp;

import io.dynamiccredentials.wire.UntrustedText;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a {@link WorkloadIdentityProvider} says to a token. */
public sealed interface ProviderDecision {

    /** What is checked of a token, in this order. The signature is checked after the audience. */
    enum Check {
        /** That the provider takes tokens at all. */
        PROVIDER,
        /** The claim {@code iss}. */
        ISSUER,
        /** The claim {@code aud}. */
        AUDIENCE,
        /** The claims {@code iat}, {@code exp} and {@code nbf}. */
        TIME,
        /** That all attributes have a value of their type and size. */
        MAPPING,
        /** The attribute condition. */
        CONDITION
    }

    /**
     * The provider takes the token, if its signature is good. Immutable.
     *
     * @param pool the full name of the pool
     * @param subject {@code google.subject}
     * @param groups {@code google.groups}
     * @param attributes the custom attributes by their names, without {@code attribute.}
     */
    record Accepted(String pool, String subject, List<String> groups, Map<String, String> attributes)
            implements ProviderDecision {
        /** Copies the collections. */
        public Accepted {
            groups = List.copyOf(groups);
            attributes = Map.copyOf(attributes);
        }

        /** Returns how IAM's policies name the holder, {@code principal://iam.googleapis.com/…/subject/…}. */
        public String principal() {
            return "principal:" + ProviderName.HOST + pool + "/subject/" + subject;
        }

        /**
         * Returns all members of a policy's binding that mean the holder: the principal, and the sets by group, by
         * attribute and of the whole pool.
         */
        public Set<String> members() {
            String set = "principalSet:" + ProviderName.HOST + pool;
            Set<String> members = new LinkedHashSet<>();
            members.add(principal());
            groups.forEach(group -> members.add(set + "/group/" + group));
            attributes.forEach((key, value) -> members.add(set + "/attribute." + key + "/" + value));
            members.add(set + "/*");
            return Collections.unmodifiableSet(members);
        }
    }

    /**
     * The provider refuses the token. Immutable.
     *
     * @param check the first check that is not met
     * @param error Google's error code
     * @param description Google's text, in which parts of the token stand as they came
     * @param expected what would be accepted
     * @param actual what came, fit for a message
     */
    record Refused(Check check, String error, String description, String expected, String actual)
            implements ProviderDecision {
        /** Makes {@code actual}, which may be of the token, fit for a message. */
        public Refused {
            actual = UntrustedText.clean(actual);
        }

        /** Tells whether Google says so before it looks at the signature. */
        public boolean precedesSignature() {
            return check.compareTo(Check.AUDIENCE) <= 0;
        }

        static Refused byCondition(Check check, String expected, String actual) {
            return new Refused(
                    check,
                    "unauthorized_client",
                    "The given credential is rejected by the attribute condition.",
                    expected,
                    actual);
        }
    }
}
